import type { Channel, ChannelKind, Montage, Point, Recording } from "@quintet/core";
import { spherePotential } from "@quintet/kernels";
import { describe, expect, test } from "vitest";
import { infinityReference, referenceTo } from "./reference.ts";
import { interpolateBad, sourceDensity } from "./spline.ts";

const channel = (name: string, kind: ChannelKind = "eeg", status?: "bad"): Channel => ({
  name,
  kind,
  unit: "V",
  sensors: [name],
  ...(status ? { status } : {}),
});
const recording = (channels: Channel[], rows: readonly ArrayLike<number>[]): Recording => ({
  clock: "device:eeg",
  groups: [
    { rate: 250, channels, segments: [{ start: 0, data: Float64Array.from(rows.flatMap((row) => Array.from(row))) }] },
  ],
});
const rowsOf = ({ groups: [group] }: Recording): number[][] => {
  const data = Array.from(group?.segments[0]?.data ?? []);
  const n = data.length / (group?.channels.length ?? 1);
  return (group?.channels ?? []).map((_, i) => data.slice(i * n, (i + 1) * n));
};

/** 60 electrodes over the upper 65 % of a sphere of 90 mm whose centre is not the origin. */
const centre: Point = [2, -15, 30];
const places = Array.from({ length: 60 }, (_, i): Point => {
  const z = 1 - (1.3 * (i + 0.5)) / 60;
  const [r, phi] = [Math.sqrt(1 - z * z), i * Math.PI * (3 - Math.sqrt(5))];
  return [90 * r * Math.cos(phi), 90 * r * Math.sin(phi), 90 * z];
});
const montage: Montage = {
  space: "head",
  sensors: places.map((p, i) => ({
    name: `E${i + 1}`,
    kind: "electrode",
    position: [p[0] + centre[0], p[1] + centre[1], p[2] + centre[2]],
  })),
};
const shells = [
  { radius: 0.0783, conductivity: 0.33 },
  { radius: 0.0828, conductivity: 0.0042 },
  { radius: 0.09, conductivity: 0.33 },
];
const metres = places.map((p): Point => [p[0] / 1000, p[1] / 1000, p[2] / 1000]);
/** Potentials against infinity of 10 nA m at three places, one sample each. */
const truth = (
  [
    [[0.01, 0.02, 0.05], 2],
    [[-0.05, 0.01, 0.03], 0],
    [[0.02, -0.04, 0.04], 1],
  ] as const
).map(([place, axis]) => {
  const lead = spherePotential(metres, place, shells);
  return places.map((_, i) => 1e-8 * (lead[3 * i + axis] as number));
});
const rows = places.map((_, i) => truth.map((map) => map[i] as number));
const names = places.map((_, i) => channel(`E${i + 1}`));
const rms = (x: readonly number[]): number => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length);

describe("referenceTo", () => {
  test("linked mastoids by hand; other kinds stay", () => {
    const made = recording(
      [channel("Cz"), channel("M1"), channel("M2"), channel("ECG", "ecg")],
      [
        [10, 20],
        [2, 4],
        [4, 0],
        [7, 7],
      ],
    );
    const done = referenceTo(made, ["M1", "M2"]);
    expect(rowsOf(done)).toEqual([
      [7, 18],
      [-1, 2],
      [1, -2],
      [7, 7],
    ]);
    expect(done.notes?.reference).toBe("M1, M2");
  });
  test.each([
    ["no-channels", []],
    ["no-such-channel", ["Cz", "M9"]],
    ["bad-channel", ["M1"]],
  ])("refusal: %s", (code, wanted) => {
    const made = recording([channel("Cz"), channel("M1", "eeg", "bad")], [[1], [2]]);
    expect(() => referenceTo(made, wanted)).toThrow(expect.objectContaining({ code }));
  });
});

