import { DataError, type Surface, toVoxel, type Volume } from "@quintet/core";

export interface SurfacePeaksOptions {
  /** How deep is looked, mm. Default 13.5: six pixels of 2.25 mm, as 3D-SSP does. */
  readonly depth?: number;
  /** Distance of the samples, mm. Default 0.75. */
  readonly step?: number;
  /** "largest" for uptake and raised z, "smallest" for lowered z. Default "largest". */
  readonly pick?: "largest" | "smallest";
}

/**
 * Stereotactic surface projection: what each vertex of the brain's surface is given is the largest (or smallest) value
 * along its inward normal, so that a cortex that lies a little deeper in one person is still met.
 *
 * @param image one frame, in the surface's space; outside it nothing is met
 * @returns one value a vertex; NaN where the normal never enters the image
 * @throws DataError `space-mismatch`, `out-of-range`
 * @see Minoshima et al., J Nucl Med 1995;36:1238-48 (from the literature, not re-checked)
 */
export function surfacePeaks(
  image: Volume,
  surface: Surface,
  { depth = 13.5, step = 0.75, pick = "largest" }: SurfacePeaksOptions = {},
): Float32Array {
  if (surface.space !== image.space) {
    throw new DataError("space-mismatch", "image and surface lie in one space", {
      expected: image.space,
      found: surface.space,
    });
  }
  if (!(depth >= 0 && step > 0 && depth / step <= 1000)) {
    throw new DataError("out-of-range", "depth and step in mm", {
      expected: "0 <= depth <= 1000 steps",
      found: `${depth}, ${step}`,
    });
  }
  const normals = inwardNormals(surface);
  const { vertices } = surface;
  const count = vertices.length / 3;
  const out = new Float32Array(count).fill(Number.NaN);
  const larger = pick === "largest";
  for (let i = 0; i < count; i++) {
    const at = (k: number): number => vertices[3 * i + k] as number;
    const along = (k: number): number => normals[3 * i + k] as number;
    for (let d = 0; d <= depth + 1e-9; d += step) {
      const value = trilinear(
        image,
        toVoxel(image, [at(0) + d * along(0), at(1) + d * along(1), at(2) + d * along(2)]),
      );
      const best = out[i] as number;
      if (value !== undefined && (Number.isNaN(best) || (larger ? value > best : value < best))) out[i] = value;
    }
  }
  return out;
}

/** Mean of the faces' normals at each vertex, weighted by area, turned inward. */
function inwardNormals({ vertices, faces }: Surface): Float64Array {
  const out = new Float64Array(vertices.length);
  const point = (i: number): readonly [number, number, number] => [
    vertices[3 * i] as number,
    vertices[3 * i + 1] as number,
    vertices[3 * i + 2] as number,
  ];
  for (let f = 0; f + 2 < faces.length; f += 3) {
    const corners = [faces[f] as number, faces[f + 1] as number, faces[f + 2] as number];
    const [a, b, c] = corners.map(point) as [
      ReturnType<typeof point>,
      ReturnType<typeof point>,
      ReturnType<typeof point>,
    ];
    const [u, w] = [b.map((x, k) => x - (a[k] as number)), c.map((x, k) => x - (a[k] as number))];
    const cross = [0, 1, 2].map((k) => {
      const [p, q] = [(k + 1) % 3, (k + 2) % 3];
      return (u[p] as number) * (w[q] as number) - (u[q] as number) * (w[p] as number);
    });
    for (const corner of corners)
      for (let k = 0; k < 3; k++) out[3 * corner + k] = (out[3 * corner + k] as number) + (cross[k] as number);
  }
  for (let i = 0; i < out.length; i += 3) {
    const length = Math.hypot(out[i] as number, out[i + 1] as number, out[i + 2] as number) || 1;
    for (let k = i; k < i + 3; k++) out[k] = -(out[k] as number) / length;
  }
  return out;
}

function trilinear({ shape, data }: Volume, [x, y, z]: readonly [number, number, number]): number | undefined {
  const [nx, ny, nz] = shape;
  const [i, j, k] = [Math.floor(x), Math.floor(y), Math.floor(z)];
  const inside = x >= 0 && y >= 0 && z >= 0 && x <= nx - 1 && y <= ny - 1 && z <= nz - 1;
  if (!inside) return undefined;
  const at = (a: number, b: number, c: number): number =>
    data[Math.min(a, nx - 1) + nx * (Math.min(b, ny - 1) + ny * Math.min(c, nz - 1))] as number;
  const mix = (p: number, q: number, share: number): number => p + (q - p) * share;
  const [u, v, w] = [x - i, y - j, z - k];
  const plane = (c: number): number =>
    mix(mix(at(i, j, c), at(i + 1, j, c), u), mix(at(i, j + 1, c), at(i + 1, j + 1, c), u), v);
  return mix(plane(k), plane(k + 1), w);
}
