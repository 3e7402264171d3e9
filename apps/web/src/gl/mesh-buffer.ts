/** A triangle mesh on the graphics side: positions, outward normals (mean of the faces around a vertex, by area), faces. */

export interface MeshBuffer {
  readonly array: WebGLVertexArrayObject;
  readonly indices: number;
  readonly vertices: Float32Array;
  readonly faces: Uint32Array;
}

export function vertexNormals(vertices: Float32Array, faces: Uint32Array): Float32Array {
  const normals = new Float32Array(vertices.length);
  const v = (i: number): number => vertices[i] as number;
  for (let f = 0; f < faces.length; f += 3) {
    const [a, b, c] = [3 * (faces[f] as number), 3 * (faces[f + 1] as number), 3 * (faces[f + 2] as number)];
    const [ux, uy, uz] = [v(b) - v(a), v(b + 1) - v(a + 1), v(b + 2) - v(a + 2)];
    const [wx, wy, wz] = [v(c) - v(a), v(c + 1) - v(a + 1), v(c + 2) - v(a + 2)];
    const n = [uy * wz - uz * wy, uz * wx - ux * wz, ux * wy - uy * wx];
    for (const corner of [a, b, c])
      for (let k = 0; k < 3; k++) normals[corner + k] = (normals[corner + k] as number) + (n[k] as number);
  }
  // Six times the enclosed volume; negative when the faces turn the other way round.
  let volume = 0;
  for (let i = 0; i < normals.length; i++) volume += v(i) * (normals[i] as number);
  for (let i = 0; i < normals.length; i += 3) {
    const length = Math.hypot(normals[i] as number, normals[i + 1] as number, normals[i + 2] as number) || 1;
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

export function uploadMesh(gl: WebGL2RenderingContext, vertices: Float32Array, faces: Uint32Array): MeshBuffer {
  const array = gl.createVertexArray();
  gl.bindVertexArray(array);
  attribute(gl, 0, 3, vertices, gl.STATIC_DRAW);
  attribute(gl, 1, 3, vertexNormals(vertices, faces), gl.STATIC_DRAW);
  gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, faces, gl.STATIC_DRAW);
  gl.bindVertexArray(null);
  return { array, indices: faces.length, vertices, faces };
}
