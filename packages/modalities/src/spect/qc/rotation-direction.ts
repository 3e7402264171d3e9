import { checkProjections, DataError, type SpectProjections } from "@quintet/core";
import { osem, runToEnd } from "@quintet/kernels";
import type { CameraResponse } from "../forward/collimators.ts";
import { spectGrid, spectProjector } from "../forward/spect-projector.ts";

export interface DirectionEvidence {
  /** Log-likelihoods, but for a constant of the counts, after the same iterations. */
  readonly stated: number;
  readonly reversed: number;
  /** Rows of the views that were used. */
  readonly rows: number;
}

const rowsUsed = 16;
/** Likelihood ratio e^50 for the other direction: chosen here; what is right has tens of thousands in a scan of 25 M counts. */
const decisive = 50;

/**
 * Which way the camera turned, from the counts: a reversed orbit mirrors the image and puts each view on the other side of it, so
 * what the collimator saw sharply would have been far away. The fuller rows are reconstructed both ways, two iterations, and their
 * likelihoods compared.
 *
 * @param response not "none": without depth nothing tells the direction
 * @throws DataError `bad-projections`, those of spectProjector and osem
 */
export function directionEvidence(projections: SpectProjections, response: CameraResponse): DirectionEvidence {
  checkProjections(projections);
  const middle = fullestRows(projections);
  const [first = 0] = middle.angles;
  const of = (angles: Float64Array): number => {
    const geometry = { ...middle, angles };
    const projector = spectProjector(geometry, spectGrid(geometry), { response, attenuation: "none" });
    const perView = middle.columns * middle.rows;
    const views = angles.length;
    const count = [12, 10, 8, 6, 5, 4, 3, 2].find((n) => views % n === 0) ?? 1;
    const subsets = Array.from({ length: count }, (_, s) => {
      const chosen = Array.from({ length: views / count }, (_, i) => s + i * count);
      const counts = chosen.map((v) => middle.data.subarray(v * perView, (v + 1) * perView));
      return { parts: [{ operator: projector.subset(chosen), counts }] };
    });
    const { history } = runToEnd(osem(subsets, { iterations: 3, logLikelihood: true }));
    projector.close();
    return history.at(-1)?.logLikelihood ?? Number.NaN;
  };
  return { stated: of(middle.angles), reversed: of(middle.angles.map((a) => 2 * first - a)), rows: middle.rows };
}

/** @throws DataError `wrong-direction` when the counts speak decisively for the other one */
export function refuseWrongDirection({ stated, reversed, rows }: DirectionEvidence): void {
  if (!(reversed - stated > decisive)) return;
  throw new DataError("wrong-direction", "the counts fit a camera that turned the other way", {
    expected:
      "the direction in which the camera turned (the header's flag is wrong, or angle and patient position are)",
    found: `a log-likelihood higher by ${(reversed - stated).toFixed(0)} the other way, from ${rows} rows`,
  });
}

/** The run of up to sixteen rows with most counts. */
function fullestRows(projections: SpectProjections): SpectProjections {
  const { columns, rows, angles, data } = projections;
  const totals = new Float64Array(rows);
  for (let k = 0; k < data.length; k++) {
    const row = Math.floor(k / columns) % rows;
    totals[row] = (totals[row] as number) + (data[k] as number);
  }
  const used = Math.min(rowsUsed, rows);
  let [best, at] = [-1, 0];
  for (let from = 0; from + used <= rows; from++) {
    const sum = totals.subarray(from, from + used).reduce((a, b) => a + b, 0);
    if (sum > best) [best, at] = [sum, from];
  }
  const cut = new Float32Array(columns * used * angles.length);
  for (let v = 0; v < angles.length; v++) {
    cut.set(data.subarray((v * rows + at) * columns, (v * rows + at + used) * columns), v * used * columns);
  }
  return { ...projections, rows: used, data: cut };
}
