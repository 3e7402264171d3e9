import { affineOf, type Volume } from "@quintet/core";
import { suv } from "@quintet/modalities/pet";
import { describe, expect, test } from "vitest";
import { type DicomFields, encodeDicom } from "./encode.ts";
import { dicomSuv } from "./suv-facts.ts";
import { type DicomDataset, type DicomElement, readDicomTags } from "./tags.ts";

const file = "pt.dcm";
/** 370 MBq of F-18 at 10:00:00 into 70 kg; scanned one half-life (109.77 min) later, at 11:49:46.2, for 10 min. */
const injection: DicomFields = {
  RadiopharmaceuticalStartTime: "100000",
  RadionuclideTotalDose: 370e6,
  RadionuclideHalfLife: 6586.2,
  RadionuclideCodeSequence: [{ CodeMeaning: "^18^Fluorine" }],
};
const base: DicomFields = {
  SOPClassUID: "1.2.840.10008.5.1.4.1.1.128",
  SOPInstanceUID: "2.25.1",
  Modality: "PT",
  Units: "BQML",
  DecayCorrection: "START",
  CorrectedImage: ["DECY", "ATTN", "SCAT"],
  PatientWeight: 70,
  SeriesDate: "20240131",
  SeriesTime: "114946.2",
  AcquisitionDate: "20240131",
  AcquisitionTime: "114946.2",
  ActualFrameDuration: 600000,
  RadiopharmaceuticalInformationSequence: [injection],
};
const image = (fields: { [K in keyof DicomFields]?: DicomFields[K] | undefined } = {}): DicomDataset => {
  const kept = Object.fromEntries(Object.entries({ ...base, ...fields }).filter(([, value]) => value !== undefined));
  return readDicomTags(encodeDicom(kept as DicomFields), { file });
};
const injected = (fields: DicomFields): DicomDataset =>
  image({ RadiopharmaceuticalInformationSequence: [{ ...injection, ...fields }] });
const without = (...names: (keyof DicomFields)[]): DicomDataset => {
  const item = Object.fromEntries(
    Object.entries(injection).filter(([name]) => !names.includes(name as keyof DicomFields)),
  );
  return image({ RadiopharmaceuticalInformationSequence: [item as DicomFields] });
};

/** The dataset with a private block. */
function withPrivate(
  dataset: DicomDataset,
  group: number,
  creator: string,
  values: Readonly<Record<number, string | number>>,
): DicomDataset {
  const elements = new Map<number, DicomElement>(dataset.elements);
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);
  elements.set(group * 65536 + 0x10, { tag: group * 65536 + 0x10, vr: "LO", value: text(creator) });
  for (const [low, value] of Object.entries(values)) {
    const tag = group * 65536 + 0x1000 + Number(low);
    if (typeof value === "string") elements.set(tag, { tag, vr: "DS", value: text(value) });
    else {
      const bytes = new Uint8Array(4);
      new DataView(bytes.buffer).setFloat32(0, value, true);
      elements.set(tag, { tag, vr: "FL", value: bytes });
    }
  }
  return { ...dataset, elements };
}

// Times count from 1970, to 0.2 microseconds: factors are right to 3e-11.
describe("activity concentration, by hand", () => {
  test("START: half of 370 MBq is left at the scan's start; 70,000 g / 185 MBq", () => {
    const { factors, activity, decayReference, administeredAt } = dicomSuv([image()]);
    expect(factors[0]).toBeCloseTo(70_000 / 185e6, 13);
    expect(activity).toEqual({ value: 370e6, unit: "Bq" });
    expect([administeredAt, decayReference]).toEqual(["2024-01-31T10:00:00", "2024-01-31T11:49:46.200"]);
  });

  test("ADMIN: the image is already what it was at the injection; 70,000 g / 370 MBq", () => {
    expect(dicomSuv([image({ DecayCorrection: "ADMIN" })]).factors[0]).toBeCloseTo(70_000 / 370e6, 13);
  });

  test("NONE: every frame by its own start and length", () => {
    const none = { DecayCorrection: "NONE", CorrectedImage: ["ATTN"] } as const;
    const later = { ...none, AcquisitionTime: "133932.4", ActualFrameDuration: 1200000 };
    const { factors, decayReference } = dicomSuv([image(none), image(later)]);
    // lambda d = 0.0631454 and 0.1262908; x / (1 - e^-x) = 1 + x / 2 + x^2 / 12 - x^4 / 720 = 1.0319049622 and 1.0644741725.
    expect(factors[0]).toBeCloseTo((70_000 / 185e6) * 1.0319049622, 12);
    expect(factors[1]).toBeCloseTo((70_000 / 92.5e6) * 1.0644741725, 12);
    expect(decayReference).toBeUndefined();
  });

  test("the factor is that of the wing's own SUV", () => {
    const pet: Volume<"Bq/mL"> = {
      unit: "Bq/mL",
      shape: [1, 1, 1],
      affine: affineOf([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]),
      space: "scanner:pet",
      clock: "pet",
      frames: [{ start: 0, duration: 600 }],
      data: Float32Array.of(10_000),
    };
    const { factors, weight, activity } = dicomSuv([image()]);
    const wing = suv(pet, {
      radionuclide: "F18",
      weight: weight ?? { value: 0, unit: "kg" },
      activity: activity ?? { value: 0, unit: "Bq" },
      activityTime: -6586.2,
      decayReference: 0,
    });
    expect(wing.data[0]).toBeCloseTo(10_000 * (factors[0] as number), 6);
  });
});

