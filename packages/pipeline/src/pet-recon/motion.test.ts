/** A head that moves: event by event along a track, and frame by frame. Hot ball off the axis of a cylinder of water. */

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rigid, type SinogramLayout, type Volume } from "@quintet/core";
import { writeListMode } from "@quintet/io";
import { readVolume, writeAttenuationMap } from "@quintet/io/node";
import { loadKernels } from "@quintet/kernels/node";
import { centredGrid, petPhantom, type ScanSpan, simulateListMode } from "@quintet/twin";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { smallScanner } from "../../../../testing/small-scanner.ts";
import { type ReconstructPetOptions, reconstructPetFile } from "./reconstruct-pet-file.ts";

const scanner = smallScanner({ detectors: 52, radius: 125 }, { crystals: 6, pitch: 16 });
const layout: SinogramLayout = { scanner, views: 26, bins: 41, span: 1, maxRingDifference: 5 };
const ball = { centre: [28, 5, 4], radius: 24, contrast: 4 } as const;
const phantom = petPhantom(centredGrid([40, 40, 24], [4, 4, 4]), { radius: 58, height: 62, spheres: [ball] });
const turned = rigid([3, -2, 30], [-6, 8, 3]);
let folder = "";
const at = (name: string): string => join(folder, name);
const options: ReconstructPetOptions = {
  normalisation: "pairs",
  attenuation: "",
  randoms: "none",
  scatter: "none",
  algorithm: "osem",
  iterations: 3,
  subsets: 8,
  voxel: 7,
  fieldOfView: 168,
  window: { low: 430, high: 610, resolution: 0.12 },
};

async function scan(name: string, spans: readonly ScanSpan[]): Promise<number> {
  const { events, scalePerSecond } = simulateListMode(phantom, layout, spans, { seed: 4, trues: 2e5 });
  await writeFile(at(name), Buffer.concat([...writeListMode(events)]));
  return scalePerSecond;
}

/** Mean in the inner ball over that of the truth, of a frame. */
function inBall(image: Volume, frame: number, scale: number): number {
  const [nx, ny, nz] = image.shape;
  let [sum, n] = [0, 0];
  for (let v = 0; v < nx * ny * nz; v++) {
    const place = [v % nx, Math.floor(v / nx) % ny, Math.floor(v / nx / ny)].map(
      (i, c) => image.affine[5 * c]! * i + image.affine[4 * c + 3]! - ball.centre[c]!,
    );
    if (Math.hypot(...place) > 17) continue;
    sum += image.data[frame * nx * ny * nz + v]!;
    n++;
  }
  return sum / n / image.frames[frame]!.duration / scale / ball.contrast;
}

beforeAll(async () => {
  await loadKernels();
  folder = await mkdtemp(join(tmpdir(), "quintet-motion-"));
  await writeAttenuationMap(at("mu.nii.gz"), phantom.attenuation);
});
afterAll(() => rm(folder, { recursive: true }));

const recon = async (raw: string, more: Partial<ReconstructPetOptions> = {}): Promise<Volume> => {
  const out = at(`${raw}-${Object.keys(more).join("-")}.nii.gz`);
  await reconstructPetFile(at(raw), out, { ...options, attenuation: at("mu.nii.gz"), ...more });
  return readVolume(out);
};

