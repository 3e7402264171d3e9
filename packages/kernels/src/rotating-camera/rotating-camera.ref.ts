import type { BlurStep, CameraSetup } from "./camera-setup.ts";

/** The sample of layer l and column i: four voxels (index in the plane; -1 outside) and their weights. */
function corners(
  { views, grid, radius }: CameraSetup,
  view: number,
  { at, scale }: { readonly at: number; readonly scale: number },
  column: number,
): { readonly voxels: readonly number[]; readonly weights: readonly number[] } | undefined {
  const across = (column - (views.columns - 1) / 2) * views.size[0] * scale + (views.offsets?.[view] ?? 0);
  if (across ** 2 + at ** 2 > radius ** 2) return undefined;
  const [nx, ny] = grid.shape;
  const [cos, sin] = [Math.cos(views.angles[view]), Math.sin(views.angles[view])];
  const x = (across * sin + at * cos) / grid.size[0] + (nx - 1) / 2;
  const y = (at * sin - across * cos) / grid.size[1] + (ny - 1) / 2;
  const [i, j] = [Math.floor(x), Math.floor(y)];
  const [fx, fy] = [x - i, y - j];
  const index = (a: number, b: number): number => (a >= 0 && a < nx && b >= 0 && b < ny ? a + nx * b : -1);
  return {
    voxels: [index(i, j), index(i + 1, j), index(i, j + 1), index(i + 1, j + 1)],
    weights: [(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy],
  };
}

/** Visits every sample of a view with what attenuation leaves of it, the nearest layers first. */
function visit(
  setup: CameraSetup,
  view: number,
  attenuation: Float32Array | undefined,
  see: (sample: {
    readonly column: number;
    readonly row: number;
    readonly level: number;
    readonly share: number;
    readonly left: number;
    readonly voxels: readonly number[];
    readonly weights: readonly number[];
  }) => void,
): void {
  const { columns, rows } = setup.views;
  const plane = setup.grid.shape[0] * setup.grid.shape[1];
  const through = new Float64Array(columns * rows).fill(1);
  for (const layer of setup.layers[view]) {
    if (layer.level < 0) continue;
    for (let column = 0; column < columns; column++) {
      const found = corners(setup, view, layer, column);
      if (!found) continue;
      for (let row = 0; row < rows; row++) {
        let mu = 0;
        for (let c = 0; attenuation && c < 4; c++) {
          if (found.voxels[c] >= 0) mu += found.weights[c] * attenuation[found.voxels[c] + plane * row];
        }
        // mm times 1/cm
        const half = Math.exp((-mu * setup.halfPath[column]) / 10);
        const before = through[column * rows + row];
        through[column * rows + row] = before * half * half;
        see({ column, row, level: layer.level, share: layer.share, left: before * half, ...found });
      }
    }
  }
}

/** Planes of all levels with their margins, [level][column][row]. */
function planesOf({ views, margin, steps }: CameraSetup): {
  readonly wide: number;
  readonly high: number;
  readonly planes: Float64Array[];
} {
  const [wide, high] = [views.columns + 2 * margin[0], views.rows + 2 * margin[1]];
  return { wide, high, planes: steps.map(() => new Float64Array(wide * high)) };
}

/** Blurs across and along; beyond the margins there is nothing. */
function blurred(plane: Float64Array, wide: number, high: number, { across, along }: BlurStep): Float64Array {
  const convolve = (
    from: Float64Array,
    taps: Float64Array,
    n: number,
    at: (i: number, other: number) => number,
    others: number,
  ): Float64Array => {
    const out = new Float64Array(from.length);
    for (let other = 0; other < others; other++) {
      for (let i = 0; i < n; i++) {
        let sum = 0;
        for (let k = 1 - taps.length; k < taps.length; k++) {
          if (i + k >= 0 && i + k < n) sum += taps[Math.abs(k)] * from[at(i + k, other)];
        }
        out[at(i, other)] = sum;
      }
    }
    return out;
  };
  const once = convolve(plane, across, wide, (i, j) => i * high + j, high);
  return convolve(once, along, high, (j, i) => i * high + j, wide);
}

/** Projection of one view, [row][column]. */
export function projectView(
  setup: CameraSetup,
  view: number,
  image: Float32Array,
  attenuation?: Float32Array,
): Float64Array {
  const { views, margin, steps, grid } = setup;
  const { wide, high, planes } = planesOf(setup);
  const inPlane = grid.shape[0] * grid.shape[1];
  const thickness = grid.size[0];
  visit(setup, view, attenuation, ({ column, row, level, share, left, voxels, weights }) => {
    let value = 0;
    for (let c = 0; c < 4; c++) if (voxels[c] >= 0) value += weights[c] * image[voxels[c] + inPlane * row];
    const at = (column + margin[0]) * high + row + margin[1];
    planes[level][at] += (1 - share) * left * thickness * value;
    if (share > 0) planes[level + 1][at] += share * left * thickness * value;
  });
  const sum = new Float64Array(wide * high);
  for (let k = steps.length - 1; k >= 0; k--) {
    const target = planes[steps[k].to] ?? sum;
    const own = blurred(planes[k], wide, high, steps[k]);
    for (let i = 0; i < own.length; i++) target[i] += own[i];
  }
  const out = new Float64Array(views.columns * views.rows);
  for (let row = 0; row < views.rows; row++) {
    for (let column = 0; column < views.columns; column++) {
      out[row * views.columns + column] = sum[(column + margin[0]) * high + row + margin[1]];
    }
  }
  return out;
}

/** The adjoint: adds what one view, [row][column], sees to an image. */
export function backProjectView(
  setup: CameraSetup,
  view: number,
  data: Float32Array,
  image: Float64Array,
  attenuation?: Float32Array,
): void {
  const { views, margin, steps, grid } = setup;
  const { wide, high, planes } = planesOf(setup);
  const own = new Float64Array(wide * high);
  for (let row = 0; row < views.rows; row++) {
    for (let column = 0; column < views.columns; column++) {
      own[(column + margin[0]) * high + row + margin[1]] = data[row * views.columns + column];
    }
  }
  for (const [k, step] of steps.entries()) planes[k].set(blurred(planes[step.to] ?? own, wide, high, step));
  const inPlane = grid.shape[0] * grid.shape[1];
  visit(setup, view, attenuation, ({ column, row, level, share, left, voxels, weights }) => {
    const at = (column + margin[0]) * high + row + margin[1];
    const value = (1 - share) * planes[level][at] + (share > 0 ? share * planes[level + 1][at] : 0);
    for (let c = 0; c < 4; c++) {
      if (voxels[c] >= 0) image[voxels[c] + inPlane * row] += weights[c] * left * grid.size[0] * value;
    }
  });
}
