import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apply, identityTimeMap, rigid, type Volume } from "@quintet/core";
import { readTsv, writeNifti } from "@quintet/io";
import { readVolume } from "@quintet/io/node";
import { responseAt, responseFunctions } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { headCentre, simulateBold } from "../../../modalities/test/bold-series.ts";
import { analyseBold } from "./analyse-bold.ts";
import { analyseBoldFile } from "./analyse-bold-file.ts";
import { belongingTo, readBold } from "./read-bold.ts";

const folder = mkdtempSync(join(tmpdir(), "quintet-bold-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(() => loadKernels());

const tr = 2;
const volumes = 60;
const onsets = [10, 50, 90];
const [response] = responseFunctions("none");
const scale = Math.max(
  ...Array.from({ length: 400 }, (_, k) => responseAt(response as NonNullable<typeof response>, k / 10, 20)),
);
const course = (t: number): number =>
  onsets.reduce((sum, o) => sum + responseAt(response as NonNullable<typeof response>, t - o, 20), 0) / scale;
const centre = [-25, -30, 25] as const;
const sliceTimes = Array.from({ length: 18 }, (_, z) => (tr * ((z * 7) % 18)) / 18);
const motion = Array.from({ length: volumes }, (_, t) =>
  rigid([(1.2 * t) / volumes, 0, 0], [0, (1.5 * t) / volumes, t > 40 ? 0.8 : 0], headCentre),
);
const { bold } = simulateBold({
  shape: [24, 28, 18],
  voxel: [6, 6, 6.5],
  volumes,
  repetitionTime: tr,
  noise: 0.6,
  sliceTimes,
  motion,
  active: { centre, radius: 14, course: (t) => 2 * course(t) },
});
const eventsText = `onset\tduration\ttrial_type\n${[...onsets, 900].map((o) => `${o}\t20\ttap`).join("\n")}\n`;
const stem = join(folder, "sub-07_task-tap");

function write(path: string, volume: Volume, side?: object): string {
  writeFileSync(path, writeNifti(volume, { gzip: true }));
  if (side) writeFileSync(path.replace(/\.nii\.gz$/, ".json"), JSON.stringify(side));
  return path;
}

describe("a task run from file to derivatives", () => {
  const out = join(folder, "out");
  let result: Awaited<ReturnType<typeof analyseBoldFile>>;
  beforeAll(async () => {
    const file = write(`${stem}_bold.nii.gz`, bold, {
      RepetitionTime: tr,
      SliceTiming: sliceTimes,
      PhaseEncodingDirection: "j-",
    });
    writeFileSync(`${stem}_events.tsv`, eventsText);
    result = await analyseBoldFile(file, out, { seed: centre });
  }, 60_000);

  test("the events beside it are used: the change of 2 % is found at its place, the event outside is told", () => {
    const [top] = result.clusters;
    expect(top).toMatchObject({ contrast: "tap", sign: 1 });
    expect(Math.hypot(...(top?.peak ?? []).map((mm, k) => mm - (centre[k] as number)))).toBeLessThan(14);
    // Smoothed by 6 mm, the inside of a ball of 14 mm keeps most of its change.
    expect(top?.peakPercent).toBeGreaterThan(1.5);
    expect(top?.peakPercent).toBeLessThan(2.6);
    expect(result.warnings).toContain('1 of 4 events "tap" lie outside the run and are left out');
    expect(result.qc.find(({ name }) => name === "slice-timing")?.value).toBe("corrected");
  });

  test("the files are there with units, and none half made", async () => {
    const names = readdirSync(join(out, "sub-07/func")).sort();
    expect(names.filter((name) => name.startsWith("."))).toEqual([]);
    for (const name of [
      "desc-preproc_bold.nii.gz",
      "desc-confounds_timeseries.tsv",
      "contrast-tap_stat-z_statmap.nii.gz",
      "contrast-tap_stat-effect_statmap.json",
      "desc-clusters_peaks.tsv",
      "seed-sphere_stat-r_statmap.nii.gz",
      "desc-qc_bold.json",
      "desc-provenance_bold.json",
    ])
      expect(names).toContain(`sub-07_task-tap_${name}`);
    const text = readFileSync(join(out, "sub-07/func/sub-07_task-tap_contrast-tap_stat-effect_statmap.json"), "utf8");
    expect(JSON.parse(text)).toMatchObject({ Units: "%" });
    const preprocessed = await readVolume(join(out, "sub-07/func/sub-07_task-tap_desc-preproc_bold.nii.gz"));
    expect(preprocessed.frames).toHaveLength(volumes);
  });

  test("confounds: the jump of 0.8 mm is framewise displacement and an outlier, the drift is trans_y", () => {
    const path = join(out, "sub-07/func/sub-07_task-tap_desc-confounds_timeseries.tsv");
    const table = readTsv(readFileSync(path, "utf8"), path);
    const column = (name: string): number[] =>
      table.rows.map((row) => Number(row[table.columns.indexOf(name)] as string));
    expect(column("framewise_displacement")[0]).toBeNaN();
    // 0.8 mm and the step of the drift: 1.5 / 60 mm and 50 mm of 1.2 / 60 degrees.
    expect(column("framewise_displacement")[41]).toBeCloseTo(0.8 + 0.025 + 0.0175, 1);
    expect(column("motion_outlier00").indexOf(1)).toBe(41);
    const y = column("trans_y");
    expect((y[59] as number) - (y[0] as number)).toBeCloseTo((1.5 * 59) / 60, 1);
  });
});

test("without events a run is described as a resting state", () => {
  const found = analyseBold({ bold, metadata: { RepetitionTime: tr } });
  expect(found.task).toBeUndefined();
  expect(found.rest?.alff?.alff.unit).toBe("%");
  expect(found.rest?.reho?.data.some((w) => w > 0)).toBe(true);
  expect(found.warnings.join()).toMatch(/Slice times are not known/);
});

test("events on another clock come through a map", () => {
  const events = { clock: "eeg", list: onsets.map((o) => ({ onset: o + 100, duration: 20, type: "tap" })) };
  const same = identityTimeMap("eeg", "mri");
  const toClock = { ...same, pieces: [{ ...same.pieces[0], offset: -100 }] as const };
  const found = analyseBold({ bold: { ...bold, clock: "mri" }, metadata: { RepetitionTime: tr }, events, toClock });
  const peak = found.task?.found.maps[0]?.clusters[0]?.centre ?? [0, 0, 0];
  expect(Math.hypot(...peak.map((mm, k) => mm - (centre[k] as number)))).toBeLessThan(8);
});

const frame = (count: number, change: (data: Float32Array) => void = () => {}): Volume => {
  const n = bold.data.length / volumes;
  const data = bold.data.slice(0, n * count);
  change(data);
  return { ...bold, frames: bold.frames.slice(0, count), data };
};
const still = (): Volume => {
  const n = bold.data.length / volumes;
  return frame(12, (data) => {
    for (let t = 1; t < 12; t++) data.copyWithin(t * n, 0, n);
  });
};

test.each<[string, string, () => Volume, object, object, RegExp]>([
  ["a 3D file", "too-short", () => frame(1), { RepetitionTime: 2 }, {}, /single volume.*4D/s],
  ["three volumes", "too-short", () => frame(3), { RepetitionTime: 2 }, {}, />= 10/],
  ["a repetition time of 0", "missing-tr", () => frame(12), { RepetitionTime: 0 }, {}, /--tr/],
  ["no repetition time", "missing-tr", () => untimed(frame(12)), {}, {}, /RepetitionTime/],
  ["an absurd --tr", "bad-tr", () => frame(12), {}, { repetitionTime: -1 }, /0 to 60/],
  [
    "slice times beyond TR",
    "slice-timing",
    () => frame(12),
    { SliceTiming: sliceTimes.map((t) => t * 2) },
    {},
    /0 to 2/,
  ],
  [
    "values that are no numbers",
    "not-finite",
    () => frame(12, (d) => d.fill(Number.NaN, 9, 10)),
    {},
    {},
    /finite|number/,
  ],
  ["equal volumes", "constant-data", still, {}, {}, /same image/],
  ["one value everywhere", "constant-data", () => frame(12, (d) => d.fill(7)), {}, {}, /same image/],
  ["no such events", "not-found", () => frame(12), {}, { events: "/nowhere.tsv" }, /events/],
])("refused, and nothing written: %s", async (name, code, volume, side, options, words) => {
  const file = write(join(folder, `${name.replaceAll(/\W/g, "-")}.nii.gz`), volume(), side);
  const out = join(folder, `out-${name.replaceAll(/\W/g, "-")}`);
  await expect(analyseBoldFile(file, out, options)).rejects.toThrow(
    expect.objectContaining({ code, message: expect.stringMatching(words) }),
  );
  expect(existsSync(out)).toBe(false);
});

function untimed(volume: Volume): Volume {
  return { ...volume, frames: volume.frames.map(() => ({ start: 0, duration: 0 })) };
}

test("events that all lie outside are refused by name; fieldmaps belong to the series they name", async () => {
  const events = { clock: "mri", list: [{ onset: 5000, duration: 1, type: "tap" }] };
  expect(() => analyseBold({ bold: frame(12), metadata: {}, events })).toThrow(/no event "tap" lies within the scan/);
  const map = (intended: string | undefined) => ({
    suffix: "epi",
    path: "x",
    metadata: intended === undefined ? {} : { IntendedFor: intended },
  });
  const mine = map("bids::sub-07/func/sub-07_task-tap_bold.nii.gz");
  expect(belongingTo("sub-07_task-tap_bold.nii.gz", [mine, map("other_bold.nii.gz")])).toEqual([mine]);
  expect(belongingTo("sub-07_task-tap_bold.nii.gz", [map(undefined)])).toHaveLength(1);
});

test("--tr and --slice-times win over the files", async () => {
  const file = write(join(folder, "plain.nii.gz"), frame(12), { SliceTiming: [1, 2, 3], SliceEncodingDirection: "k-" });
  const { input } = await readBold(file, { repetitionTime: 1.5, sliceTimes });
  expect(input.bold.frames[3]).toEqual({ start: 4.5, duration: 1.5 });
  expect(input.metadata).toEqual({ SliceTiming: sliceTimes, RepetitionTime: 1.5 });
  expect(apply(input.bold.affine, [0, 0, 0])).toBeAllclose(apply(bold.affine, [0, 0, 0]), { atol: 1e-4 });
});
