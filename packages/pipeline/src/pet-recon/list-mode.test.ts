/** PETSIRD list mode from file to image: a made scan of a cylinder with every term, in frames, stopped and gone on with. */

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Frame, ListMode, SinogramLayout, Volume } from "@quintet/core";
import { writeInterfileSinogram, writeListMode } from "@quintet/io";
import { readVolume, writeAttenuationMap } from "@quintet/io/node";
import { loadKernels } from "@quintet/kernels/node";
import { centredGrid, petPhantom, type SimulatedListMode, simulateListMode } from "@quintet/twin";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { smallScanner } from "../../../../testing/small-scanner.ts";
import { type ReconstructPetOptions, reconstructPetFile } from "./reconstruct-pet-file.ts";

const scanner = smallScanner(
  { detectors: 52, radius: 125 },
  { crystals: 4, pitch: 16 },
  { timeOfFlight: { bins: 5, width: 400, fwhm: 500 } },
);
const { timeOfFlight: _, ...slow } = scanner;
const plain: SinogramLayout = { scanner, views: 26, bins: 41, span: 1, maxRingDifference: 3 };
const layout: SinogramLayout = { ...plain, timeOfFlight: { bins: 5, width: 400 } };
const window = { low: 430, high: 610, resolution: 0.12 };
const cylinder = { radius: 65, height: 54 };
const phantom = petPhantom(centredGrid([36, 36, 16], [4, 4, 4]), cylinder);
/** Twice as active in the second half. */
const spans = [
  { duration: 100, activity: 1 },
  { duration: 100, activity: 2 },
];
const frames: readonly Frame[] = [
  { start: 0, duration: 100 },
  { start: 100, duration: 100 },
];
let folder = "";
let made: SimulatedListMode;
/** A tenth of the counts and no scatter, for what must be the same image, however noisy. */
let small: SimulatedListMode;
const at = (name: string): string => join(folder, name);
const options: ReconstructPetOptions = {
  normalisation: "file",
  attenuation: "",
  randoms: "delayeds",
  scatter: "estimate",
  algorithm: "osem",
  iterations: 3,
  subsets: 6,
  voxel: 7,
  fieldOfView: 182,
  window,
};

async function write(name: string, events: ListMode, efficiencies?: Float64Array): Promise<void> {
  const bytes = Buffer.concat([...writeListMode(events, efficiencies ? { efficiencies } : {})]);
  await writeFile(at(name), bytes);
}

/** Mean of the middle of a frame, counts per mm of line and second. */
function middle(image: Volume, frame: number): number {
  const [nx, ny, nz] = image.shape;
  const { duration } = image.frames[frame]!;
  let [sum, n] = [0, 0];
  for (let v = 0; v < nx * ny * nz; v++) {
    const place = [v % nx, Math.floor(v / nx) % ny, Math.floor(v / nx / ny)].map(
      (i, c) => image.affine[5 * c]! * i + image.affine[4 * c + 3]!,
    );
    if (Math.hypot(place[0]!, place[1]!) > 48 || Math.abs(place[2]!) > 21) continue;
    sum += image.data[frame * nx * ny * nz + v]!;
    n++;
  }
  return sum / n / duration;
}

beforeAll(async () => {
  await loadKernels();
  folder = await mkdtemp(join(tmpdir(), "quintet-list-"));
  made = simulateListMode(phantom, layout, spans, {
    seed: 5,
    trues: 6e5,
    randoms: 0.3,
    efficiencySpread: 0.1,
    // finer points and shorter paths than those it is corrected with
    scatter: { window, detectors: 26, rings: 4, voxel: 4, points: 12 },
  });
  small = simulateListMode(phantom, { ...plain, scanner: slow }, spans, {
    seed: 6,
    trues: 6e4,
    randoms: 0.3,
    efficiencySpread: 0.1,
  });
  await write("small.petsird", small.events, small.spans[0]!.efficiencies);
  const { efficiencies } = made.spans[0]!;
  const { timeDifference: __, ...untimed } = made.events;
  await write("timed.petsird", made.events, efficiencies);
  await write("plain.petsird", { ...untimed, scanner: slow }, efficiencies);
  await write("bare.petsird", { ...small.events, delayed: small.events.delayed!.map(() => 0) });
  await writeAttenuationMap(at("mu.nii.gz"), phantom.attenuation);
}, 180_000);
afterAll(() => rm(folder, { recursive: true }));

