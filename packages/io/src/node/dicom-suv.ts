/** What the frames of a converted PET series are worth: SUV, factors of counts, times; one dataset a frame, in the image's order. */
import { DataError, type Frame } from "@quintet/core";
import { type CountScale, countScales, scaleFactors } from "../dicom/count-scale.ts";
import { frameSpans } from "../dicom/scan-times.ts";
import { type DicomSuv, dicomSuv } from "../dicom/suv-facts.ts";
import { type DicomDataset, readDicomTags } from "../dicom/tags.ts";
import { dicomText } from "../dicom/values.ts";
import type { DicomInput } from "./dicom-input.ts";

export interface PetSeriesFacts {
  /** The facts, or ... */
  readonly suv?: DicomSuv;
  /** ... why there is no SUV. */
  readonly suvRefused?: string;
  /** Of a series of counts: what makes activity or SUV of them. Absent where its two factors leave that open. */
  readonly counts?: CountScale;
  /** Seconds from the first acquisition, where every frame states them. */
  readonly frames?: readonly Frame[];
}

/**
 * @param frames of the converted image; a static one takes its earliest image
 */
export function petSeriesFacts(files: readonly DicomInput[], frames: number): PetSeriesFacts {
  const byTime = new Map<string, DicomDataset[]>();
  for (const { name, bytes } of files) {
    const tags = readDicomTags(bytes, { file: name });
    const when = `${dicomText(tags, "AcquisitionDate") ?? ""}${(dicomText(tags, "AcquisitionTime") ?? "").padEnd(13, "0")}`;
    byTime.set(when, [...(byTime.get(when) ?? []), tags]);
  }
  const sorted = [...byTime].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, tags]) => tags);
  const groups = frames > 1 ? sorted : [sorted.flat()];
  const images = groups.flatMap(([tags]) => tags ?? []);
  const refused = <T>(act: () => T): T | DataError => {
    try {
      return act();
    } catch (cause) {
      if (cause instanceof DataError) return cause;
      throw cause;
    }
  };
  if (images.length !== frames) {
    const error = new DataError("disagreement", "the series has not one acquisition time a frame", {
      expected: `${frames}`,
      found: `${images.length}`,
    });
    return { suvRefused: error.message };
  }
  const spans = frameSpans(images);
  const times = spans ? { frames: spans } : {};
  const suv = refused(() => {
    if (dicomText(images[0] as DicomDataset, "Units") === "CNTS") for (const group of groups) oneScale(group);
    return dicomSuv(images);
  });
  if (!(suv instanceof DataError)) return { suv, ...(suv.counts ? { counts: suv.counts } : {}), ...times };
  const counts = refused(() => {
    if (dicomText(images[0] as DicomDataset, "Units") !== "CNTS") return {};
    for (const group of groups) oneScale(group);
    return countScales(images);
  });
  // Two factors and no SUV: they cannot be held against each other, and the counts stay what they are.
  const scale = counts instanceof DataError || counts.suv ? undefined : counts.activity;
  return { suvRefused: suv.message, ...(scale ? { counts: scale } : {}), ...times };
}

/** @throws DataError `disagreement` where images of one frame have different factors: the converted frame would have none */
function oneScale(group: readonly DicomDataset[]): void {
  const [first, ...more] = group;
  if (first === undefined) return;
  const expected = scaleFactors(first);
  for (const image of more) {
    const found = scaleFactors(image);
    if (found === expected) continue;
    throw new DataError("disagreement", "images of one frame have different scale factors", {
      file: image.file,
      expected: `SUV and activity factor ${expected}, as ${first.file} has`,
      found,
    });
  }
}
