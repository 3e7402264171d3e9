import type { Surface } from "@quintet/core";

/** A third of the area of the faces around each vertex, mm2. */
export function vertexAreas({
  vertices,
  faces,
}: {
  readonly vertices: ArrayLike<number>;
  readonly faces: Uint32Array;
}): Float64Array {
  const areas = new Float64Array(vertices.length / 3);
  for (let f = 0; f < faces.length; f += 3) {
    const [x, y, z] = faceNormal(vertices, faces, f);
    const third = Math.hypot(x, y, z) / 6;
    for (let k = 0; k < 3; k++) areas[faces[f + k]] += third;
  }
  return areas;
}

/** Outward unit normals at the vertices, faces weighted by area: [vertex][x y z]; 0 where no face is. */
export function vertexNormals({ vertices, faces }: Pick<Surface, "vertices" | "faces">): Float32Array {
  const out = new Float64Array(vertices.length);
  for (let f = 0; f < faces.length; f += 3) {
    const normal = faceNormal(vertices, faces, f);
    for (let k = 0; k < 3; k++) for (let c = 0; c < 3; c++) out[3 * faces[f + k] + c] += normal[c];
  }
  for (let v = 0; v < out.length; v += 3) {
    const length = Math.hypot(out[v], out[v + 1], out[v + 2]) || 1;
    for (let c = 0; c < 3; c++) out[v + c] /= length;
  }
  return Float32Array.from(out);
}

/** Twice the area, along the normal. */
function faceNormal(vertices: ArrayLike<number>, faces: Uint32Array, f: number): readonly [number, number, number] {
  const [a, b, c] = [3 * faces[f], 3 * faces[f + 1], 3 * faces[f + 2]];
  const [ux, uy, uz] = [
    vertices[b] - vertices[a],
    vertices[b + 1] - vertices[a + 1],
    vertices[b + 2] - vertices[a + 2],
  ];
  const [vx, vy, vz] = [
    vertices[c] - vertices[a],
    vertices[c + 1] - vertices[a + 1],
    vertices[c + 2] - vertices[a + 2],
  ];
  return [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
}