describe("a cylinder of two activities with scatter, randoms, attenuation and uneven detectors", () => {
  test.each([
    ["timed", undefined],
    ["plain", frames],
  ] as const)(
    "%s: each frame's mean within 2 % of the truth",
    async (name, cut) => {
      const out = at(`${name}.nii.gz`);
      const result = await reconstructPetFile(at(`${name}.petsird`), out, {
        ...options,
        attenuation: at("mu.nii.gz"),
        ...(cut ? { frames: cut } : {}),
      });
      expect(result.from).toBe("list mode");
      expect(result.kernel).toContain("joseph-lines");
      const image = await readVolume(out);
      const truth = made.scalePerSecond;
      // 2e5 to 6e5 trues: half of the spread between 3e5 and 12e5 is below 1 %; scatter scaled to its tails adds 0.4 %
      for (const [frame, { activity }] of (cut ? spans : [{ activity: 1.5 }]).entries())
        expect(Math.abs(middle(image, frame) / truth / activity - 1), `frame ${frame + 1}`).toBeLessThan(0.02);
      const side = JSON.parse(await readFile(out.replace(".nii.gz", ".json"), "utf8"));
      expect(side.ReconMethodName).toBe("list-mode osem");
      expect(side.FrameDuration).toEqual(cut ? [100, 100] : [200]);
      expect(side.RawData.timeOfFlight === "none").toBe(name === "plain");
      expect(result.findings.map((f) => f.name)).toEqual(
        expect.arrayContaining(["randoms-fraction", "scatter-fraction"]),
      );
      expect(result.findings.find(({ name }) => name === "scatter-scale")).toMatchObject({ verdict: "ok" });
      for (const { scatterScale } of result.frames)
        expect(Math.abs(scatterScale!.value - 1)).toBeLessThan(0.02 + 3 * scatterScale!.error);
    },
    180_000,
  );

  test("stopped in its second frame it goes on: the first frame is kept, the image is the same", async () => {
    const quick = { ...options, attenuation: at("mu.nii.gz"), frames, iterations: 2, scatter: "none" };
    await reconstructPetFile(at("small.petsird"), at("whole.nii.gz"), quick);
    const stop = new AbortController();
    const going = reconstructPetFile(at("small.petsird"), at("broken.nii.gz"), {
      ...quick,
      signal: stop.signal,
      onProgress: (share) => share > 0.85 && stop.abort(),
    });
    await expect(going).rejects.toMatchObject({ name: "AbortError" });
    const resumed = await reconstructPetFile(at("small.petsird"), at("broken.nii.gz"), quick);
    expect(resumed.resumed).toEqual({ frames: 1, iterations: 1 });
    const [one, two] = [await readVolume(at("whole.nii.gz")), await readVolume(at("broken.nii.gz"))];
    // Bit for bit on one thread; several add up their float32 images in the order in which they took their lines.
    expect(two.data).toBeAllclose(one.data, { rtol: 1e-4, atol: 1e-5 * Math.max(...one.data) });
  });

  test("a normalisation from a sinogram is that of the file's own efficiencies", async () => {
    const { truth } = small.spans[0]!;
    const { normalisation } = truth as { normalisation: { layout: SinogramLayout; data: Float32Array } };
    for (const { name, bytes } of writeInterfileSinogram(normalisation, {
      name: "norm",
      facts: { frames: [frames[0]!] },
    }))
      await writeFile(at(name), bytes);
    const quick = { ...options, attenuation: "none", scatter: "none", randoms: "none", iterations: 1 };
    const [own, given] = [at("own.nii.gz"), at("given.nii.gz")];
    await reconstructPetFile(at("small.petsird"), own, quick);
    await reconstructPetFile(at("small.petsird"), given, { ...quick, normalisation: at("norm.hs") });
    const [a, b] = [await readVolume(own), await readVolume(given)];
    expect(middle(b, 0) / middle(a, 0)).toBeCloseTo(1, 2);
  });
});

test.each([
  ["no-efficiencies", { normalisation: "file", randoms: "none" }],
  ["no-delayeds", { normalisation: "pairs" }],
  ["bad-frames", { normalisation: "pairs", randoms: "none", frames: [{ start: 150, duration: 100 }] }],
  ["bad-subsets", { normalisation: "pairs", randoms: "none", subsets: 1e8 }],
  ["missing-term", { normalisation: "pairs", randoms: "none", scatter: "estimate" }],
  ["sinogram-only", { normalisation: "pairs", randoms: "none", frame: 2 }],
])("refusal: %s", async (code, change) => {
  const asked = { ...options, attenuation: "none", scatter: "none", ...change };
  await expect(reconstructPetFile(at("bare.petsird"), at("no.nii.gz"), asked)).rejects.toMatchObject({ code });
});
