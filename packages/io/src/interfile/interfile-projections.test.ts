import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DataError, SpectProjections } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { describeRealData } from "../../../../testing/real-data.ts";
import { inspectPath } from "../node/inspect/inspect-path.ts";
import { readProjections } from "../node/interfile.ts";
import type { PatientPosition } from "./frames.ts";
import { readInterfileHeader } from "./header.ts";
import { encodeFloats } from "./numbers.ts";
import { interfileProjections, readInterfileProjections, writeInterfileProjections } from "./projections.ts";

/** As STIR's own example is written: 4 views of 3 columns and 2 rows. */
function headerOf(changes: Readonly<Record<string, string | undefined>> = {}) {
  const lines: Record<string, string | undefined> = {
    "!imaging modality": "nucmed",
    "name of data file": "views.s",
    "imagedata byte order": "LITTLEENDIAN",
    "!number format": "float",
    "!number of bytes per pixel": "4",
    "patient orientation": "head_in",
    "patient rotation": "supine",
    "!matrix size [1]": "3",
    "!scaling factor (mm/pixel) [1]": "4",
    "!matrix size [2]": "2",
    "!scaling factor (mm/pixel) [2]": "5",
    "!number of projections": "4",
    "!extent of rotation": "360",
    "!process status": "acquired",
    "!direction of rotation": "CW",
    "start angle": "180",
    orbit: "circular",
    radius: "150",
    ...changes,
  };
  const text = Object.entries(lines).flatMap(([key, value]) => (value === undefined ? [] : [`${key} := ${value}`]));
  return readInterfileHeader(
    new TextEncoder().encode(`!INTERFILE :=\n${text.join("\n")}\n!END OF INTERFILE :=\n`),
    "v.hs",
  );
}
const numbers = encodeFloats(Float32Array.from({ length: 24 }, (_, i) => i));

/** STIR's definition: where a stored number lies, gantry mm (x right as one faces the scanner from the bed, y down, z out). */
function stirPlace(theta: number, column: number, row: number): { eye: number[]; pixel: number[] } {
  const s = (column - 1) * 4;
  return {
    eye: [-150 * Math.sin(theta), 150 * Math.cos(theta), 0],
    pixel: [s * Math.cos(theta), s * Math.sin(theta), (row - 0.5) * 5],
  };
}
const world: Readonly<Record<PatientPosition, readonly [number, number, number]>> = {
  HFS: [-1, -1, -1],
  HFP: [1, 1, -1],
  FFS: [1, -1, 1],
  FFP: [-1, 1, 1],
};
const orientation: Readonly<Record<PatientPosition, readonly [string, string]>> = {
  HFS: ["head_in", "supine"],
  HFP: ["head_in", "prone"],
  FFS: ["feet_in", "supine"],
  FFP: ["feet_in", "prone"],
};

