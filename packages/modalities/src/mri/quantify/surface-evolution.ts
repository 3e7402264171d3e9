import type { Mesh } from "./sphere.ts";

/** An isotropic image the surface moves in; positions count in mm from the centre of voxel (0, 0, 0). */
export interface Field {
  readonly data: Float32Array;
  readonly shape: readonly [number, number, number];
  /** mm per voxel. */
  readonly step: number;
}

/** Robust intensities of the head: 2 % quantile, background threshold and median of the brain. */
export interface Levels {
  readonly low: number;
  readonly threshold: number;
  readonly middle: number;
}

export interface EvolutionOptions {
  readonly iterations: number;
  /** Where between CSF-dark and brain-bright the surface stops; 0.5 in the paper. */
  readonly fraction: number;
  /** How far inwards the darkest and the brightest value are sought, mm. */
  readonly inward: readonly [dark: number, bright: number];
  /** Smoothing is this many times stronger where the surface bends outwards; 1 in the paper. */
  readonly stiffness: number;
}

/** Radii of curvature (mm) between which smoothing goes from full to none. Smith 2002, section 2.3. */
const curvature = { smallest: 3.33, largest: 10 };

/**
 * Moves a closed surface outwards until it lies on the brain's rim (the Brain Extraction Tool's force balance).
 *
 *   u = s_t / 2  +  f2 s_n  +  0.05 f3 l n
 *   f2 = (1 + tanh(F (1/r - E))) / 2,  r = l^2 / (2 |s_n|),  E = (1/r_min + 1/r_max) / 2,  F = 6 / (1/r_min - 1/r_max)
 *   f3 = 2 (I_min - t_l) / (I_max - t_2),  t_l = (I_max - t_2) b + t_2
 *
 * s is the vector from a vertex to the mean of its neighbours (s_n along the outward normal n, s_t along the surface),
 * l the mean edge length, I_min and I_max the darkest and brightest value found inwards, both kept within
 * [t_2, t_m] and [t, t_m].
 *
 * @param start vertices in mm; not changed
 * @returns vertices in mm
 * @see Smith, Hum Brain Mapp 2002;17:143-55
 */
export function evolveSurface(
  start: Float64Array,
  mesh: Mesh,
  field: Field,
  levels: Levels,
  options: EvolutionOptions,
): Float64Array {
  const { iterations, fraction, inward, stiffness } = options;
  const count = start.length / 3;
  let [now, next] = [start.slice(), new Float64Array(start.length)];
  const normals = new Float64Array(start.length);
  const eMiddle = (1 / curvature.smallest + 1 / curvature.largest) / 2;
  const eScale = 6 / (1 / curvature.smallest - 1 / curvature.largest);
  let edge = meanEdge(now, mesh);
  for (let iteration = 0; iteration < iterations; iteration++) {
    if (iteration % 20 === 0) edge = meanEdge(now, mesh);
    vertexNormals(now, mesh, normals);
    for (let v = 0; v < count; v++) {
      const a = 3 * v;
      const px = now[a] as number;
      const py = now[a + 1] as number;
      const pz = now[a + 2] as number;
      const nx = normals[a] as number;
      const ny = normals[a + 1] as number;
      const nz = normals[a + 2] as number;
      let mx = 0;
      let my = 0;
      let mz = 0;
      let k = 0;
      for (; k < 6; k++) {
        const other = mesh.neighbours[v * 6 + k] as number;
        if (other < 0) break;
        mx += now[3 * other] as number;
        my += now[3 * other + 1] as number;
        mz += now[3 * other + 2] as number;
      }
      const sx = mx / k - px;
      const sy = my / k - py;
      const sz = mz / k - pz;
      const along = sx * nx + sy * ny + sz * nz;
      const bend = (2 * Math.abs(along)) / (edge * edge);
      const smooth = Math.min(1, ((1 + Math.tanh(eScale * (bend - eMiddle))) / 2) * (along < 0 ? stiffness : 1));
      const push = 0.05 * edge * brightness(field, levels, px, py, pz, nx, ny, nz, fraction, inward);
      const normal = smooth * along + push - 0.5 * along;
      next[a] = px + 0.5 * sx + normal * nx;
      next[a + 1] = py + 0.5 * sy + normal * ny;
      next[a + 2] = pz + 0.5 * sz + normal * nz;
    }
    [now, next] = [next, now];
  }
  return now;
}

/** f3: positive inside the brain (move out), negative in CSF and bone (move in). */
function brightness(
  field: Field,
  { low, threshold, middle }: Levels,
  px: number,
  py: number,
  pz: number,
  nx: number,
  ny: number,
  nz: number,
  fraction: number,
  inward: readonly [number, number],
): number {
  let dark = middle;
  let bright = threshold;
  const { data, shape, step } = field;
  const sx = shape[0] | 0;
  const sy = shape[1] | 0;
  const sz = shape[2] | 0;
  for (let d = step / 2; d <= inward[0]; d += step) {
    // Whole numbers from here on: places held as doubles take twice as long.
    const x = Math.floor((px - d * nx) / step + 0.5) | 0;
    const y = Math.floor((py - d * ny) / step + 0.5) | 0;
    const z = Math.floor((pz - d * nz) / step + 0.5) | 0;
    const outside = x < 0 || y < 0 || z < 0 || x >= sx || y >= sy || z >= sz;
    const value = outside ? low : (data[(x + sx * (y + sy * z)) | 0] as number);
    if (value < dark) dark = value;
    if (d <= inward[1] && value > bright) bright = value;
  }
  dark = Math.max(low, dark);
  bright = Math.min(middle, bright);
  const local = (bright - low) * fraction + low;
  return bright > low ? (2 * (dark - local)) / (bright - low) : -1;
}

