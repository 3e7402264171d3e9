import { affineOf, type Volume } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { convertDicom } from "../node/dicom.ts";
import { type DicomFields, encodeDicom } from "./encode.ts";
import { dicomIdentity } from "./identity.ts";
import { type DicomFile, readDicomTags } from "./tags.ts";
import { dicomItems, dicomText, dicomTexts } from "./values.ts";
import { type DicomResultOptions, writeDicomResult, writeSecondaryCapture } from "./write-result.ts";
import { writeDicomSeries } from "./write-series.ts";

const volume: Volume = {
  unit: "Bq/mL",
  shape: [6, 5, 3],
  affine: affineOf([2, 0, 0, -6, 0, 2, 0, -5, 0, 0, 4, -4]),
  space: "scanner:pet",
  clock: "pet",
  frames: [{ start: 0, duration: 600 }],
  data: Float32Array.from({ length: 90 }, (_, i) => i),
};
const tagsOf = (bytes: Uint8Array): DicomFile => readDicomTags(bytes, { file: "source.dcm" });
/** A source series as a scanner's, with a name of another alphabet and a code beyond our dictionary. */
const sources = writeDicomSeries(volume, {
  modality: "PT",
  startedAt: "2024-01-31T11:49:46",
  injectedAt: "2024-01-31T10:00:00",
  dose: 370e6,
  halfLife: 6586.2,
  radionuclide: "F18",
  fields: {
    PatientName: Uint8Array.from([0x4d, 0xfc, 0x6c, 0x6c, 0x65, 0x72]),
    PatientID: "4711",
    PatientWeight: 70,
    AccessionNumber: "A1",
    StudyInstanceUID: "1.2.3.4",
    SeriesInstanceUID: "1.2.3.4.5",
    FrameOfReferenceUID: "1.2.3.4.6",
    CorrectedImage: ["ATTN", "DECY"],
  },
}).map(({ bytes }) => tagsOf(bytes));
const suvr: Volume = { ...volume, unit: "1", data: volume.data.map((v) => v / 10) };
const options: DicomResultOptions = {
  sources,
  description: "SUVR",
  derivation: "mean of 50 to 70 min over cerebellar grey matter",
  identity: "keep",
  madeAt: "2024-02-01T08:30:00",
};

