import { DataError, type Mask, sameGrid, type Volume } from "@quintet/core";
import { meanOverWindow, type Window } from "./mean-over-window.ts";

/**
 * Standardised uptake value ratio (SUVR) image.
 *
 *   SUVR(v) = C(v) / mean_{r in reference} C(r),   C = sum_t d_t A_t / sum_t d_t
 *
 * summed over the frames that lie wholly inside `window`. Dose and weight cancel,
 * so activity (Bq/mL) and SUV (g/mL) give the same result.
 *
 * @param pet decay-corrected to one common time, shape [t][z][y][x]
 * @param reference region on the same grid, e.g. cerebellar grey matter
 * @param window all frames without it
 * @returns one frame spanning the frames used, unit "1"
 * @throws DataError `grid-mismatch`, `no-frames-in-window`, `unknown-duration`, `empty-region`, `not-positive`
 * @see Lopresti et al., J Nucl Med 2005;46:1959-72
 */
export function suvr(pet: Volume<"Bq/mL" | "g/mL">, reference: Mask, window?: Window): Volume<"1"> {
  if (!sameGrid(pet, reference))
    throw new DataError("grid-mismatch", "PET and reference region must lie on one grid", {
      expected: `${pet.shape} in ${pet.space}`,
      found: `${reference.shape} in ${reference.space}`,
    });
  const mean = meanOverWindow(pet, window);
  const denominator = meanInside(mean.data, reference);
  if (!(denominator > 0))
    throw new DataError("not-positive", `reference uptake is ${denominator} ${pet.unit}`, { expected: "> 0" });
  return { ...mean, unit: "1", data: mean.data.map((a) => a / denominator) };
}

function meanInside(data: Float32Array, mask: Mask): number {
  let [sum, n] = [0, 0];
  for (let i = 0; i < data.length; i++) {
    if (mask.data[i] === 0) continue;
    sum += data[i] as number;
    n++;
  }
  if (n === 0) throw new DataError("empty-region", "the reference region has no voxel");
  return sum / n;
}
