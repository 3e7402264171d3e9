/** From a scanner's DICOM files through import to SUV: every unit and every state of decay, by hand; and what is refused. */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { affineOf, type Metadata, type VoxelUnit } from "@quintet/core";
import { writeDicomSeries } from "@quintet/io";
import { importFolder, readVolume } from "@quintet/io/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { measureUptake } from "./measure-uptake.ts";

let root = "";
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "quintet-suv-"));
});
afterAll(() => rm(root, { recursive: true }));

const n = 4 * 4 * 3;
const philips = (values: Readonly<Record<number, string>>) => {
  const even = (text: string): Uint8Array => new TextEncoder().encode(text.length % 2 ? `${text} ` : text);
  return [
    { tag: 0x70530010, vr: "LO", value: even("Philips PET Private Group") },
    ...Object.entries(values).map(([low, text]) => ({ tag: 0x70531000 + Number(low), vr: "DS", value: even(text) })),
  ];
};

interface Scan {
  readonly unit?: VoxelUnit;
  /** Of each frame of 10 min; the scan begins one half-life (6586.2 s) after the injection of 370 MBq into 70 kg. */
  readonly values?: readonly number[];
  readonly decay?: "START" | "ADMIN" | "NONE" | "";
  readonly factors?: Readonly<Record<number, string>>;
  readonly weight?: number | undefined;
  readonly fields?: object;
}

/** Imports such a series. @returns the image, its side file and what import said */
async function imported(
  name: string,
  { unit = "Bq/mL", values = [10_000], decay = "START", factors, fields = {}, ...scan }: Scan,
): Promise<{ readonly image: string; readonly side: Metadata; readonly notes: string }> {
  const [from, to] = [join(root, `${name}-dicom`), join(root, name)];
  await mkdir(from);
  const weight = "weight" in scan ? scan.weight : 70;
  const volume = {
    unit,
    shape: [4, 4, 3] as const,
    affine: affineOf([4, 0, 0, -6, 0, 4, 0, -6, 0, 0, 4, -4]),
    space: "scanner:pet",
    clock: "pet",
    frames: values.map((_, t) => ({ start: 600 * t, duration: 600 })),
    data: Float32Array.from({ length: n * values.length }, (_, i) => values[Math.floor(i / n)] as number),
  };
  const files = writeDicomSeries(volume, {
    modality: "PT",
    description: "PET FDG",
    startedAt: "2024-01-31T11:49:46.2",
    injectedAt: "2024-01-31T10:00:00",
    dose: 370e6,
    halfLife: 6586.2,
    radionuclide: "F18",
    tracer: "FDG",
    ...(weight === undefined ? {} : { weight }),
    ...(factors ? { copied: philips(factors) } : {}),
    fields: { DecayCorrection: decay, CorrectedImage: decay === "NONE" ? ["ATTN"] : ["ATTN", "DECY"], ...fields },
  });
  for (const file of files) await writeFile(join(from, file.name), file.bytes);
  const { problems } = await importFolder(from, to, { seed: 1 });
  const image = join(to, "sub-01/pet/sub-01_trc-FDG_pet.nii.gz");
  const side = JSON.parse(await readFile(image.replace(".nii.gz", ".json"), "utf8"));
  return { image, side, notes: problems.join("\n") };
}

async function uptakeOf(image: string, options: object = {}): Promise<Float32Array> {
  const { files } = await measureUptake(image, join(root, "uptake"), { measure: "suv", ...options });
  return (await readVolume(files[0] as string)).data;
}

// Half of the dose is left at the scan's start: 10,000 Bq/mL x 70,000 g / 185 MBq; at the injection all of it.
const atStart = 3.783783784;
const atInjection = 1.891891892;
// lambda d = 0.0631454: x / (1 - exp(-x)) = 1.0319049622 times what stands at the start.
const uncorrected = 3.904505262;

