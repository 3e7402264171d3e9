import type { Affine, Volume } from "@quintet/core";
import type { RegistrationCheck } from "@quintet/view";

export interface RegisteredImage {
  readonly expectedError: number;
  readonly quality: { readonly nmi: number };
  readonly converged: boolean;
  readonly note: string;
}

/** How a rigid registration of a nuclear image is shown on a page: bad where it did not settle or may be off by more than a voxel of it, 6 mm. */
export function imageCheck(
  modality: "pet" | "spect",
  name: string,
  volume: Volume,
  toAnatomy: Affine,
  { expectedError, quality, converged, note }: RegisteredImage,
): RegistrationCheck {
  return {
    modality,
    name,
    volume,
    toAnatomy,
    expectedError,
    quality: quality.nmi,
    qualityName: "normalised mutual information",
    verdict: !converged || expectedError > 6 ? "bad" : expectedError > 3 ? "warn" : "ok",
    note: note || "repeated runs agree",
  };
}