describe("counts and ready SUV", () => {
  const philips = "Philips PET Private Group";
  test("CNTS: Philips' SUV factor; 0 there means none, then its activity factor", () => {
    const counts = image({ Units: "CNTS" });
    expect(dicomSuv([withPrivate(counts, 0x7053, philips, { 0: "0.0005" })]).factors).toEqual([0.0005]);
    const activity = withPrivate(counts, 0x7053, philips, { 0: "0", 9: "2.5" });
    expect(dicomSuv([activity]).factors[0]).toBeCloseTo((2.5 * 70_000) / 185e6, 13);
  });

  test("CNTS with both factors: they must agree within 3 %; where the weight is missing the SUV factor stands", () => {
    const both = (suv: string, fields: object = {}): DicomDataset =>
      withPrivate(image({ Units: "CNTS", ...fields }), 0x7053, philips, { 0: suv, 9: "2.5" });
    // By weight: 2.5 x 70,000 / 185e6 = 0.00094595.
    const agreed = dicomSuv([both("0.00096")]);
    expect(agreed.factors[0]).toBeCloseTo((2.5 * 70_000) / 185e6, 13);
    expect(agreed.counts).toMatchObject({ unit: "Bq/mL", factors: [2.5] });
    expect(() => dicomSuv([both("0.00098")])).toThrow(expect.objectContaining({ code: "disagreement", file }));
    const weightless = dicomSuv([both("0.0005", { PatientWeight: undefined })]);
    expect(weightless).toMatchObject({ factors: [0.0005], counts: { unit: "g/mL" } });
    expect(weightless.notes[1]).toContain("SUV needs the body weight");
    const twice = { RadiopharmaceuticalInformationSequence: [{ ...injection, RadionuclideHalfLife: 1223 }] };
    expect(() => dicomSuv([both("0.00096", twice)])).toThrow(expect.objectContaining({ code: "disagreement" }));
  });

  test("each frame has its own factor; frames with and without one are refused", () => {
    const frame = (time: string, values: Record<number, string>): DicomDataset =>
      withPrivate(image({ Units: "CNTS", AcquisitionTime: time }), 0x7053, philips, values);
    const { factors } = dicomSuv([frame("114946.2", { 0: "0.0005" }), frame("115946.2", { 0: "0.0006" })]);
    expect(factors).toEqual([0.0005, 0.0006]);
    expect(() => dicomSuv([frame("114946.2", { 0: "0.0005" }), frame("115946.2", { 9: "2.5" })])).toThrow(
      expect.objectContaining({ code: "disagreement" }),
    );
  });

  test("GML is SUV by body weight as it is, other types are not", () => {
    expect(dicomSuv([image({ Units: "GML", PatientWeight: undefined })]).factors).toEqual([1]);
    expect(dicomSuv([image({ Units: "GML", SUVType: "BW" })]).notes).toEqual([]);
    expect(() => dicomSuv([image({ Units: "GML", SUVType: "LBM" })])).toThrow(
      expect.objectContaining({ code: "unknown-unit" }),
    );
  });
});