function vertexNormals(vertices: Float64Array, { faces }: Mesh, out: Float64Array): void {
  out.fill(0);
  for (let f = 0; f < faces.length; f += 3) {
    const a = 3 * (faces[f] as number);
    const b = 3 * (faces[f + 1] as number);
    const c = 3 * (faces[f + 2] as number);
    const ax = vertices[a] as number;
    const ay = vertices[a + 1] as number;
    const az = vertices[a + 2] as number;
    const ux = (vertices[b] as number) - ax;
    const uy = (vertices[b + 1] as number) - ay;
    const uz = (vertices[b + 2] as number) - az;
    const wx = (vertices[c] as number) - ax;
    const wy = (vertices[c + 1] as number) - ay;
    const wz = (vertices[c + 2] as number) - az;
    const x = uy * wz - uz * wy;
    const y = uz * wx - ux * wz;
    const z = ux * wy - uy * wx;
    add(out, a, x, y, z);
    add(out, b, x, y, z);
    add(out, c, x, y, z);
  }
  for (let v = 0; v < out.length; v += 3) {
    const x = out[v] as number;
    const y = out[v + 1] as number;
    const z = out[v + 2] as number;
    const length = Math.sqrt(x * x + y * y + z * z) || 1;
    out[v] = x / length;
    out[v + 1] = y / length;
    out[v + 2] = z / length;
  }
}

function add(out: Float64Array, at: number, x: number, y: number, z: number): void {
  out[at] = (out[at] as number) + x;
  out[at + 1] = (out[at + 1] as number) + y;
  out[at + 2] = (out[at + 2] as number) + z;
}

function meanEdge(vertices: Float64Array, { neighbours }: Mesh): number {
  let [sum, n] = [0, 0];
  for (let slot = 0; slot < neighbours.length; slot++) {
    const other = neighbours[slot] as number;
    if (other < 0) continue;
    const [a, b] = [3 * Math.floor(slot / 6), 3 * other];
    const at = (i: number): number => vertices[i] as number;
    sum += Math.hypot(at(a) - at(b), at(a + 1) - at(b + 1), at(a + 2) - at(b + 2));
    n++;
  }
  return sum / n;
}

/** Marks the voxels a closed surface encloses: its triangles are drawn, then what the rim can be reached from is outside. */
export function fillSurface(
  vertices: Float64Array,
  { faces }: Mesh,
  shape: readonly [number, number, number],
  step: number,
): Uint8Array {
  const [nx, ny, nz] = shape;
  const out = new Uint8Array(nx * ny * nz).fill(1);
  const wall = new Uint8Array(nx * ny * nz);
  const p = new Float64Array(9);
  for (let f = 0; f < faces.length; f += 3) {
    for (let k = 0; k < 9; k++)
      p[k] = (vertices[3 * (faces[f + Math.floor(k / 3)] as number) + (k % 3)] as number) / step;
    const long = Math.max(distance(p, 0, 3), distance(p, 3, 6), distance(p, 6, 0));
    const parts = Math.max(1, Math.ceil(long * 2));
    for (let i = 0; i <= parts; i++)
      for (let j = 0; j <= parts - i; j++) {
        const [u, w] = [i / parts, j / parts];
        const at = (k: number): number =>
          Math.round((p[k] as number) * (1 - u - w) + (p[k + 3] as number) * u + (p[k + 6] as number) * w);
        const [x, y, z] = [at(0), at(1), at(2)];
        if (x >= 0 && y >= 0 && z >= 0 && x < nx && y < ny && z < nz) wall[x + nx * (y + ny * z)] = 1;
      }
  }
  const stack: number[] = [];
  const visit = (i: number): void => {
    if (wall[i] === 0 && out[i] === 1) {
      out[i] = 0;
      stack.push(i);
    }
  };
  for (let z = 0; z < nz; z++)
    for (let y = 0; y < ny; y++)
      for (let x = 0; x < nx; x++)
        if (x === 0 || y === 0 || z === 0 || x === nx - 1 || y === ny - 1 || z === nz - 1) visit(x + nx * (y + ny * z));
  for (let i = stack.pop(); i !== undefined; i = stack.pop()) {
    const x = i % nx;
    const y = Math.floor(i / nx) % ny;
    const z = Math.floor(i / (nx * ny));
    if (x > 0) visit(i - 1);
    if (x < nx - 1) visit(i + 1);
    if (y > 0) visit(i - nx);
    if (y < ny - 1) visit(i + nx);
    if (z > 0) visit(i - nx * ny);
    if (z < nz - 1) visit(i + nx * ny);
  }
  return out;
}

function distance(p: Float64Array, a: number, b: number): number {
  const at = (k: number): number => (p[a + k] as number) - (p[b + k] as number);
  return Math.hypot(at(0), at(1), at(2));
}
