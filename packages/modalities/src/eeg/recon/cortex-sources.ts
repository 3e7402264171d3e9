import { DataError, type Millimetres, type Point, type Surface } from "@quintet/core";

/** Places of sources on a cortex, each with the direction across it. */
export interface CortexSources {
  readonly surface: Surface;
  readonly places: readonly Point[];
  /** Unit, outwards. */
  readonly normals: readonly Point[];
  /** Vertex of the surface that each stands at. */
  readonly vertices: Int32Array;
}

/** mm between neighbouring sources: about 2000 a hemisphere; MNE-Python's oct-6 has 4.9. */
const usualSpacing = 6;
/** Cosine of the normals from which on two near vertices are one place: the banks of a sulcus are two. */
const sameBank = 0.5;

/**
 * Vertices of a cortex no nearer to each other than `spacing`, opposite banks of a sulcus apart from each other: places for moments
 * across the cortex, as those of pyramidal cells are (`estimateSources` with `normals`).
 *
 * @param normals [vertex][x y z], unit, outwards
 * @param inside whether the model of the head holds a source there; places that it does not hold are left out
 * @throws DataError `shape-mismatch`, `not-positive` (spacing), `empty-region` (no vertex lies inside)
 */
export function cortexSources(
  surface: Surface,
  normals: Float32Array,
  {
    spacing = usualSpacing,
    inside = () => true,
  }: { readonly spacing?: Millimetres; readonly inside?: (place: Point) => boolean } = {},
): CortexSources {
  if (normals.length !== surface.vertices.length)
    throw new DataError("shape-mismatch", "one normal per vertex", {
      expected: `${surface.vertices.length / 3}`,
      found: `${normals.length / 3}`,
    });
  if (!(spacing > 0)) throw new DataError("not-positive", "sources lie apart", { found: `${spacing} mm` });
  const at = (list: Float32Array, v: number): Point => [
    list[3 * v] as number,
    list[3 * v + 1] as number,
    list[3 * v + 2] as number,
  ];
  const cells = new Map<string, number[]>();
  const kept: number[] = [];
  for (let v = 0; v < normals.length / 3; v++) {
    const p = at(surface.vertices, v);
    const [i, j, k] = p.map((x) => Math.floor(x / spacing)) as [number, number, number];
    const n = at(normals, v);
    if (taken(i, j, k, p, n) || !inside(p)) continue;
    const key = `${i} ${j} ${k}`;
    cells.set(key, [...(cells.get(key) ?? []), v]);
    kept.push(v);
  }
  if (kept.length === 0) throw new DataError("empty-region", "no vertex of the cortex lies inside the head's model");
  return {
    surface,
    places: kept.map((v) => at(surface.vertices, v)),
    normals: kept.map((v) => unit(at(normals, v))),
    vertices: Int32Array.from(kept),
  };

  function taken(i: number, j: number, k: number, p: Point, n: Point): boolean {
    for (let x = i - 1; x <= i + 1; x++)
      for (let y = j - 1; y <= j + 1; y++)
        for (let z = k - 1; z <= k + 1; z++)
          for (const other of cells.get(`${x} ${y} ${z}`) ?? []) {
            const [q, m] = [at(surface.vertices, other), at(normals, other)];
            const near = (p[0] - q[0]) ** 2 + (p[1] - q[1]) ** 2 + (p[2] - q[2]) ** 2 < spacing ** 2;
            if (near && n[0] * m[0] + n[1] * m[1] + n[2] * m[2] > sameBank) return true;
          }
    return false;
  }
}

function unit(v: Point): Point {
  const size = Math.hypot(...v) || 1;
  return [v[0] / size, v[1] / size, v[2] / size];
}

/**
 * Values of the sources over the whole surface: each round gives a vertex the mean of its own value and those of its neighbours that
 * have one, until all have and for `more` rounds after that (MNE-Python's smoothing of source estimates).
 *
 * @returns one value a vertex; NaN on a part of the surface that holds no source
 * @throws DataError `shape-mismatch`
 */
export function overCortex({ surface, vertices }: CortexSources, values: ArrayLike<number>, more = 3): Float32Array {
  if (values.length !== vertices.length)
    throw new DataError("shape-mismatch", "one value per source", {
      expected: `${vertices.length}`,
      found: `${values.length}`,
    });
  const count = surface.vertices.length / 3;
  let now = new Float32Array(count).fill(Number.NaN);
  for (const [i, v] of vertices.entries()) now[v] = values[i] as number;
  let filled = vertices.length;
  for (let left = more; left > 0; ) {
    const [sum, n] = [new Float32Array(count), new Uint16Array(count)];
    const give = (from: number, to: number): void => {
      const value = now[from] as number;
      if (Number.isNaN(value)) return;
      sum[to] = (sum[to] as number) + value;
      n[to] = (n[to] as number) + 1;
    };
    for (let v = 0; v < count; v++) give(v, v);
    // Each edge lies in two faces, once in either direction: one give per face and direction is one per neighbour.
    for (let f = 0; f < surface.faces.length; f += 3)
      for (let k = 0; k < 3; k++) give(surface.faces[f + k] as number, surface.faces[f + ((k + 1) % 3)] as number);
    now = sum.map((total, v) => ((n[v] as number) > 0 ? total / (n[v] as number) : Number.NaN));
    const known = n.reduce((all, k) => all + (k > 0 ? 1 : 0), 0);
    if (known === filled) left--;
    filled = known;
  }
  return now;
}
