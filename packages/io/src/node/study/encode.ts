/** Nouns to the bytes of the formats BIDS allows. */
import { DataError, type Events, type LabelVolume, type Montage, type Recording, type Volume } from "@quintet/core";
import { type NiftiWriteOptions, writeNifti } from "../../nifti/write.ts";

export type RecordingFormat = "edf" | "bdf" | "brainvision";

/** NIfTI, gzipped. */
export function encodeVolume(volume: Volume | LabelVolume, options: NiftiWriteOptions = {}): Uint8Array {
  return writeNifti(volume, { gzip: true, ...options });
}

export interface RecordingToEncode {
  readonly recording: Recording;
  readonly events?: Events;
  readonly montage?: Montage;
  readonly format: RecordingFormat | "snirf";
  /** File name without extension. */
  readonly name: string;
}

/** The files of one recording: one for EDF, BDF and SNIRF, three for BrainVision. */
export async function encodeRecording({
  format,
}: RecordingToEncode): Promise<readonly { name: string; bytes: Uint8Array }[]> {
  throw new DataError("not-supported", "recordings cannot be written in this format", { found: format });
}
