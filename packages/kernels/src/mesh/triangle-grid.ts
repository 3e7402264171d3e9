import { DataError, type Surface } from "@quintet/core";

/** Triangles by the cubes of a grid that their boxes touch. */
export interface TriangleGrid {
  /** Edge of a cube, mm. */
  readonly edge: number;
  readonly origin: readonly [number, number, number];
  readonly shape: readonly [number, number, number];
  /** Faces (their number, not their first index) of cube i: `faces[start[i]] .. faces[start[i + 1] - 1]`. */
  readonly start: Int32Array;
  readonly faces: Int32Array;
  /** Cubes that face `f`'s box touches: [low x y z, high x y z]. */
  readonly boxes: Int32Array;
}

/** Never more cubes than this, however far apart two triangles lie. */
const mostCubes = 4_000_000;

/**
 * Sorts the triangles of a mesh into cubes of about the size of a triangle, so that neighbours in space are found
 * without looking at all of them.
 *
 * @throws DataError `empty-region` for a mesh without faces, `not-finite`
 */
export function triangleGrid({ vertices, faces }: Pick<Surface, "vertices" | "faces">): TriangleGrid {
  const count = faces.length / 3;
  if (count === 0) throw new DataError("empty-region", "the surface has no faces");
  const low = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const high = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let sizes = 0;
  for (let f = 0; f < faces.length; f += 3) {
    let longest = 0;
    for (let k = 0; k < 3; k++) {
      const [a, b, c] = [0, 1, 2].map((j) => vertices[3 * faces[f + j] + k]);
      const [least, most] = [Math.min(a, b, c), Math.max(a, b, c)];
      if (least < low[k]) low[k] = least;
      if (most > high[k]) high[k] = most;
      longest = Math.max(longest, most - least);
    }
    sizes += longest;
  }
  const extent = [0, 1, 2].map((k) => high[k] - low[k]);
  if (!extent.every(Number.isFinite)) throw new DataError("not-finite", "vertices must be numbers");
  const fair = Math.max(sizes / count, Math.max(...extent) / 128, 1e-6);
  const cubes = (edge: number): number => extent.reduce((product, e) => product * (Math.floor(e / edge) + 1), 1);
  let edge = fair;
  while (cubes(edge) > mostCubes) edge *= 2;
  const shape = extent.map((e) => Math.floor(e / edge) + 1) as [number, number, number];
  const boxes = new Int32Array(6 * count);
  for (let f = 0; f < count; f++) {
    for (let k = 0; k < 3; k++) {
      const [a, b, c] = [0, 1, 2].map((j) => vertices[3 * faces[3 * f + j] + k] - low[k]);
      boxes[6 * f + k] = Math.floor(Math.min(a, b, c) / edge);
      boxes[6 * f + 3 + k] = Math.min(shape[k] - 1, Math.floor(Math.max(a, b, c) / edge));
    }
  }
  const start = new Int32Array(shape[0] * shape[1] * shape[2] + 1);
  const each = (visit: (cube: number, face: number) => void): void => {
    for (let f = 0; f < count; f++) {
      for (let z = boxes[6 * f + 2]; z <= boxes[6 * f + 5]; z++)
        for (let y = boxes[6 * f + 1]; y <= boxes[6 * f + 4]; y++)
          for (let x = boxes[6 * f]; x <= boxes[6 * f + 3]; x++) visit(x + shape[0] * (y + shape[1] * z), f);
    }
  };
  each((cube) => start[cube + 1]++);
  for (let i = 1; i < start.length; i++) start[i] += start[i - 1];
  const sorted = new Int32Array(start[start.length - 1]);
  const fill = start.slice();
  each((cube, face) => {
    sorted[fill[cube]++] = face;
  });
  return { edge, origin: low as [number, number, number], shape, start, faces: sorted, boxes };
}
