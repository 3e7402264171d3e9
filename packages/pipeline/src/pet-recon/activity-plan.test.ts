import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { halfLives, identityAffine, type Volume } from "@quintet/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ActivityOptions, activityFields, activityPlan, inActivity } from "./activity-plan.ts";
import type { FrameJob, RawStatement } from "./raw-scan.ts";

const half = halfLives.F18;
const frame = { start: 0, duration: half };
const jobs = [{ frame }] as unknown as readonly FrameJob[];
const counts: Volume<"1"> = {
  unit: "1",
  shape: [1, 1, 1],
  affine: identityAffine(),
  space: "scanner:pet",
  clock: "pet",
  frames: [frame],
  data: Float32Array.of(100),
};
const header: RawStatement = { radionuclide: "^18^Fluorine", halfLife: half, startedAt: "2024-05-01T10:00:30" };
/** The scan began half an hour after the injection, which is TimeZero, at half past nine. */
const facts = {
  Units: "kBq/mL",
  FrameDuration: [1],
  ReconMethodName: "of another image",
  TracerName: "FDG",
  TracerRadionuclide: "F18",
  InjectedRadioactivity: 200,
  InjectedRadioactivityUnits: "MBq",
  TimeZero: "09:30:30",
  InjectionStart: 0,
  ScanStart: 1800,
};
let folder = "";
const about = (): string => join(folder, "about.json");
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "quintet-plan-"));
  writeFileSync(about(), JSON.stringify(facts));
  const { ScanStart: _, ...unplaced } = facts;
  writeFileSync(join(folder, "unplaced.json"), JSON.stringify(unplaced));
  writeFileSync(join(folder, "text.json"), JSON.stringify({ ...facts, InjectionStart: "09:30" }));
});
afterAll(() => rmSync(folder, { recursive: true }));
const planned = (options: ActivityOptions, stated: RawStatement = header) =>
  activityPlan("raw.hs", { stated, jobs }, options);

test("by hand: 100 counts per mm over a half-life, 10 Bq/mL a unit and second, 2 ln 2 to the start", async () => {
  const plan = await planned({ calibration: 10 });
  const image = inActivity(counts, plan);
  expect(image.unit).toBe("Bq/mL");
  expect(image.data[0]! / (((10 * 100) / half / 0.9673) * 2 * Math.LN2)).toBeCloseTo(1, 6);
  expect(activityFields(image.frames, plan)).toMatchObject({
    Units: "Bq/mL",
    TracerRadionuclide: "F18",
    TimeZero: "10:00:30",
    ScanStart: 0,
    ImageDecayCorrected: true,
    ImageDecayCorrectionTime: 0,
    DecayCorrectionFactor: [expect.closeTo(2 * Math.LN2, 9)],
    RadionuclidePositronFraction: 0.9673,
  });
});
test("injected a half-life before the scan: twice that; the time after the scan's start or in the JSON", async () => {
  const start = inActivity(counts, await planned({ calibration: 10 })).data[0]!;
  const early = inActivity(counts, await planned({ calibration: 10, decayTo: "injection", injection: -half }));
  expect(early.data[0]! / start).toBeCloseTo(2, 6);
  const plan = await planned({ calibration: 10, decayTo: "injection", about: about() });
  const told = inActivity(counts, plan);
  expect(told.data[0]! / start).toBeCloseTo(2 ** (1800 / half), 6);
  // TimeZero stays that of the JSON, where blood counts from too: the frames move.
  expect(told.frames).toEqual([{ start: 1800, duration: half }]);
  const fields = activityFields(told.frames, plan);
  expect(fields).toMatchObject({
    TracerName: "FDG",
    Units: "Bq/mL",
    FrameTimesStart: [1800],
    FrameDuration: [half],
    ImageDecayCorrectionTime: 0,
    TimeZero: "09:30:30",
  });
  expect(fields.ReconMethodName).toBeUndefined();
});
test("without a calibration: counts, not corrected, and nothing is asked for", async () => {
  const plan = await planned({}, { radionuclide: "^89^Zirconium" });
  expect(inActivity(counts, plan)).toMatchObject({ unit: "{count}/mm", data: counts.data });
  expect(activityFields(counts.frames, plan)).toMatchObject({
    Units: "counts/mm",
    TracerRadionuclide: "^89^Zirconium",
    ImageDecayCorrected: false,
  });
});
test.each([
  ["missing-radionuclide", { calibration: 10 }, {}],
  ["missing-radionuclide", { calibration: 10 }, { radionuclide: "^89^Zirconium" }],
  ["missing-injection-time", { calibration: 10, decayTo: "injection" }, header],
  ["no-positrons", { calibration: 10 }, { radionuclide: "Tc99m" }],
  ["disagreement", { radionuclide: "C11" }, header],
  ["disagreement", {}, { ...header, halfLife: 1221.84 }],
  ["disagreement", { about: "about.json", dose: 300 }, header],
  ["disagreement", { about: "about.json", injection: -600 }, header],
  ["disagreement", { about: "about.json" }, { ...header, startedAt: "2024-05-01T11:00:30" }],
  ["missing-scan-start", { about: "unplaced.json" }, header],
  ["bad-number", { about: "text.json" }, header],
] as const)("refusal: %s of %o with %o", async (code, options, stated) => {
  const given = "about" in options ? { ...options, about: join(folder, options.about) } : options;
  await expect(planned(given, stated)).rejects.toMatchObject({ code });
});
test("refusal: a frame of unknown length", async () => {
  const untimed = [{ frame: { start: 0, duration: 0 } }] as unknown as readonly FrameJob[];
  const asked = activityPlan("raw.hs", { stated: header, jobs: untimed }, { decayTo: "start" });
  await expect(asked).rejects.toMatchObject({ code: "missing-frame-times" });
});