describe("event by event", () => {
  test("with its track the ball is as if it had never moved, without it lost", async () => {
    const scale = await scan("still.petsird", [{ duration: 100 }]);
    await scan("moved.petsird", [{ duration: 40 }, { duration: 60, map: turned }]);
    const row = [-6, 8, 3, 3, -2, 30].join("\t");
    await writeFile(
      at("track.tsv"),
      `time_s\tx_mm\ty_mm\tz_mm\trx_deg\try_deg\trz_deg\n0\t0\t0\t0\t0\t0\t0\n40\t${row}\n`,
    );
    const still = inBall(await recon("still.petsird"), 0, scale);
    const blurred = inBall(await recon("moved.petsird"), 0, scale);
    const followed = inBall(await recon("moved.petsird", { motion: at("track.tsv") }), 0, scale);
    // Each of two scans of 2e5 counts has 1.5 % of noise in the ball; 8 subsets of coarse pixels leave 1 %.
    expect(Math.abs(followed / still - 1)).toBeLessThan(0.05);
    expect(blurred / still).toBeLessThan(0.85);
    const side = JSON.parse(await readFile(at("moved.petsird-motion.json"), "utf8"));
    expect(side).toMatchObject({ MotionTrack: "track.tsv", frames: [{ motion: { poses: 2 } }] });
    expect(side.Counts).toMatchObject({ place_time_s: [0, 40], place_end_s: 100, poses: [2], course_width_s: 1 });
    expect(side.Counts.place_mm[1]).toBeAllclose([-6, 8, 3], { atol: 1e-3 });
    expect(side.Counts.place_degrees[1]).toBeAllclose([3, -2, 30], { atol: 1e-3 });
    expect(side.Counts.course_prompts).toHaveLength(100);
    const page = await readFile(at("moved.petsird-motion.html"), "utf8");
    expect(page).toContain("2 places of the head were told apart");
  }, 180_000);

  test.each([
    ["bad-track", "time_s\tx_mm\n0\t1\n", /no y_mm, z_mm/],
    ["bad-track", "time_s\tx_mm\ty_mm\tz_mm\trx_deg\try_deg\trz_deg\n9\t0\t0\t0\t0\t0\t0\n", /when the scan began/],
    ["bad-track", "time_s\tx_mm\ty_mm\tz_mm\trx_deg\try_deg\trz_deg\n0\t0\t0\tn/a\t0\t0\t0\n", /z_mm "n\/a"/],
    ["bad-track", "time_s\tx_mm\ty_mm\tz_mm\trx_deg\try_deg\trz_deg\n0\t900\t0\t0\t0\t0\t0\n", /out of the scanner/],
    ["bad-track", `time_s\tx_mm\ty_mm\tz_mm\trx_deg\try_deg\trz_deg\n${"0\t0\t0\t0\t0\t0\t0\n".repeat(2)}`, /rise/],
  ])("refusal: %s %#", async (code, text, words) => {
    await writeFile(at("bad.tsv"), text);
    const asked = reconstructPetFile(at("still.petsird"), at("no.nii.gz"), {
      ...options,
      attenuation: "none",
      motion: at("bad.tsv"),
    });
    await expect(asked).rejects.toMatchObject({ code, message: expect.stringMatching(words) });
  });
});

describe("frame by frame", () => {
  const frames = [0, 100, 200].map((start) => ({ start, duration: 100 }));
  test.each(["images", "recon"] as const)(
    "--align %s: the frame that moved is brought back",
    async (align) => {
      if (align === "images")
        await scan("series.petsird", [
          { duration: 200, activity: 2 },
          { duration: 100, activity: 2, map: turned },
        ]);
      const scale = 1;
      const plain = await recon("series.petsird", { frames });
      const moved = inBall(plain, 2, scale) / inBall(plain, 0, scale);
      const image = await recon("series.petsird", { frames, align, alignFrom: 0 });
      const back = inBall(image, 2, scale) / inBall(image, 0, scale);
      expect(moved).toBeLessThan(0.75);
      // Each frame has 1e5 counts: 2.5 % of noise in each ball, and the registration's own error.
      expect(Math.abs(back - 1)).toBeLessThan(0.1);
    },
    180_000,
  );
  test("refusal: nothing to align", async () => {
    const asked = reconstructPetFile(at("still.petsird"), at("no.nii.gz"), {
      ...options,
      attenuation: "none",
      align: "images",
    });
    await expect(asked).rejects.toMatchObject({ code: "one-frame" });
  });
});