describe("infinityReference", () => {
  test("whatever the reference was, the potentials against infinity come back, nearer than the average's", () => {
    const against = (shift: (map: readonly number[]) => number): number[][] =>
      rows.map((row) => row.map((v, t) => v - shift(truth[t] as number[])));
    const byFirst = rowsOf(
      infinityReference(
        recording(
          names,
          against((map) => map[0] as number),
        ),
        montage,
      ),
    );
    const byMean = rowsOf(
      infinityReference(
        recording(
          names,
          against((map) => map.reduce((a, b) => a + b) / 60),
        ),
        montage,
      ),
    );
    for (const [i, row] of byFirst.entries()) expect(row).toBeAllclose(byMean[i] as number[], { atol: 1e-12 });
    for (const [t, map] of truth.entries()) {
      const error = rms(byMean.map((row, i) => (row[t] as number) - (map[i] as number)));
      const average = Math.abs(map.reduce((a, b) => a + b) / 60);
      // Yao's own figures are errors of a few per cent; the average over a cap is off by its own mean
      expect(error / rms(map)).toBeLessThan(0.06);
      expect(error).toBeLessThan(average);
    }
  });
  test("refusal: electrodes without places", () => {
    expect(() => infinityReference(recording(names, rows), { space: "head", sensors: [] })).toThrow(
      expect.objectContaining({ code: "no-positions" }),
    );
  });
});

describe("interpolateBad", () => {
  test("a bad channel over a deep dipole comes back within 1 % of the map's size, and counts as good", () => {
    const bad = 17;
    const lead = spherePotential(metres, [0.01, -0.005, 0.02], shells);
    const deep = places.map((_, i) => [1e-8 * (lead[3 * i + 2] as number)]);
    const channels = names.map((c, i) => (i === bad ? { ...c, status: "bad" as const } : c));
    const done = interpolateBad(recording(channels, deep.with(bad, [99])), montage);
    const size = Math.max(...deep.flat().map(Math.abs));
    expect(rowsOf(done)[bad]).toBeAllclose(deep[bad] as number[], { atol: 0.01 * size });
    expect(done.groups[0]?.channels[bad]?.status).toBe("good");
    expect(done.notes?.interpolated).toBe("E18");
    expect(rowsOf(done)[3]).toEqual(deep[3]);
  });
  test("without bad channels nothing changes; a bad one without a place is refused", () => {
    expect(rowsOf(interpolateBad(recording(names, rows), montage))).toEqual(rows);
    const channels = [...names, channel("X", "eeg", "bad")];
    expect(() => interpolateBad(recording(channels, [...rows, [0, 0, 0]]), montage)).toThrow(/no place for X/);
  });
});

describe("sourceDensity", () => {
  test("the reference drops out, the unit is V/m2, bad and unplaced channels leave, other kinds stay", () => {
    const channels = [...names, channel("ECG", "ecg"), channel("X")];
    const made = recording(channels, [...rows, [1, 2, 3], [0, 0, 0]]);
    const shifted = recording(channels, [...rows.map((row) => row.map((v) => v + 1e-6)), [1, 2, 3], [0, 0, 0]]);
    const [one, two] = [sourceDensity(made, montage), sourceDensity(shifted, montage)];
    expect(one.groups[0]?.channels.map(({ unit }) => unit)).toEqual([...names.map(() => "V/m2"), "V"]);
    expect(rowsOf(one)[60]).toEqual([1, 2, 3]);
    const size = Math.max(...rowsOf(one).slice(0, 60).flat().map(Math.abs));
    for (let i = 0; i < 60; i++) expect(rowsOf(two)[i]).toBeAllclose(rowsOf(one)[i] as number[], { atol: 1e-6 * size });
    // a radial dipole below the first place is a source there
    const peak = truth[0]?.indexOf(Math.max(...(truth[0] ?? []))) as number;
    const density = rowsOf(one)
      .slice(0, 60)
      .map((row) => row[0] as number);
    expect(density.indexOf(Math.max(...density))).toBe(peak);
  });
  test("refusal: no places", () => {
    expect(() => sourceDensity(recording(names, rows), { space: "head", sensors: [] })).toThrow(
      expect.objectContaining({ code: "no-positions" }),
    );
  });
});
