/**
 * A triangle mesh on the graphics side: positions, outward normals (mean of the faces around a vertex, by area), faces,
 * and where in the head each vertex reads the maps that are painted on it.
 */
import type { Point } from "@quintet/core";

export interface MeshBuffer {
  readonly array: WebGLVertexArrayObject;
  readonly indices: number;
  readonly vertices: Float32Array;
  readonly faces: Uint32Array;
  /** Of each vertex, mm of the head. */
  readonly read: Float32Array;
}

export function vertexNormals(vertices: Float32Array, faces: Uint32Array): Float32Array {
  const normals = new Float32Array(vertices.length);
  const v = (i: number): number => vertices[i] as number;
  // No list per face: a head's surfaces have hundreds of thousands of them, and the first picture waits.
  for (let f = 0; f < faces.length; f += 3) {
    const a = 3 * (faces[f] as number);
    const b = 3 * (faces[f + 1] as number);
    const c = 3 * (faces[f + 2] as number);
    const ux = v(b) - v(a);
    const uy = v(b + 1) - v(a + 1);
    const uz = v(b + 2) - v(a + 2);
    const wx = v(c) - v(a);
    const wy = v(c + 1) - v(a + 1);
    const wz = v(c + 2) - v(a + 2);
    const nx = uy * wz - uz * wy;
    const ny = uz * wx - ux * wz;
    const nz = ux * wy - uy * wx;
    for (let k = 0; k < 3; k++) {
      const corner = k === 0 ? a : k === 1 ? b : c;
      normals[corner] = (normals[corner] as number) + nx;
      normals[corner + 1] = (normals[corner + 1] as number) + ny;
      normals[corner + 2] = (normals[corner + 2] as number) + nz;
    }
  }
  // Six times the enclosed volume; negative when the faces turn the other way round.
  let volume = 0;
  for (let i = 0; i < normals.length; i++) volume += v(i) * (normals[i] as number);
  for (let i = 0; i < normals.length; i += 3) {
    const [x, y, z] = [normals[i] as number, normals[i + 1] as number, normals[i + 2] as number];
    const length = Math.sqrt(x * x + y * y + z * z) || 1;
    const size = volume < 0 ? -length : length;
    for (let k = 0; k < 3; k++) normals[i + k] = (normals[i + k] as number) / size;
  }
  return normals;
}

function attribute(gl: WebGL2RenderingContext, place: number, size: number, data: Float32Array, usage: number): void {
  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ARRAY_BUFFER, data, usage);
  gl.enableVertexAttribArray(place);
  gl.vertexAttribPointer(place, size, gl.FLOAT, false, 0, 0);
}

export interface MeshShape {
  readonly vertices: Float32Array;
  readonly faces: Uint32Array;
  /** mm below the surface where maps are read. */
  readonly depth: number;
  /** Vertices of the surface that this is the blown up copy of: maps are read there. */
  readonly of?: Float32Array;
}

export function uploadMesh(gl: WebGL2RenderingContext, { vertices, faces, depth, of }: MeshShape): MeshBuffer {
  const array = gl.createVertexArray();
  const normals = vertexNormals(vertices, faces);
  const read = of ?? vertices.map((v, i) => v - depth * (normals[i] as number));
  gl.bindVertexArray(array);
  attribute(gl, 0, 3, vertices, gl.STATIC_DRAW);
  attribute(gl, 1, 3, normals, gl.STATIC_DRAW);
  attribute(gl, 2, 3, read, gl.STATIC_DRAW);
  gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, faces, gl.STATIC_DRAW);
  gl.bindVertexArray(null);
  return { array, indices: faces.length, vertices, faces, read };
}

/** Blown up hemispheres stand beside each other about the head's middle: moved as wholes, each to its own side. */
export function standBeside(vertices: Float32Array, centre: Point, side: 1 | -1): Float32Array {
  const [low, high] = [
    [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
  ];
  for (let i = 0; i < vertices.length; i++) {
    const v = vertices[i] as number;
    low[i % 3] = Math.min(low[i % 3] as number, v);
    high[i % 3] = Math.max(high[i % 3] as number, v);
  }
  const between = 4;
  const shift = centre.map((c, k) => c - ((low[k] as number) + (high[k] as number)) / 2);
  shift[0] = centre[0] + (side * between) / 2 - ((side > 0 ? low : high)[0] as number);
  return vertices.map((v, i) => v + (shift[i % 3] as number));
}

/** The place in the head of the vertex nearest to a point on the mesh. */
export function headPlace({ vertices, read }: MeshBuffer, point: Point): Point {
  let [best, nearest] = [0, Number.POSITIVE_INFINITY];
  for (let i = 0; i < vertices.length; i += 3) {
    const away = [0, 1, 2].reduce((sum, k) => sum + ((vertices[i + k] as number) - (point[k] as number)) ** 2, 0);
    if (away < nearest) [best, nearest] = [i, away];
  }
  return [read[best] as number, read[best + 1] as number, read[best + 2] as number];
}
