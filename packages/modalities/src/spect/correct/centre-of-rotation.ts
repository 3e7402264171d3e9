import { checkProjections, DataError, type Millimetres, type SpectProjections } from "@quintet/core";

export interface CentreOfRotation {
  /** Of the middle of the columns from the axis, along the rising columns: what `offsets` takes. */
  readonly offset: Millimetres;
  /** Standard error from the views' scatter about the fit. */
  readonly error: Millimetres;
  /** RMS of the views about the fit. */
  readonly residual: Millimetres;
  /** Centre of counts of each view, mm along the columns from their middle. */
  readonly centroids: Float64Array;
}

/**
 * Where the axis of rotation lies in the views, from their centres of counts. Without attenuation the centre of a body at (X, Y) moves
 * on a sine,
 *
 *   c_v = X sin a_v - Y cos a_v - offset,
 *
 * by least squares. Attenuation shifts each centre towards the camera's side; over a whole turn that is again a sine and a part that
 * two opposite views share with opposite signs, so the mean offset stays; over half a turn it does not, and half a turn is refused.
 *
 * @throws DataError `bad-projections`, `half-turn` (views over less than 300 degrees), `no-counts`
 */
export function centreOfRotation(projections: SpectProjections): CentreOfRotation {
  checkProjections(projections);
  const { angles, columns, rows, size, data } = projections;
  const views = angles.length;
  refuseHalfTurn(angles);
  const centroids = new Float64Array(views);
  for (let v = 0; v < views; v++) {
    let [sum, moment] = [0, 0];
    for (let i = v * columns * rows; i < (v + 1) * columns * rows; i++) {
      const y = data[i] as number;
      sum += y;
      moment += y * (i % columns);
    }
    if (!(sum > 0)) throw new DataError("no-counts", `view ${v + 1} has no counts`);
    centroids[v] = (moment / sum - (columns - 1) / 2) * size[0];
  }
  const rowsOf = Array.from(angles, (a) => [Math.sin(a), -Math.cos(a), -1] as const);
  const { solution, inverse } = leastSquares(rowsOf, centroids);
  const squares = rowsOf.reduce((total, row, v) => {
    const fitted = row.reduce((s, x, k) => s + x * (solution[k] as number), 0);
    return total + ((centroids[v] as number) - fitted) ** 2;
  }, 0);
  return {
    offset: solution[2] as number,
    error: Math.sqrt((squares / Math.max(1, views - 3)) * inverse),
    residual: Math.sqrt(squares / views),
    centroids,
  };
}

/** @throws DataError `half-turn` */
function refuseHalfTurn(angles: Float64Array): void {
  const turns = Float64Array.from(angles, (a) => ((a % (2 * Math.PI)) + 2 * Math.PI) % (2 * Math.PI)).sort();
  const gaps = turns.map((a, i) => (turns[i + 1] ?? (turns[0] as number) + 2 * Math.PI) - a);
  const widest = (Math.max(...gaps) * 180) / Math.PI;
  if (widest <= 60) return;
  throw new DataError("half-turn", "the axis is found from views all around", {
    expected: "no gap of more than 60 degrees",
    found: `${widest.toFixed(0)} degrees`,
  });
}

/** Normal equations of three unknowns; the last diagonal element of their inverse. */
function leastSquares(
  rows: readonly (readonly [number, number, number])[],
  values: Float64Array,
): { readonly solution: readonly number[]; readonly inverse: number } {
  const m = [0, 1, 2].map((i) => [
    ...[0, 1, 2].map((j) => rows.reduce((s, r) => s + (r[i] as number) * (r[j] as number), 0)),
    rows.reduce((s, r, v) => s + (r[i] as number) * (values[v] as number), 0),
    i === 2 ? 1 : 0,
  ]);
  for (let k = 0; k < 3; k++) {
    const pivot = m[k] as number[];
    const d = pivot[k] as number;
    for (let c = 0; c < 5; c++) pivot[c] = (pivot[c] as number) / d;
    for (let r = 0; r < 3; r++) {
      if (r === k) continue;
      const row = m[r] as number[];
      const f = row[k] as number;
      for (let c = 0; c < 5; c++) row[c] = (row[c] as number) - f * (pivot[c] as number);
    }
  }
  return { solution: m.map((row) => row[3] as number), inverse: (m[2] as number[])[4] as number };
}
