import { createHash } from "node:crypto";
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EventsTable, StationEvent } from "@quintet/view";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { writeTinyStudy } from "../../../../testing/tiny-study.ts";
import { openStation, type Station } from "./station.ts";

const original = "onset\tduration\ttrial_type\n2\t0\tblink\n5\t1.5\tspike\n";
let root: string;
let table: string;
let station: Station;
let id: string;
const read = (): Promise<EventsTable> => station.events(id);

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "quintet-events-"));
  await writeTinyStudy(root, ["eeg"]);
  table = join(root, "sub-01/eeg/sub-01_task-rest_events.tsv");
  station = await openStation(root);
  id = (await station.scene()).recordings[0]?.id ?? "";
});
beforeEach(async () => {
  await writeFile(table, original);
  await rm(join(root, "sub-01/eeg/.sub-01_task-rest_events.history.json"), { force: true });
});
afterAll(async () => {
  await station[Symbol.asyncDispose]();
  await rm(root, { recursive: true, force: true });
});

const mark = (onset: number, type: string): StationEvent => ({ onset, duration: 0, type });

test("an event is added, found after a reload, taken back after another, and done again", async () => {
  const edf = join(root, "sub-01/eeg/sub-01_task-rest_eeg.edf");
  const hash = async (): Promise<string> =>
    createHash("sha256")
      .update(await readFile(edf))
      .digest("hex");
  const before = await hash();
  const { version, events } = await read();
  expect(events).toEqual([mark(2, "blink"), { onset: 5, duration: 1.5, type: "spike" }]);
  const saved = await station.saveEvents(id, version, [...events, mark(3.25, "sharp wave")]);
  expect([saved.events.map(({ onset }) => onset), saved.undo, saved.redo]).toEqual([[2, 3.25, 5], 1, 0]);
  expect(await readFile(table, "utf8")).toBe(
    "onset\tduration\ttrial_type\n2\t0\tblink\n3.25\t0\tsharp wave\n5\t1.5\tspike\n",
  );
  // As a page finds it that is opened anew.
  await using later = await openStation(root);
  await later.scene();
  const found = await later.events(id);
  expect(found.undo).toBe(1);
  const back = await later.stepEvents(id, found.version, true);
  expect([back.events.length, back.undo, back.redo, await readFile(table, "utf8")]).toEqual([2, 0, 1, original]);
  const again = await later.stepEvents(id, back.version, false);
  expect([again.events.length, again.undo, again.redo]).toEqual([3, 1, 0]);
  await expect(later.stepEvents(id, again.version, false)).rejects.toMatchObject({ code: "nothing-to-redo" });
  expect(await hash()).toBe(before);
});

test("columns that the page does not know stay, with their order and words", async () => {
  const text =
    "onset\tsample\ttrial_type\tduration\tvalue\tHED\n1\t100\tgo\t0\tS 12\tSensory-event\n4\t400\tstop\t0.5\t7\tn/a\n";
  await writeFile(table, text);
  const { version, events } = await read();
  expect(events[0]).toEqual({
    onset: 1,
    duration: 0,
    type: "go",
    extra: { value: "S 12", sample: "100", HED: "Sensory-event" },
  });
  const saved = await station.saveEvents(id, version, [...events, { ...mark(2, "new"), channels: ["C3"] }]);
  expect(saved.events.length).toBe(3);
  expect(await readFile(table, "utf8")).toBe(
    "onset\tsample\ttrial_type\tduration\tvalue\tHED\tchannel\n1\t100\tgo\t0\tS 12\tSensory-event\tn/a\n2\tn/a\tnew\t0\tn/a\tn/a\tC3\n4\t400\tstop\t0.5\t7\tn/a\tn/a\n",
  );
});

test("whoever saves over what they have not seen is refused, and an edit from outside ends the history", async () => {
  const { version, events } = await read();
  const both = await Promise.allSettled([
    station.saveEvents(id, version, [...events, mark(1, "a")]),
    station.saveEvents(id, version, [...events, mark(1, "b")]),
  ]);
  expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect((both.find(({ status }) => status === "rejected") as PromiseRejectedResult).reason.code).toBe(
    "version-conflict",
  );
  await writeFile(table, "onset\tduration\ttrial_type\n9\t0\tedited elsewhere\n");
  const after = await read();
  expect([after.undo, after.events.length]).toEqual([0, 1]);
  await expect(station.saveEvents(id, version, events)).rejects.toMatchObject({ code: "version-conflict" });
  await expect(station.saveEvents(id, undefined, events)).rejects.toMatchObject({ code: "version-conflict" });
});

test("without a table the first save makes one, and taking it back removes it", async () => {
  await rm(table);
  const { version, events } = await read();
  expect(events).toEqual([]);
  const saved = await station.saveEvents(id, version, [mark(7, "eyes closed")]);
  expect(await readFile(table, "utf8")).toBe("onset\tduration\ttrial_type\n7\t0\teyes closed\n");
  await station.stepEvents(id, saved.version, true);
  await expect(readFile(table)).rejects.toMatchObject({ code: "ENOENT" });
});

test("nothing half written is left when the folder cannot be written", async () => {
  const { version, events } = await read();
  const folder = join(root, "sub-01/eeg");
  const before = await readFile(table, "utf8");
  await chmod(folder, 0o500);
  // Root writes anywhere: then there is nothing to see.
  const canWrite = await writeFile(join(folder, "probe"), "").then(
    () => true,
    () => false,
  );
  if (!canWrite) {
    await expect(station.saveEvents(id, version, [...events, mark(1, "x")])).rejects.toMatchObject({
      code: "unwritable",
    });
    expect([await readFile(table, "utf8"), (await readdir(folder)).filter((name) => name.endsWith(".part"))]).toEqual([
      before,
      [],
    ]);
  }
  await chmod(folder, 0o700);
});

test.each([
  ["bad-onset", { ...mark(0, "x"), onset: Number.NaN }],
  ["bad-onset", { ...mark(0, "x"), onset: "3" }],
  ["bad-onset", mark(-0.5, "before it")],
  ["bad-onset", mark(20.5, "behind it")],
  ["bad-duration", { ...mark(1, "x"), duration: -1 }],
  ["bad-type", mark(1, "two\tcells")],
  ["bad-type", mark(1, "two\nlines")],
  ["bad-type", mark(1, "  ")],
  ["bad-value", { ...mark(1, "x"), value: "7" }],
  ["other-recording", { ...mark(1, "x"), channels: ["Pz"] }],
  ["bad-events", { ...mark(1, "x"), extra: { onset: "9" } }],
  ["bad-events", { ...mark(1, "x"), extra: { a: "b\tc" } }],
  ["bad-events", null],
])("%s is refused and nothing is written", async (code, event) => {
  const before = await readFile(table, "utf8");
  const { version } = await read();
  await expect(station.saveEvents(id, version, [event])).rejects.toMatchObject({ code });
  expect(await readFile(table, "utf8")).toBe(before);
});

test("a file alone has no table to save to, and the version of another recording's table fits none", async () => {
  await using lone = await openStation(join(root, "sub-01/eeg/sub-01_task-rest_eeg.edf"));
  const id = (await lone.scene()).recordings[0]?.id ?? "";
  await expect(lone.saveEvents(id, "none", [])).rejects.toMatchObject({ code: "no-table" });
});