describe("SUV by hand, from the scanner's files", () => {
  const activity = { 0: "0", 9: "2.5" };
  const counts = { unit: "{count}", values: [4000] } as const;
  test.each<[string, Scan, number]>([
    ["BQML-START", {}, atStart],
    ["BQML-ADMIN", { decay: "ADMIN" }, atInjection],
    ["BQML-NONE", { decay: "NONE" }, uncorrected],
    ["CNTS-START", { ...counts, factors: activity }, atStart],
    ["CNTS-ADMIN", { ...counts, factors: activity, decay: "ADMIN" }, atInjection],
    ["CNTS-NONE", { ...counts, factors: activity, decay: "NONE" }, uncorrected],
    ["CNTS-SUV-NONE", { ...counts, factors: { 0: "0.0005" }, decay: "NONE" }, 2],
    ["GML-START", { unit: "g/mL", values: [2.5] }, 2.5],
    ["GML-ADMIN", { unit: "g/mL", values: [2.5], decay: "ADMIN" }, 2.5],
    ["GML-NONE", { unit: "g/mL", values: [2.5], decay: "NONE" }, 2.5],
  ])("%s", async (name, scan, expected) => {
    const { image, side, notes } = await imported(name, scan);
    // Times of day to 0.1 s and a slope of nine digits: 1e-6 of the value is rounding alone.
    expect(await uptakeOf(image)).toBeAllclose(new Float32Array(n).fill(expected), { rtol: 2e-6 });
    if (scan.factors) {
      expect(side).toMatchObject({
        Units: expected === 2 ? "g/mL" : "Bq/mL",
        SourceUnits: "CNTS",
        SourceScale: expected === 2 ? 0.0005 : 2.5,
      });
      expect(notes).toContain(`counts times ${expected === 2 ? "0.0005 (Philips SUV" : "2.5 (Philips activity"}`);
    }
    expect(notes.includes("not corrected for decay (DecayCorrection NONE)")).toBe(scan.decay === "NONE");
  });

  test("frames without decay correction meet at one time before they are averaged", async () => {
    // One uptake that only decays: the second frame's mean is exp(-lambda 600 s) of the first's.
    const { image, side } = await imported("frames", { decay: "NONE", values: [10_000, 9388.069] });
    expect(side).toMatchObject({
      InjectionStart: -6586.2,
      FrameTimesStart: [0, 600],
      FrameDuration: [600, 600],
      ImageDecayCorrected: false,
    });
    // Stored as whole 32767ths: half a step is 1.6e-5.
    for (const window of [undefined, [109, 120], [119, 130]]) {
      const found = await uptakeOf(image, window ? { window } : {});
      expect(found).toBeAllclose(new Float32Array(n).fill(uncorrected), { rtol: 2e-5 });
    }
  });

  test("both of Philips' factors: Bq/mL where they agree, the SUV factor where the weight is missing", async () => {
    // 2.5 Bq/mL a count x 70,000 g / 185 MBq.
    const both = { unit: "{count}", values: [4000], factors: { 0: "0.000946", 9: "2.5" } } as const;
    const agreed = await imported("agreed", both);
    expect(agreed.side.Units).toBe("Bq/mL");
    expect((await uptakeOf(agreed.image))[0]).toBeCloseTo(atStart, 5);
    const weightless = await imported("weightless", { ...both, weight: undefined });
    expect(weightless.side).toMatchObject({ Units: "g/mL", SUVType: "BW" });
    expect((await uptakeOf(weightless.image))[0]).toBeCloseTo(4000 * 0.000946, 5);
    const apart = await imported("apart", { ...both, factors: { 0: "0.0005", 9: "2.5" } });
    expect(apart.notes).toContain("the scanner's own SUV factor and SUV by weight and dose disagree");
    await expect(uptakeOf(apart.image)).rejects.toMatchObject({ code: "unknown-unit", found: "counts" });
  });
});

