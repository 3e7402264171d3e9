import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SpectProjections } from "@quintet/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeNuclearProjections } from "../../dicom/write-nuclear-projections.ts";
import { writeInterfileProjections } from "../../interfile/projections.ts";
import { writeNifti } from "../../nifti/write.ts";
import { importFolder } from "../import/import-folder.ts";
import { readVolume } from "../volumes.ts";
import { inspectPath } from "./inspect-path.ts";

/** Two heads opposite each other, six views each in steps of 30 degrees, from the front over the left side; radii 120 to 131 mm. */
const scan: SpectProjections = {
  columns: 4,
  rows: 2,
  size: [4, 4],
  angles: Float64Array.from({ length: 12 }, (_, v) => Math.PI / 2 + (Math.PI * v) / 6),
  radii: Float64Array.from({ length: 12 }, (_, v) => 120 + v),
  start: 0,
  duration: 90,
  viewTimes: Array.from({ length: 12 }, (_, v) => ({ start: (v % 6) * 15, duration: 15 })),
  window: { low: 126, high: 154 },
  data: new Float32Array(96).fill(3),
};
const low = { ...scan, window: { low: 120, high: 126 }, data: new Float32Array(96).fill(1) };
const whole = writeNuclearProjections([scan, low], {
  detectors: 2,
  collimator: "LEHR",
  startedAt: "2024-01-31T10:45:00",
});

/** The bytes with a tag's number changed, so that whoever looks for it finds nothing. */
function without(tag: readonly [group: number, element: number]): Uint8Array {
  const bytes = whole.slice();
  const [g, e] = tag;
  for (let i = 132; i + 4 < bytes.length; i++) {
    if (bytes[i] === (g & 255) && bytes[i + 1] === g >> 8 && bytes[i + 2] === (e & 255) && bytes[i + 3] === e >> 8)
      bytes[i + 2] = 0xf1;
  }
  return bytes;
}

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "quintet-nm-"));
  const put = (name: string, bytes: Uint8Array): void => writeFileSync(join(folder, name), bytes);
  put("nm.dcm", whole);
  put("cut.dcm", whole.subarray(0, whole.length - 10));
  put("no-radii.dcm", without([0x0018, 0x1142]));
  put("no-direction.dcm", without([0x0018, 0x1140]));
  const one = { ...scan, angles: scan.angles.map((a) => 2 * Math.PI - a), radii: new Float64Array(12).fill(150) };
  for (const { name, bytes } of writeInterfileProjections(one, { name: "views" })) put(name, bytes);
});
afterAll(() => rmSync(folder, { recursive: true }));

test("detectors, rotation, views, radii, start angles, windows and counts of an NM file, by hand", async () => {
  const [row] = await inspectPath(join(folder, "nm.dcm"));
  expect(row).toMatchObject({
    format: "DICOM projections",
    modality: "spect",
    shape: [4, 2, 12],
    unit: "{count}",
    startedAt: "2024-01-31T10:45:00",
    duration: 90,
    problems: [],
    projections: {
      detectors: 2,
      rotations: 1,
      views: 6,
      direction: "clockwise",
      step: 30,
      startAngles: [180, 0],
      firstViewFrom: ["front", "back"],
      radii: { least: 120, most: 131 },
      viewDuration: 15,
      collimator: "LEHR",
      beam: "parallel",
      windows: [
        { low: 126, high: 154, counts: 288 },
        { low: 120, high: 126, counts: 96 },
      ],
    },
  });
  expect(row?.contents).toBe(
    "2 detectors of 6 views; 1 rotation clockwise in steps of 30 degrees; first view at 180 degrees (front of the patient) and " +
      "0 degrees (back of the patient); radii 120 to 131 mm; 15 s a view; collimator LEHR with parallel holes; " +
      "window 1 126 to 154 keV, 288 counts; window 2 120 to 126 keV, 96 counts",
  );
});

test("a folder: each file a row; what is broken says so beside what is known; Interfile in the same words", async () => {
  const rows = Object.fromEntries((await inspectPath(folder)).map((row) => [row.path, row]));
  expect(Object.keys(rows).sort()).toEqual(["cut.dcm", "nm.dcm", "no-direction.dcm", "no-radii.dcm", "views.hs"]);
  for (const [name, words] of [
    ["cut.dcm", /the file ends before element 7fe0,0010/],
    ["no-radii.dcm", /radius above 0 for each view.*no angle|radius above 0 for each view.*0 radii/],
    ["no-direction.dcm", /direction of rotation \(expected CW or CC, found none\)/],
  ] as const) {
    expect(rows[name]?.problems, name).toHaveLength(1);
    expect(rows[name]?.problems[0]).toMatch(words);
  }
  expect(rows["no-radii.dcm"]?.contents).toContain("radii not stated");
  expect(rows["no-radii.dcm"]?.projections?.windows).toEqual([
    { low: 126, high: 154 },
    { low: 120, high: 126 },
  ]);
  expect(rows["no-direction.dcm"]?.contents).toContain("in a direction that is not stated");
  expect(rows["views.hs"]).toMatchObject({
    format: "Interfile projections",
    shape: [4, 2, 12],
    problems: [],
    projections: { detectors: 1, views: 12, radii: { least: 150, most: 150 }, windows: [{ counts: 288 }] },
  });
  expect(rows["views.hs"]?.contents).toMatch(/^1 detector of 12 views; 1 rotation .*radius 150 mm/);
});

test("import and readVolume say what to do with projections; the image beside them is imported", async () => {
  const perfusion = {
    unit: "{count}" as const,
    shape: [3, 3, 2] as const,
    affine: Float64Array.of(2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1),
    space: "scanner:spect",
    clock: "spect",
    frames: [{ start: 0, duration: 0 }],
    data: new Float32Array(18).fill(1),
  };
  writeFileSync(join(folder, "spect_hmpao.nii"), writeNifti(perfusion));
  const to = `${folder}-study`;
  const { recognised, unrecognised } = await importFolder(folder, to, { offsetDays: 0 });
  rmSync(to, { recursive: true });
  expect(recognised.map(({ from }) => from)).toEqual(["spect_hmpao.nii"]);
  const why = Object.fromEntries(unrecognised.map((entry) => [entry.path, entry]));
  for (const name of ["nm.dcm", "views.hs"]) {
    expect(why[name]).toEqual({ path: name, why: "SPECT projections: reconstruct them with quintet spect recon" });
  }
  // among files of its own series the broken ones would be told of first
  const alone = mkdtempSync(join(tmpdir(), "quintet-nm-alone-"));
  writeFileSync(join(alone, "nm.dcm"), whole);
  const refusal = await readVolume(join(alone, "nm.dcm")).catch((cause: unknown) => cause);
  rmSync(alone, { recursive: true });
  expect(refusal).toMatchObject({
    code: "unsupported-nuclear",
    message: expect.stringContaining("quintet spect recon"),
  });
});
