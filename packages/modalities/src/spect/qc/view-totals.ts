import type { Millimetres, SpectProjections } from "@quintet/core";

/** What the views held, small enough to go along with the image. */
export interface ViewTotals {
  readonly columns: number;
  /** Across, of one column. */
  readonly columnSize: Millimetres;
  /** The row with most counts, from 1. */
  readonly row: number;
  /** Counts of that row, [view][column]. */
  readonly sinogram: Float32Array;
  /** Counts of each view. */
  readonly counts: Float64Array;
  /** Centre of each view's counts along the columns, from their middle; 0 of a view without counts. */
  readonly centres: Float64Array;
}

/**
 * The fullest row of all views as a sinogram, and the counts of each view with their centre
 *
 *   c_v = sum_i y_i (i - (n - 1) / 2) s / sum_i y_i
 */
export function viewTotals({ columns, rows, angles, size: [across], data }: SpectProjections): ViewTotals {
  const views = angles.length;
  const perRow = new Float64Array(rows);
  const [counts, moments] = [new Float64Array(views), new Float64Array(views)];
  for (let i = 0; i < data.length; i++) {
    const [v, row, y] = [Math.floor(i / columns / rows), Math.floor(i / columns) % rows, data[i] as number];
    perRow[row] = (perRow[row] as number) + y;
    counts[v] = (counts[v] as number) + y;
    moments[v] = (moments[v] as number) + y * ((i % columns) - (columns - 1) / 2) * across;
  }
  const fullest = perRow.indexOf(Math.max(...perRow));
  return {
    columns,
    columnSize: across,
    row: fullest + 1,
    sinogram: Float32Array.from(
      { length: views * columns },
      (_, i) => data[(Math.floor(i / columns) * rows + fullest) * columns + (i % columns)] as number,
    ),
    counts,
    centres: moments.map((m, v) => m / ((counts[v] as number) || 1)),
  };
}
