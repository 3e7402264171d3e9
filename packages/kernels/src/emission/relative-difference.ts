import { DataError } from "@quintet/core";
import { forPairs, type Neighbourhood } from "./neighbourhood.ts";

/** A roughness penalty R(x) that a reconstruction subtracts from its log-likelihood, already multiplied by its strength. */
export interface Prior {
  value(image: Float32Array): number;
  /** dR/dx_j. */
  gradient(image: Float32Array): Float64Array;
  /** x_j times a bound of the diagonal of the Hessian at x, for the step's scale. */
  scaledCurvature(image: Float32Array): Float64Array;
}

export interface RelativeDifferenceOptions {
  /** beta. */
  readonly strength: number;
  /** gamma: edges with |x_j - x_k| well above (x_j + x_k) / gamma cost linearly; default 2. */
  readonly edge?: number;
  /** epsilon, in units of the image: keeps the penalty smooth at 0. */
  readonly floor: number;
  /** kappa a voxel: makes the resolution even (Fessler & Rogers, IEEE Trans Image Process 1996;5:1346-58). Absent: 1. */
  readonly kappa?: Float32Array;
}

/**
 * The relative difference prior:
 *
 *   R(x) = beta sum over pairs {j, k}  w_jk kappa_j kappa_k (x_j - x_k)^2 / (x_j + x_k + gamma |x_j - x_k| + epsilon)
 *   dR/dx_j = beta sum_k w_jk kappa_j kappa_k d (x_j + 3 x_k + gamma |d| + 2 epsilon) / (x_j + x_k + gamma |d| + epsilon)^2,
 *   d = x_j - x_k
 *
 * (Nuyts et al., IEEE Trans Nucl Sci 2002;49:56-60, equations 4 and 5; epsilon as in STIR). With Bowsher's neighbours it is
 * guided by anatomy, with all neighbours it is its own control.
 *
 * @throws DataError `not-positive` (strength below 0, edge below 0, floor not above 0), `shape-mismatch` (kappa)
 */
export function relativeDifferencePrior(
  neighbourhood: Neighbourhood,
  { strength, edge = 2, floor, kappa }: RelativeDifferenceOptions,
): Prior {
  if (!(strength >= 0 && edge >= 0 && floor > 0)) {
    throw new DataError("not-positive", "the relative difference prior's strength, edge and floor", {
      expected: "strength and edge of 0 and more, a floor above 0",
      found: `${strength}, ${edge}, ${floor}`,
    });
  }
  const voxels = neighbourhood.shape.reduce((n, side) => n * side, 1);
  if (kappa && kappa.length !== voxels) {
    throw new DataError("shape-mismatch", "kappa is on the image's grid", {
      expected: `${voxels}`,
      found: `${kappa.length}`,
    });
  }
  const scale = (j: number, k: number, weight: number): number => strength * weight * (kappa ? kappa[j] * kappa[k] : 1);
  return {
    value(x) {
      let sum = 0;
      forPairs(neighbourhood, (j, k, weight) => {
        const d = x[j] - x[k];
        sum += (scale(j, k, weight) * d * d) / (x[j] + x[k] + edge * Math.abs(d) + floor);
      });
      return sum;
    },
    gradient(x) {
      const out = new Float64Array(voxels);
      forPairs(neighbourhood, (j, k, weight) => {
        const d = x[j] - x[k];
        const slope = edge * Math.abs(d);
        const bottom = x[j] + x[k] + slope + floor;
        const common = (scale(j, k, weight) * d) / (bottom * bottom);
        out[j] += common * (x[j] + 3 * x[k] + slope + 2 * floor);
        out[k] -= common * (x[k] + 3 * x[j] + slope + 2 * floor);
      });
      return out;
    },
    scaledCurvature(x) {
      const out = new Float64Array(voxels);
      // The second derivative is largest at equal values, 2 / (2 x + epsilon).
      forPairs(neighbourhood, (j, k, weight) => {
        const w = scale(j, k, weight);
        out[j] += (2 * w * x[j]) / (2 * x[j] + floor);
        out[k] += (2 * w * x[k]) / (2 * x[k] + floor);
      });
      return out;
    },
  };
}