describe("SPECT projections of Interfile", () => {
  test.each(
    (["HFS", "HFP", "FFS", "FFP"] as const).flatMap((position) => [
      [position, "CW"] as const,
      [position, "CCW"] as const,
    ]),
  )("every number lies where STIR has it: %s, %s", (position, direction) => {
    const [head, back] = orientation[position];
    const about = { "patient orientation": head, "patient rotation": back, "!direction of rotation": direction };
    const read = readInterfileProjections(headerOf(about), numbers);
    for (let v = 0; v < 4; v++) {
      const theta = Math.PI + ((direction === "CW" ? -1 : 1) * v * Math.PI) / 2;
      const a = read.angles[v] as number;
      for (let column = 0; column < 3; column++) {
        for (let row = 0; row < 2; row++) {
          const { eye, pixel } = stirPlace(theta, column, row);
          const turn = (p: readonly number[]): number[] => p.map((x, k) => x * (world[position][k] as number) + 0);
          const stored = v * 6 + row * 3 + column;
          const at = read.data.indexOf(stored) - 6 * v;
          const [i, j] = [at % 3, Math.floor(at / 3)];
          expect([150 * Math.cos(a), 150 * Math.sin(a), 0]).toBeAllclose(turn(eye), { rtol: 1e-9, atol: 1e-9 });
          const s = (i - 1) * 4;
          expect([s * Math.sin(a), -s * Math.cos(a), (j - 0.5) * 5]).toBeAllclose(turn(pixel), {
            rtol: 1e-9,
            atol: 1e-9,
          });
        }
      }
    }
  });

  test("by hand: head first and supine, from the front, then over the patient's left with CW", () => {
    // theta 180: the camera at gantry y = -150, above; in the world at +y, the front. CW takes it to theta 90: gantry x -150.
    const { angles, radii } = interfileProjections(headerOf());
    expect([...angles].map((a) => Math.round((a * 180) / Math.PI))).toEqual([90, 0, -90, -180]);
    expect([...radii]).toEqual([150, 150, 150, 150]);
  });

  test("a non-circular orbit, a window and frames", () => {
    const header = headerOf({
      orbit: "Non-circular",
      radius: undefined,
      Radii: "{150, 160, 155.5, 148}",
      "number of time frames": "2",
      "image relative start time (sec)[1]": "0",
      "image duration (sec)[1]": "60",
      "image relative start time (sec)[2]": "60",
      "image duration (sec)[2]": "120",
      "energy window lower level": "143",
      "energy window upper level": "175",
    });
    const both = new Uint8Array([...numbers, ...encodeFloats(new Float32Array(24).fill(7))]);
    const second = readInterfileProjections(header, both, { frame: 2 });
    expect(second).toMatchObject({ start: 60, duration: 120, window: { low: 143, high: 175 } });
    expect([...second.radii]).toEqual([150, 160, 155.5, 148]);
    expect(second.data.every((x) => x === 7)).toBe(true);
  });

  const made: SpectProjections = {
    columns: 5,
    rows: 3,
    size: [3.32, 3.4],
    angles: Float64Array.from({ length: 6 }, (_, v) => 0.3 - (v * Math.PI) / 5),
    radii: Float64Array.of(150, 151, 152, 153, 154, 155),
    start: 30,
    duration: 900,
    window: { low: 143, high: 175 },
    data: Float32Array.from({ length: 90 }, (_, i) => i * i),
  };
  test.each(["HFS", "HFP", "FFS", "FFP"] as const)("written and read again: %s", (position) => {
    const [hs, s] = writeInterfileProjections(made, { name: "again", position });
    const again = readInterfileProjections(readInterfileHeader(hs!.bytes, "again.hs"), s!.bytes);
    const { angles, ...rest } = again;
    const { angles: before, ...expected } = made;
    expect(rest).toEqual(expected);
    // One turn more or less is the same place.
    expect([...angles].flatMap((a) => [Math.cos(a), Math.sin(a)])).toBeAllclose(
      [...before].flatMap((a) => [Math.cos(a), Math.sin(a)]),
      { rtol: 1e-9, atol: 1e-9 },
    );
  });

  test.each([
    ["missing-key", { "start angle": undefined }],
    ["missing-key", { "!direction of rotation": undefined }],
    ["missing-key", { "!extent of rotation": undefined }],
    ["missing-key", { radius: undefined }],
    ["bad-orbit", { "!direction of rotation": "left" }],
    ["bad-orbit", { orbit: "oval" }],
    ["bad-orbit", { orbit: "non-circular", radii: "{150, 160}" }],
    ["bad-orbit", { radius: "-3" }],
    ["bad-number", { "!extent of rotation": "720" }],
    ["bad-number", { "!scaling factor (mm/pixel) [1]": "0" }],
    ["axis-order", { "matrix axis label [1]": "axial coordinate" }],
    ["unsupported-layout", { "number of detector heads": "2" }],
    ["unsupported-layout", { "number of energy windows": "2" }],
    ["unsupported-layout", { "collimator type": "fan beam" }],
    ["not-projections", { "!imaging modality": "PT" }],
    ["not-projections", { "!process status": "Reconstructed" }],
    ["size-mismatch", { "!number of projections": "5" }],
  ] as const)("%s: %o", (code, changes) => {
    expect(() => readInterfileProjections(headerOf(changes), numbers)).toThrow(
      expect.objectContaining({ code }) as DataError,
    );
  });
  test.each([
    ["unsupported-layout", { angles: Float64Array.of(0, 1, 2, 3, 4, 5.5) }],
    ["bad-projections", { radii: Float64Array.of(1) }],
    ["not-finite", { data: new Float32Array(90).fill(Number.NaN) }],
  ] as const)("not written: %s", (code, changes) => {
    expect(() => writeInterfileProjections({ ...made, ...changes }, { name: "x" })).toThrow(
      expect.objectContaining({ code }) as DataError,
    );
  });
  test("inspect tells of them", async () => {
    const folder = await mkdtemp(join(tmpdir(), "quintet-projections-"));
    for (const { name, bytes } of writeInterfileProjections(made, { name: "views" }))
      await writeFile(join(folder, name), bytes);
    const rows = await inspectPath(folder);
    expect(rows[0]).toMatchObject({
      format: "Interfile projections",
      modality: "spect",
      shape: [5, 3, 6],
      problems: [],
    });
    await rm(folder, { recursive: true });
  });
});

describeRealData("STIR's SPECT projections", ["spect/stir_spectub/input.hs", "spect/stir_spectub/input.s"], (path) => {
  test("120 views over 360 degrees at 150 mm; counts; their centre runs along a sine", async () => {
    const { projections } = await readProjections(path);
    const { columns, rows, size, angles, radii, data } = projections;
    expect([columns, rows, ...size, angles.length, radii[119]]).toEqual([128, 64, 3.32, 3.32, 120, 150]);
    const [x, y, residual] = sineOf(projections);
    // The head's centre lies within 3 cm of the axis, and every view's within half a pixel of its sine.
    expect(Math.hypot(x, y)).toBeLessThan(30);
    expect(residual).toBeLessThan(1.66);
    expect(data.reduce((a, b) => a + b, 0)).toBeGreaterThan(0);
  });
});

/** Least squares of each view's centre along its columns against (sin a, -cos a); largest difference in mm. */
function sineOf({ columns, rows, size, angles, data }: SpectProjections): [x: number, y: number, residual: number] {
  const centres = [...angles].map((_, v) => {
    let [sum, moment] = [0, 0];
    for (let i = 0; i < rows * columns; i++) {
      const count = data[v * rows * columns + i] as number;
      sum += count;
      moment += count * ((i % columns) - (columns - 1) / 2) * size[0];
    }
    return moment / sum;
  });
  const n = angles.length;
  const x = (2 / n) * centres.reduce((s, c, v) => s + c * Math.sin(angles[v] as number), 0);
  const y = (2 / n) * centres.reduce((s, c, v) => s - c * Math.cos(angles[v] as number), 0);
  const off = centres.map((c, v) =>
    Math.abs(c - x * Math.sin(angles[v] as number) + y * Math.cos(angles[v] as number)),
  );
  return [x, y, Math.max(...off)];
}
