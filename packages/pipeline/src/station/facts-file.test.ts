import { mkdir, mkdtemp, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writePhantomStudy } from "../../../../apps/web/test/phantom-study.ts";
import { openFacts } from "./facts-file.ts";
import { openStation } from "./station.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "quintet-facts-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What is made for the file, and how often it was. */
function counted(value: unknown): { readonly make: () => Promise<unknown>; readonly times: () => number } {
  let times = 0;
  return {
    make: async () => {
      times++;
      return value;
    },
    times: () => times,
  };
}

test("a fact is found once, by whoever opens the results next too, until the file or a partner of it changes", async () => {
  const out = join(folder, "kept");
  await mkdir(out);
  const [path, partner] = [join(out, "a_eeg.vhdr"), join(out, "a_eeg.vmrk")];
  await writeFile(path, "head");
  const { make, times } = counted({ rate: 500 });
  const ask = async (): Promise<unknown> => {
    const facts = await openFacts(out, "01");
    const value = await facts.of("recording", path, make);
    await facts.save();
    return value;
  };
  expect([await ask(), await ask(), times()]).toEqual([{ rate: 500 }, { rate: 500 }, 1]);
  await writeFile(partner, "marks");
  await ask();
  expect(times()).toBe(2);
  await utimes(path, new Date(), new Date(Date.now() + 5000));
  await ask();
  expect(times()).toBe(3);
  // Another file of the folder is no partner.
  await writeFile(join(out, "b_eeg.vhdr"), "head");
  await ask();
  expect(times()).toBe(3);
});

test.each([
  ["a number that JSON has not", { end: Number.POSITIVE_INFINITY }],
  ["an absent field", { name: undefined }],
  ["numbers in a typed array", { matrix: Float64Array.of(1) }],
])("%s does not come back from a file as it was, and is found again", async (_, value) => {
  const out = await mkdtemp(join(folder, "odd-"));
  await writeFile(join(out, "x"), "");
  const { make, times } = counted(value);
  for (let k = 0; k < 2; k++) {
    const facts = await openFacts(out, "01");
    expect(await facts.of("kind", join(out, "x"), make)).toBe(value);
    await facts.save();
  }
  expect(times()).toBe(2);
});

test("a failure is not kept, a broken table is none, results that are not there are not made", async () => {
  const out = join(folder, "broken");
  await mkdir(join(out, ".quintet", "station"), { recursive: true });
  await writeFile(join(out, "x"), "");
  await writeFile(join(out, ".quintet", "station", "sub-01.json"), "{");
  const facts = await openFacts(out, "01");
  const fail = (): Promise<never> => Promise.reject(new Error("cut off"));
  await expect(facts.of("kind", join(out, "x"), fail)).rejects.toThrow("cut off");
  expect(await facts.of("kind", join(out, "x"), async () => 5)).toBe(5);
  const nowhere = join(folder, "nowhere");
  const none = await openFacts(nowhere, "01");
  await none.of("kind", join(out, "x"), async () => 5);
  await none.save();
  await expect(stat(nowhere)).rejects.toThrow();
});

test("the scene of known facts is the scene of the files; its first part lacks recordings and surfaces at most", async () => {
  const study = join(folder, "study");
  await writePhantomStudy(study);
  const whole = async (): Promise<unknown> => {
    await using station = await openStation(study);
    return station.scene();
  };
  const fresh = await whole();
  const kept = JSON.parse(await readFile(join(study, "derivatives/.quintet/station/sub-01.json"), "utf8"));
  expect(Object.keys(kept.facts).map((key) => key.split(" ")[0])).toContain("recording");
  expect(await whole()).toEqual(fresh);
  await rm(join(study, "derivatives/.quintet"), { recursive: true });
  await using station = await openStation(study);
  const [first, again] = await Promise.all([station.scene("01", "first"), station.scene("01")]);
  // The recording's thread has to start: images never wait for it.
  expect([first.pending, first.recordings, first.surfaces]).toEqual([true, [], []]);
  expect([again.pending, again.recordings.length, again.surfaces.length]).toEqual([undefined, 1, 2]);
  const { pending: _, recordings: __, surfaces: ___, clock: ____, start: _____, ...images } = first;
  expect(again).toMatchObject(images);
  expect(again).toEqual(fresh);
});
