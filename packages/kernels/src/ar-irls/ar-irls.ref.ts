import { Matrix, solve } from "ml-matrix";
import { median } from "../statistics/robust.ts";
import { bisquareTune } from "./bisquare-fit.ts";

/** Bisquare regression as it is written down: a weighted least-squares problem solved from scratch in each round. */
export function bisquareReference(x: Float64Array, y: Float64Array, columns: number): Float64Array {
  const rows = y.length;
  const design = Matrix.zeros(rows, columns);
  for (let t = 0; t < rows; t++) for (let j = 0; j < columns; j++) design.set(t, j, x[j * rows + t]);
  const spread = design.transpose().mmul(design);
  const hat = design.mmul(solve(spread, design.transpose()));
  const fit = (weights: Float64Array): Float64Array => {
    const scaled = design.clone();
    for (let t = 0; t < rows; t++) scaled.mulRow(t, Math.sqrt(weights[t]));
    const right = Matrix.columnVector(Array.from(y, (v, t) => v * Math.sqrt(weights[t])));
    return Float64Array.from(solve(scaled, right, true).to1DArray());
  };
  let b = fit(new Float64Array(rows).fill(1));
  for (let round = 0; round < 50; round++) {
    const r = Float64Array.from(y, (v, t) => {
      const predicted = b.reduce((sum, c, j) => sum + c * design.get(t, j), 0);
      return (v - predicted) / Math.sqrt(1 - hat.get(t, t));
    });
    const s = median(r.map(Math.abs).sort().subarray(columns)) / 0.6745;
    b = fit(r.map((e) => Math.max(0, 1 - (e / (bisquareTune * s)) ** 2) ** 2));
  }
  return b;
}
