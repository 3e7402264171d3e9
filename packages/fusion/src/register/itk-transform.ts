import { type Affine, affineOf, DataError, multiply } from "@quintet/core";
import type { ParameterMap } from "./elastix.ts";

/** LPS <-> RAS: the first two axes turn round; its own inverse. */
const turn: Affine = Float64Array.of(-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);

/** The numbers of one entry of a parameter map. @throws DataError `registration-failed` */
export function numbersOf(map: ParameterMap, name: string): number[] {
  const values = (map[name] ?? []).map(Number);
  if (values.length === 0 || !values.every(Number.isFinite)) {
    throw new DataError("registration-failed", `elastix gave no usable ${name}`, {
      found: (map[name] ?? []).join(" "),
    });
  }
  return values;
}

/**
 * The point map of a linear elastix transform (fixed -> moving) in RAS millimetres.
 *
 *   T(p) = L (p - c) + c + t;   Euler: L = Rz Rx Ry (ITK's order unless ComputeZYX); Affine: L row by row
 *
 * @throws DataError `registration-failed` on any other transform
 */
export function linearTransform(map: ParameterMap): Affine {
  const kind = map.Transform?.[0];
  const values = numbersOf(map, "TransformParameters");
  const centre = numbersOf(map, "CenterOfRotationPoint");
  const linear =
    kind === "EulerTransform" && values.length === 6
      ? eulerMatrix(values[0] as number, values[1] as number, values[2] as number, map.ComputeZYX?.[0] === "true")
      : kind === "AffineTransform" && values.length === 12
        ? values.slice(0, 9)
        : undefined;
  if (linear === undefined) {
    throw new DataError("registration-failed", "this elastix transform is not a linear one", { found: `${kind}` });
  }
  const shift = values.slice(-3);
  const rows = [0, 1, 2].flatMap((r) => {
    const row = linear.slice(r * 3, r * 3 + 3);
    const moved = row.reduce((sum, v, c) => sum + v * (centre[c] as number), 0);
    return [...row, (centre[r] as number) + (shift[r] as number) - moved];
  });
  return multiply(turn, multiply(affineOf(rows), turn));
}

function eulerMatrix(ax: number, ay: number, az: number, zyx: boolean): number[] {
  const x = affineOf([1, 0, 0, 0, 0, Math.cos(ax), -Math.sin(ax), 0, 0, Math.sin(ax), Math.cos(ax), 0]);
  const y = affineOf([Math.cos(ay), 0, Math.sin(ay), 0, 0, 1, 0, 0, -Math.sin(ay), 0, Math.cos(ay), 0]);
  const z = affineOf([Math.cos(az), -Math.sin(az), 0, 0, Math.sin(az), Math.cos(az), 0, 0, 0, 0, 1, 0]);
  const m = zyx ? multiply(z, multiply(y, x)) : multiply(z, multiply(x, y));
  return [0, 1, 2, 4, 5, 6, 8, 9, 10].map((i) => m[i] as number);
}
