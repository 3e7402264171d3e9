/** Tomography from a SNIRF file and a head's files to images: light made of a known change under one pair. */
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { affineOf, type Channel, type LabelVolume, type Montage, type Surface } from "@quintet/core";
import { writeGiftiSurface, writeNifti } from "@quintet/io";
import { readVolume, writeSnirf } from "@quintet/io/node";
import { responseAt, responseFunctions, seededRandom } from "@quintet/kernels";
import { extinction } from "@quintet/modalities/fnirs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { imageNirsFile } from "./image-nirs-file.ts";

const [rate, n] = [5, 1500];
const onsets = [20, 62, 101, 147, 190, 231];
const pairs = [
  ["S1", "D1"],
  ["S2", "D2"],
  ["S2", "D1"],
] as const;
const montage: Montage = {
  space: "box",
  sensors: [
    { name: "S1", kind: "source", position: [-34, 0, 0] },
    { name: "D1", kind: "detector", position: [-10, 0, 0] },
    { name: "S2", kind: "source", position: [14, 0, 0] },
    { name: "D2", kind: "detector", position: [38, 0, 0] },
  ],
};
/** 96 x 48 x 28 mm: scalp 4, skull 4, CSF 2, then grey matter; its skin at z = 0. */
const [nx, ny, nz] = [48, 24, 14];
const box: LabelVolume = {
  shape: [nx, ny, nz],
  affine: affineOf([2, 0, 0, -47, 0, 2, 0, -23, 0, 0, 2, -27]),
  space: "box",
  data: Uint8Array.from(
    { length: nx * ny * nz },
    (_, v) => [4, 4, 4, 4, 4, 4, 4, 4, 4, 3, 2, 2, 1, 1][Math.floor(v / (nx * ny))] as number,
  ),
  names: new Map(),
};
const scalp: Surface = {
  space: "scanner",
  vertices: Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0),
  faces: Uint32Array.of(0, 1, 2),
};
const [response] = responseFunctions("none");
const peak = Math.max(...Array.from({ length: 400 }, (_, k) => responseAt(response!, k / 10, 10)));

let folder = "";
const at = (name: string): string => join(folder, name);
/** Under S1-D1 alone the blood answers; S2-D1 shares a detector with it and answers a tenth. */
async function snirf(name: string, wavelengths: readonly number[], sensors = montage.sensors): Promise<void> {
  const random = seededRandom(3);
  const channels: Channel[] = [];
  const data = new Float64Array(pairs.length * wavelengths.length * n);
  for (const [source, detector] of pairs)
    for (const wavelength of wavelengths) {
      const { hbo, hbr } = extinction("prahl", wavelength);
      const row = channels.length;
      channels.push({
        name: `${source}_${detector} ${wavelength}`,
        kind: "nirs-intensity",
        unit: "{intensity}",
        sensors: [source, detector],
        wavelength,
      });
      const share = source === "S1" ? 1 : detector === "D1" ? 0.1 : 0;
      for (let t = 0; t < n; t++) {
        const task = share * onsets.reduce((sum, o) => sum + responseAt(response!, t / rate - o, 10) / peak, 0);
        const beat = 0.5 * Math.sin((2 * Math.PI * 1.1 * t) / rate);
        const change = 1e-6 * (hbo * (task + beat) - 0.4 * hbr * task);
        data[row * n + t] = Math.exp(-(Math.LN10 * change * 2.4 * 0.3 + 1e-5 * random.normal()));
      }
    }
  await writeFile(
    at(name),
    await writeSnirf({
      recording: { clock: "recording", groups: [{ rate, channels, segments: [{ start: 0, data }] }] },
      events: { clock: "recording", list: onsets.map((onset) => ({ onset, duration: 10, type: "tap left" })) },
      montage: { ...montage, sensors },
    }),
  );
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "quintet-dot-"));
  await snirf("tap_nirs.snirf", [760, 850]);
  await snirf("one_nirs.snirf", [760]);
  await snirf(
    "far_nirs.snirf",
    [760, 850],
    montage.sensors.map((s) => (s.name === "D2" ? { ...s, position: [38, 0, 30] as const } : s)),
  );
  await writeFile(at("box_desc-head_dseg.nii.gz"), writeNifti(box, { gzip: true }));
  await writeFile(at("box_desc-head_dseg.tsv"), "index\tname\n1\tscalp\n2\tskull\n3\tcsf\n4\tgrey\n");
  await writeFile(at("box_desc-scalp_surf.gii"), writeGiftiSurface(scalp));
});
afterAll(() => rm(folder, { recursive: true }));
const placed = () => ({ head: at("box"), placed: true }) as const;

describe("tomography of a SNIRF file", () => {
  test("the response lies under its pair, HbR against HbO, the images and the page whole", async () => {
    const imaged = await imageNirsFile(at("tap_nirs.snirf"), at("out"), placed());
    expect(imaged).toMatchObject({ pairs: 3, leftOut: [], conditions: [{ name: "tap left", events: 6 }] });
    const { hbo, hbr, place } = imaged.conditions[0]!.peak;
    // The middle of S1-D1 is at x = -22; voxels of 3 mm.
    expect(Math.abs(place[0] + 22)).toBeLessThan(10);
    expect(place[2]).toBeLessThan(-9);
    expect(hbo).toBeGreaterThan(0);
    expect(hbr / hbo).toBeGreaterThan(-0.5);
    expect(hbr / hbo).toBeLessThan(-0.3);
    expect((await readdir(at("out"))).sort()).toEqual(imaged.files.map((file) => file.split("/").at(-1)).sort());
    const sensitivity = await readVolume(at("out/tap_desc-sensitivity_dot.nii.gz"), { space: "box", clock: "none" });
    const told = JSON.parse(await readFile(at("out/tap_desc-dot.json"), "utf8"));
    const factors: Record<string, number>[] = told.partialPathlengthFactors;
    const whole =
      factors.reduce((s, f) => s + f.distance! * (f.scalp! + f.skull! + f.csf! + f.grey! + f.white!), 0) / 2;
    expect([sensitivity.data.reduce((s, v) => s + v, 0)]).toBeAllclose([whole], { rtol: 1e-3 });
    // A pair 24 mm apart travels some five distances; a small part of them in the cortex.
    for (const f of factors) {
      expect(f.grey! / (f.scalp! + f.skull!)).toBeLessThan(1);
      expect(f.grey!).toBeGreaterThan(0.05);
    }
    expect(await readFile(at("out/tap_desc-dot_page.html"), "utf8")).toMatch(
      /HbO, tap left[\s\S]*Sensitivity[\s\S]*Localisation error/,
    );
  });

  test.each([
    ["one-wavelength", "one_nirs.snirf", {}],
    ["far-from-head", "far_nirs.snirf", {}],
    ["bad-spacing", "tap_nirs.snirf", { spacing: 9 }],
    ["not-positive", "tap_nirs.snirf", { lambda2: -1 }],
    ["all-left-out", "tap_nirs.snirf", { coupling: 1.1 }],
  ])("refuses %s, nothing written", async (code, file, more) => {
    await expect(imageNirsFile(at(file), at("none"), { ...placed(), ...more } as never)).rejects.toMatchObject({
      code,
    });
    await expect(readdir(at("none"))).rejects.toMatchObject({ code: "ENOENT" });
  });
});
