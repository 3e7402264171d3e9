/** SUV facts of a converted PET series: one dataset a time frame, in the order of the image's frames. */
import { DataError } from "@quintet/core";
import { type DicomSuv, dicomSuv } from "../dicom/suv-facts.ts";
import { type DicomDataset, readDicomTags } from "../dicom/tags.ts";
import { dicomText } from "../dicom/values.ts";
import type { DicomInput } from "./dicom-input.ts";

/** The facts, or why there is no SUV. */
export type SuvOutcome = { readonly suv: DicomSuv } | { readonly suvRefused: string };

/**
 * @param frames of the converted image; a static one takes its earliest image
 */
export function suvOf(files: readonly DicomInput[], frames: number): SuvOutcome {
  try {
    const byTime = new Map<string, DicomDataset>();
    for (const { name, bytes } of files) {
      const tags = readDicomTags(bytes, { file: name });
      const when = `${dicomText(tags, "AcquisitionDate") ?? ""}${(dicomText(tags, "AcquisitionTime") ?? "").padEnd(13, "0")}`;
      if (!byTime.has(when)) byTime.set(when, tags);
    }
    const images = [...byTime].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, tags]) => tags);
    if (frames > 1 && images.length !== frames) {
      throw new DataError("disagreement", "the series has not one acquisition time a frame", {
        expected: `${frames}`,
        found: `${images.length}`,
      });
    }
    return { suv: dicomSuv(frames > 1 ? images : images.slice(0, 1)) };
  } catch (cause) {
    if (cause instanceof DataError) return { suvRefused: cause.message };
    throw cause;
  }
}
