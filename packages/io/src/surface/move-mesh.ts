import { type Affine, apply, determinant, type Surface } from "@quintet/core";

/** Vertices carried by an affine; where it mirrors, the faces turn with it. */
export function moveMesh(
  vertices: Float32Array,
  faces: Uint32Array,
  matrix: Affine,
): Pick<Surface, "vertices" | "faces"> {
  const out = new Float32Array(vertices.length);
  for (let v = 0; v < vertices.length; v += 3) {
    out.set(apply(matrix, [vertices[v] as number, vertices[v + 1] as number, vertices[v + 2] as number]), v);
  }
  if (determinant(matrix) > 0) return { vertices: out, faces };
  const turned = faces.slice();
  for (let f = 0; f < turned.length; f += 3) {
    turned[f + 1] = faces[f + 2] as number;
    turned[f + 2] = faces[f + 1] as number;
  }
  return { vertices: out, faces: turned };
}