describe("a PET result", () => {
  const written = writeDicomResult(suvr, options);
  const [first] = written.map(({ bytes }) => tagsOf(bytes)) as [DicomFile];

  test("belongs to the source's study and frame of reference, and says what it was made from", () => {
    expect(written).toHaveLength(3);
    expect(dicomText(first, "StudyInstanceUID")).toBe("1.2.3.4");
    expect(dicomText(first, "FrameOfReferenceUID")).toBe("1.2.3.4.6");
    expect(dicomText(first, "SeriesInstanceUID")).not.toBe("1.2.3.4.5");
    expect(dicomTexts(first, "ImageType")).toEqual(["DERIVED", "PRIMARY"]);
    const [series] = dicomItems(first, "ReferencedSeriesSequence");
    expect(series && dicomText(series, "SeriesInstanceUID")).toBe("1.2.3.4.5");
    const instances = series ? dicomItems(series, "ReferencedInstanceSequence") : [];
    expect(instances.map((item) => dicomText(item, "ReferencedSOPInstanceUID"))).toEqual(
      sources.map((s) => dicomText(s, "SOPInstanceUID")),
    );
    const [purpose] = dicomItems(first, "SourceImageSequence").flatMap((item) =>
      dicomItems(item, "PurposeOfReferenceCodeSequence"),
    );
    expect(purpose && dicomText(purpose, "CodeValue")).toBe("121322");
    expect(dicomText(first, "Units")).toBe("NONE");
    expect(dicomText(first, "SeriesDescription")).toBe("SUVR [1]");
  });

  test("patient, weight, injection and corrections are the source's, names byte for byte", () => {
    expect(first.elements.get(0x00100010)?.value).toEqual(Uint8Array.from([0x4d, 0xfc, 0x6c, 0x6c, 0x65, 0x72]));
    expect(dicomText(first, "PatientID")).toBe("4711");
    expect(dicomText(first, "PatientWeight")).toBe("70");
    const [injection] = dicomItems(first, "RadiopharmaceuticalInformationSequence");
    expect(injection && dicomText(injection, "RadionuclideTotalDose")).toBe("370000000");
    expect(dicomTexts(first, "CorrectedImage")).toEqual(["ATTN", "DECY"]);
  });

  test("without identity nothing telling is left, and the same source stays the same", () => {
    const bare = writeDicomResult(suvr, { ...options, identity: "remove" }).map(({ bytes }) => tagsOf(bytes));
    const [one, two] = bare as [DicomFile, DicomFile];
    expect(dicomIdentity(one)).toEqual([]);
    expect(dicomText(one, "PatientIdentityRemoved")).toBe("YES");
    expect(dicomText(one, "StudyInstanceUID")).not.toBe("1.2.3.4");
    expect(dicomText(one, "StudyInstanceUID")).toBe(dicomText(two, "StudyInstanceUID"));
    const told = new TextDecoder("latin1").decode(writeDicomResult(suvr, { ...options, identity: "remove" })[0]?.bytes);
    expect(told).not.toMatch(/1\.2\.3\.4|4711/);
    expect(dicomText(one, "PatientWeight")).toBe("70");
  });

  test("dcm2niix gives back values and places", async () => {
    const [series] = await convertDicom(written.map(({ name, bytes }) => ({ name, bytes })));
    expect(series?.volume.shape).toEqual([6, 5, 3]);
    // The greatest value is 8.9; a step of the stored integers is 8.9 / 32767.
    const sorted = (values: Float32Array): number[] => [...values].sort((a, b) => a - b);
    expect(sorted(series?.volume.data ?? new Float32Array(0))).toBeAllclose(sorted(suvr.data), {
      atol: 8.9 / 65534 + 1e-6,
    });
  });

  test("SUV is GML by body weight", () => {
    const [one] = writeDicomResult({ ...suvr, unit: "g/mL" }, options).map(({ bytes }) => tagsOf(bytes));
    expect(one && [dicomText(one, "Units"), dicomText(one, "SUVType")]).toEqual(["GML", "BW"]);
  });
});

describe("a picture", () => {
  const picture = { width: 3, height: 1, pixels: Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255) };
  test("is a Secondary Capture of the same study, padded to even", () => {
    const { bytes } = writeSecondaryCapture(picture, options);
    const read = tagsOf(bytes);
    expect(dicomText(read, "SOPClassUID")).toBe("1.2.840.10008.5.1.4.1.1.7");
    expect(dicomText(read, "StudyInstanceUID")).toBe("1.2.3.4");
    expect(dicomText(read, "FrameOfReferenceUID")).toBeUndefined();
    expect([...(read.elements.get(0x7fe00010)?.value ?? [])]).toEqual([255, 0, 0, 0, 255, 0, 0, 0, 255, 0]);
    expect(dicomItems(read, "ReferencedSeriesSequence")).toHaveLength(1);
  });
});

test.each<[string, () => unknown]>([
  ["no-images", () => writeDicomResult(suvr, { ...options, sources: [] })],
  [
    "not-pet",
    () =>
      writeDicomResult(suvr, { ...options, sources: [tagsOf(encodeDicom({ Modality: "MR" } satisfies DicomFields))] }),
  ],
  ["not-finite", () => writeDicomResult({ ...suvr, data: suvr.data.map(() => Number.NaN) }, options)],
  ["bad-picture", () => writeSecondaryCapture({ width: 2, height: 2, pixels: new Uint8Array(5) }, options)],
])("refuses: %s", (code, act) => {
  expect(act).toThrow(expect.objectContaining({ name: "DataError", code }));
});