describe("times", () => {
  test("a series made later than its acquisition: GE's own scan time, or the frames' decay factor decides", () => {
    const late = { SeriesTime: "150000" };
    expect(() => dicomSuv([image(late)])).toThrow(expect.objectContaining({ code: "disagreement" }));
    // Frame of 10 min at the time decay is corrected to: its factor is the frame mean's alone.
    expect(dicomSuv([image({ ...late, DecayFactor: 1.0319 })]).factors[0]).toBeCloseTo(70_000 / 185e6, 13);
    const ge = withPrivate(image(late), 0x0009, "GEMS_PETD_01", { 13: "20240131114946.20" });
    const { factors, notes } = dicomSuv([ge]);
    expect(factors[0]).toBeCloseTo(70_000 / 185e6, 13);
    expect(notes[0]).toMatch(/the series was made 11414 s after its first acquisition/);
  });

  test("an injection before midnight", () => {
    const night = image({
      SeriesTime: "004946.2",
      AcquisitionTime: "004946.2",
      RadiopharmaceuticalInformationSequence: [{ ...injection, RadiopharmaceuticalStartTime: "230000" }],
    });
    const { factors, administeredAt } = dicomSuv([night]);
    expect(administeredAt).toBe("2024-01-30T23:00:00");
    expect(factors[0]).toBeCloseTo(70_000 / 185e6, 13);
  });

  test("later frames of a series corrected to its start share one factor", () => {
    const second = image({ AcquisitionTime: "115946.2", DecayFactor: 1.09915 });
    const first = image({ DecayFactor: 1.0319 });
    expect(dicomSuv([first, second]).factors).toEqual(
      [70_000 / 185e6, 70_000 / 185e6].map((f) => expect.closeTo(f, 13)),
    );
  });
});

describe("what stayed in the syringe", () => {
  // 380 MBq drawn up and 10 MBq left, both measured at the time of the injection.
  const ge = (stated: number): DicomDataset =>
    withPrivate(injected({ RadionuclideTotalDose: stated }), 0x0009, "GEMS_PETD_01", {
      56: 380,
      57: "20240131100000.00",
      60: 10,
      61: "20240131100000.00",
    });
  test("net as stated, gross made net, anything else refused", () => {
    expect(dicomSuv([ge(370e6)])).toMatchObject({
      activity: { value: 370e6 },
      notes: [expect.stringMatching(/stated dose is net/)],
    });
    const gross = dicomSuv([ge(380e6)]);
    expect(gross.activity?.value).toBeCloseTo(370e6, 0);
    expect(gross.factors[0]).toBeCloseTo(70_000 / 185e6, 13);
    expect(() => dicomSuv([ge(300e6)])).toThrow(expect.objectContaining({ code: "disagreement" }));
  });
});

describe("refused, never guessed", () => {
  test.each<[string, string, () => DicomDataset]>([
    ["missing-weight", "no weight", () => image({ PatientWeight: undefined })],
    ["implausible-weight", "a weight in g", () => image({ PatientWeight: 70_000 })],
    ["missing-dose", "no dose", () => without("RadionuclideTotalDose")],
    ["implausible-dose", "a dose in MBq", () => injected({ RadionuclideTotalDose: 370 })],
    ["missing-injection-time", "no time", () => without("RadiopharmaceuticalStartTime")],
    ["missing-half-life", "no half-life", () => without("RadionuclideHalfLife")],
    ["disagreement", "half-life of another nuclide", () => injected({ RadionuclideHalfLife: 1223 })],
    ["missing-decay-reference", "no DecayCorrection", () => image({ DecayCorrection: undefined })],
    ["disagreement", "corrected and not", () => image({ CorrectedImage: ["ATTN"] })],
    ["not-attenuation-corrected", "no attenuation correction", () => image({ CorrectedImage: ["DECY"] })],
    ["missing-scan-time", "no times", () => image({ SeriesTime: undefined, AcquisitionTime: undefined })],
    ["disagreement", "two injection times", () => injected({ RadiopharmaceuticalStartDateTime: "20240131093000" })],
    [
      "disagreement",
      "an injection of last year",
      () => injected({ RadiopharmaceuticalStartDateTime: "20230131100000" }),
    ],
    ["disagreement", "a decay factor of another reference", () => image({ DecayFactor: 2.06 })],
    ["unknown-unit", "counts without a factor", () => image({ Units: "CNTS" })],
    ["unknown-unit", "another unit", () => image({ Units: "PROPCPS" })],
    [
      "missing-frame-duration",
      "uncorrected, of unknown length",
      () => image({ DecayCorrection: "NONE", CorrectedImage: ["ATTN"], ActualFrameDuration: undefined }),
    ],
  ])("%s: %s", (code, _, make) => {
    expect(() => dicomSuv([make()])).toThrow(expect.objectContaining({ name: "DataError", code, file }));
  });
});
