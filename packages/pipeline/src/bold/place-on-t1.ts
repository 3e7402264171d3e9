/** Where a BOLD series lies on the T1 of the same head. */
import type { LabelVolume, Mask, QcFinding, Volume } from "@quintet/core";
import { type Registration, registerRigid } from "@quintet/fusion/register";
import { finding } from "../recipes/five/outcome.ts";
import type { BoldPlace } from "./bold-files.ts";

/**
 * Rigid registration of the mean of a series to the brain cut out of the T1. EPI distortion stays as it is, and what it
 * shifts is in no error stated here.
 *
 * @throws DataError those of registerRigid
 */
export async function placeOnT1(
  mean: Volume,
  t1: Volume,
  brain: Mask,
  regions?: LabelVolume,
): Promise<{ readonly place: BoldPlace; readonly found: Registration }> {
  const found = await registerRigid(t1, mean, { fixedMask: brain });
  const place = { toT1: found.transform, expectedError: found.expectedError, ...(regions ? { regions } : {}) };
  return { place, found };
}

export function placeFinding({ expectedError }: BoldPlace): QcFinding {
  const verdict = expectedError <= 3 ? "ok" : expectedError <= 6 ? "warn" : "bad";
  const note = "expected target registration error to the T1; the distortion of the EPI images is not in it";
  return finding("mri", "bold-registration-error", Number(expectedError.toPrecision(3)), verdict, note, "mm");
}