describe("refused, with the file and the line that is missing", () => {
  let image = "";
  beforeAll(async () => {
    image = (await imported("whole", {})).image;
  });
  /** A copy of the study whose side file has other fields. */
  async function changed(name: string, change: (side: Record<string, unknown>) => void): Promise<string> {
    const study = join(root, name);
    await cp(join(root, "whole"), study, { recursive: true });
    const file = join(study, "sub-01/pet/sub-01_trc-FDG_pet.json");
    const side = JSON.parse(await readFile(file, "utf8"));
    change(side);
    await writeFile(file, JSON.stringify(side));
    return file.replace(".json", ".nii.gz");
  }

  test.each<[string, string | undefined, RegExp]>([
    ["TracerRadionuclide", undefined, /unknown-radionuclide.*_pet\.json.*"TracerRadionuclide": "F18"/],
    ["InjectedRadioactivity", undefined, /missing-dose.*_pet\.json.*"InjectedRadioactivity": 370/],
    ["InjectedRadioactivityUnits", undefined, /missing-dose.*_pet\.json.*"InjectedRadioactivityUnits": "MBq"/],
    ["InjectedRadioactivityUnits", "mCi", /unknown-unit.*_pet\.json/],
    ["InjectionStart", undefined, /missing-injection-time.*_pet\.json.*"InjectionStart": 0/],
    ["ImageDecayCorrected", undefined, /not-decay-corrected.*_pet\.json.*"ImageDecayCorrected": true/],
    ["ImageDecayCorrectionTime", undefined, /missing-decay-reference.*_pet\.json.*"ImageDecayCorrectionTime": 0/],
    ["TracerRadionuclide", "C11", /disagreement.*_pet\.json.*1221\.84 s of C11, found RadionuclideHalfLife 6586\.2 s/],
    ["Units", undefined, /unknown-unit.*_pet\.json.*"Units": "Bq\/mL"/],
    ["Units", "counts", /unknown-unit.*_pet\.json.*found counts/],
  ])("%s %s", async (field, value, said) => {
    const copy = await changed(`${field}-${value}`, (side) => {
      if (value === undefined) delete side[field];
      else side[field] = value;
    });
    await expect(uptakeOf(copy).catch((error) => `${error.code}: ${error.message}`)).resolves.toMatch(said);
  });

  test("two body weights that differ by more than 0.5 kg: both places are named", async () => {
    const told = (path: string, options: object = {}): Promise<unknown> =>
      uptakeOf(path, options).then(
        (data) => data[0],
        (error) => `${error.code}: ${error.message}`,
      );
    expect(await told(image, { weight: 99 })).toMatch(
      /^disagreement: .*two body weights.*99 kg of --weight.*70 kg of .*whole\/participants\.tsv/,
    );
    expect(await told(image, { weight: 70.4 })).toBeCloseTo((atStart * 70.4) / 70, 5);
    const other = await changed("other-weight", (side) => {
      side.PatientWeight = 59;
    });
    expect(await told(other)).toMatch(
      /70 kg of .*other-weight\/participants\.tsv, found 59 kg of PatientWeight of .*_pet\.json/,
    );
    const older = await changed("older-name", (side) => {
      delete side.PatientWeight;
      side.BodyWeight = 59;
    });
    expect(await told(older, { weight: 70 })).toMatch(/70 kg of --weight, found 59 kg of BodyWeight of .*_pet\.json/);
    await rm(join(root, "older-name/participants.tsv"));
    expect(await told(older)).toBeCloseTo((atStart * 59) / 70, 5);
    const silent = await changed("silent", (side) => {
      delete side.PatientWeight;
    });
    expect(await told(silent)).toBeCloseTo(atStart, 5);
    await rm(join(root, "silent/participants.tsv"));
    expect(await told(silent)).toMatch(
      /^missing-weight: .*_pet\.json.*column weight \(kg\) of participants\.tsv.*"PatientWeight": 72/,
    );
    expect(await told(silent, { weight: 0.3 })).toMatch(/^implausible-weight: .*_pet\.json/);
  });

  test("a window that holds no frame names the side file; so do uncorrected frames of unknown length", async () => {
    await expect(uptakeOf(image, { window: [0, 20] })).rejects.toMatchObject({
      code: "no-frames-in-window",
      file: expect.stringMatching(/_pet\.json$/),
    });
    const endless = await changed("endless", (side) => {
      side.ImageDecayCorrected = false;
      side.FrameDuration = [0];
    });
    await expect(uptakeOf(endless)).rejects.toMatchObject({
      code: "not-decay-corrected",
      file: expect.stringMatching(/_pet\.json$/),
    });
  });

  test("ready uptake by lean body mass is no SUV, nor is it made of by-weight SUV", async () => {
    const lean = await changed("lean", (side) => Object.assign(side, { Units: "g/mL", SUVType: "LBMJANMA" }));
    await expect(uptakeOf(lean)).rejects.toMatchObject({ code: "unknown-unit" });
    const ready = await changed("ready", (side) => Object.assign(side, { Units: "g/mL" }));
    await expect(uptakeOf(ready, { measure: "sul", height: 1.7, sex: "F" })).rejects.toMatchObject({
      code: "unknown-unit",
    });
  });
});
