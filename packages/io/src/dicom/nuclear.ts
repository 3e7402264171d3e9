import { DataError, type Volume } from "@quintet/core";
import { checkedProduct, requireBytes } from "../bytes/byte-reader.ts";
import { dictionary } from "./dictionary.ts";
import { planeAffine, planeOf } from "./geometry.ts";
import type { DicomDataset, DicomFile } from "./tags.ts";
import { dicomItems, dicomNumber, dicomText, dicomTexts, requiredNumbers } from "./values.ts";

/** NM Image Storage holding reconstructed slices in one file, uncompressed. */
export function isNuclearVolume(dataset: DicomFile): boolean {
  return dicomText(dataset, "Modality") === "NM" && (dicomNumber(dataset, "NumberOfFrames") ?? 1) > 1;
}

/**
 * Reads reconstructed SPECT slices (NM Image, one file with all slices).
 *
 *   LPS(i, j, k) = IPP + F_row dx i + F_col dy j + (F_row x F_col) SpacingBetweenSlices k
 *
 * The sign of SpacingBetweenSlices says which way the slices are stacked; nothing else in the file does. Converters
 * that overlook this turn the head upside down (dcm2niix issue 885) or left to right.
 *
 * @throws DataError `unsupported-nuclear` (projections, gated or dynamic frames, compressed or colour pixels),
 *   `missing-tag`, `bad-dicom`, `bad-dimensions`, `truncated`
 * @see DICOM PS3.3 C.8.4.15 (NM Reconstruction), C.8.4.11 (NM Detector)
 */
export function readNuclearVolume(dataset: DicomFile, clock = "spect"): Volume<"{arbitrary}"> {
  const { file } = dataset;
  const frames = dicomNumber(dataset, "NumberOfFrames") ?? 1;
  const slices = dicomNumber(dataset, "NumberOfSlices") ?? frames;
  const bits = dicomNumber(dataset, "BitsAllocated");
  const kind = dicomTexts(dataset, "ImageType")[2] ?? "";
  if (
    kind !== "RECON TOMO" ||
    slices !== frames ||
    dataset.encapsulated ||
    (bits !== 16 && bits !== 32 && bits !== 8)
  ) {
    const why =
      kind === "TOMO"
        ? "these are SPECT projections, not an image: reconstruct them with quintet spect recon"
        : "only static reconstructed slices are read from an NM file";
    throw new DataError("unsupported-nuclear", why, {
      file,
      expected: "RECON TOMO, one frame for each slice, uncompressed 8, 16 or 32 bits",
      found: `${kind || "no image type"}, ${frames} frames, ${slices} slices, ${bits} bits`,
    });
  }
  const detector = dicomItems(dataset, "DetectorInformationSequence")[0];
  const elements = new Map([...dataset.elements, ...(detector?.elements ?? [])]);
  const placed: DicomDataset = { ...dataset, elements };
  const plane = planeOf(placed);
  const [spacing] = requiredNumbers(placed, "SpacingBetweenSlices", 1) as [number];
  if (spacing === 0) throw new DataError("bad-dicom", "slices need a distance", { file, found: "0 mm" });
  const { row, column } = plane;
  const normal = [
    row[1] * column[2] - row[2] * column[1],
    row[2] * column[0] - row[0] * column[2],
    row[0] * column[1] - row[1] * column[0],
  ] as const;
  const count = checkedProduct([plane.columns, plane.rows, slices], "the image extents", file);
  const pixels = dataset.elements.get(dictionary.PixelData[0])?.value ?? new Uint8Array(0);
  requireBytes(pixels, 0, (count * bits) / 8, "its pixels", file);
  return {
    unit: "{arbitrary}",
    shape: [plane.columns, plane.rows, slices],
    affine: planeAffine(plane, plane.position, [normal[0] * spacing, normal[1] * spacing, normal[2] * spacing]),
    space: "scanner:spect",
    clock,
    frames: [{ start: 0, duration: 0 }],
    data: scaledPixels(dataset, pixels, count, bits),
  };
}

export function scaledPixels(dataset: DicomFile, pixels: Uint8Array, count: number, bits: 8 | 16 | 32): Float32Array {
  const view = new DataView(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  const signed = dicomNumber(dataset, "PixelRepresentation") === 1;
  const little = dataset.littleEndian;
  const slope = dicomNumber(dataset, "RescaleSlope") ?? 1;
  const intercept = dicomNumber(dataset, "RescaleIntercept") ?? 0;
  const stored = {
    8: (i: number) => (signed ? view.getInt8(i) : view.getUint8(i)),
    16: (i: number) => (signed ? view.getInt16(2 * i, little) : view.getUint16(2 * i, little)),
    32: (i: number) => (signed ? view.getInt32(4 * i, little) : view.getUint32(4 * i, little)),
  }[bits];
  return Float32Array.from({ length: count }, (_, i) => slope * stored(i) + intercept);
}
