import { DataError } from "@quintet/core";

/** Which lines (ky, kz) of a grid were measured, and the rule behind it. */
export interface SamplingPattern {
  /** Every how many lines along y and z, read off the measured lines; 1 where all were. */
  readonly acceleration: readonly [y: number, z: number];
  /** Whether all lines outside the fully sampled centre lie on that lattice. */
  readonly regular: boolean;
  /** The fully sampled block round the zero frequency, lines along y and z. */
  readonly calibration: readonly [y: number, z: number];
  readonly measured: number;
  /** Lines of the lattice that lie between measured ones and are not there. */
  readonly missing: number;
  /** First and one past the last measured line along y and z. */
  readonly range: readonly [y: readonly [number, number], z: readonly [number, number]];
}

/**
 * The sampling rule of a Cartesian measurement from its mask: the acceleration along an axis is the distance that most
 * neighbouring measured lines have beyond the fully sampled centre. A few holes in an otherwise full row are missing lines,
 * not an acceleration.
 *
 * @param lines [z][y], 1 where the line was measured
 * @throws DataError `shape-mismatch`, `nothing-measured`, `no-centre`
 */
export function samplingPattern(lines: Uint8Array, ny: number, nz: number): SamplingPattern {
  if (lines.length !== ny * nz) {
    throw new DataError("shape-mismatch", "one mark a line", { expected: `${ny * nz}`, found: `${lines.length}` });
  }
  const measured = lines.reduce((sum, one) => sum + one, 0);
  if (measured === 0) throw new DataError("nothing-measured", "no line of k-space was measured");
  const [cy, cz] = [Math.floor(ny / 2), Math.floor(nz / 2)];
  const at = (y: number, z: number): boolean => lines[z * ny + y] === 1;
  const rows = Array.from({ length: nz }, (_, z) => z).filter((z) => has(ny, (y) => at(y, z)));
  const columns = Array.from({ length: ny }, (_, y) => y).filter((y) => has(nz, (z) => at(y, z)));
  const range = [ends(columns), ends(rows)] as const;
  if (!inside(cy, range[0]) || !inside(cz, range[1])) {
    throw new DataError("no-centre", "the zero frequency lies outside the measured lines", {
      expected: `line ${cy}, partition ${cz} inside`,
      found: `lines ${range[0].join(" to ")}, partitions ${range[1].join(" to ")}, the last excluded`,
    });
  }
  const calibration = centreBlock(at, ny, nz);
  const acceleration = [stepOf(columns), stepOf(rows)] as [number, number];
  // Along y a full row near the centre of kz decides: outside it rows may be thinned along z as well.
  const own = rows.map((z) => stepOf(Array.from({ length: ny }, (_, y) => y).filter((y) => at(y, z))));
  acceleration[0] = Math.max(acceleration[0], mostCommon(own));
  const { regular, missing } = lattice(at, ny, nz, acceleration, calibration);
  return { acceleration, regular, calibration, measured, missing, range };
}

function has(n: number, test: (i: number) => boolean): boolean {
  for (let i = 0; i < n; i++) if (test(i)) return true;
  return false;
}

function ends(indices: readonly number[]): readonly [number, number] {
  return [indices[0] as number, (indices.at(-1) as number) + 1];
}

function inside(i: number, [from, to]: readonly [number, number]): boolean {
  return i >= from && i < to;
}

/** The distance most neighbours have, 1 unless at least a tenth of all distances are larger. */
function stepOf(indices: readonly number[]): number {
  const gaps = indices.slice(1).map((i, k) => i - (indices[k] as number));
  const larger = gaps.filter((gap) => gap > 1);
  return larger.length > 0 && larger.length >= 0.1 * gaps.length ? mostCommon(larger) : 1;
}

function mostCommon(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let [best, most] = [1, 0];
  for (const [value, count] of counts) if (count > most) [best, most] = [value, count];
  return best;
}

/** Grown from the zero frequency as long as every line of the block is there. */
function centreBlock(at: (y: number, z: number) => boolean, ny: number, nz: number): [number, number] {
  let [y0, y1, z0, z1] = [Math.floor(ny / 2), Math.floor(ny / 2) + 1, Math.floor(nz / 2), Math.floor(nz / 2) + 1];
  if (!at(y0, z0)) return [0, 0];
  const full = (a: number, b: number, c: number, d: number): boolean => {
    if (a < 0 || c < 0 || b > ny || d > nz) return false;
    for (let z = c; z < d; z++) for (let y = a; y < b; y++) if (!at(y, z)) return false;
    return true;
  };
  for (let grown = true; grown; ) {
    grown = false;
    if (full(y0 - 1, y0, z0, z1)) [y0, grown] = [y0 - 1, true];
    if (full(y1, y1 + 1, z0, z1)) [y1, grown] = [y1 + 1, true];
    if (full(y0, y1, z0 - 1, z0)) [z0, grown] = [z0 - 1, true];
    if (full(y0, y1, z1, z1 + 1)) [z1, grown] = [z1 + 1, true];
  }
  return [y1 - y0, z1 - z0];
}

/** The residue on which the most lines lie; holes are counted along each row between its first and last line. */
function lattice(
  at: (y: number, z: number) => boolean,
  ny: number,
  nz: number,
  [ry, rz]: readonly [number, number],
  [by, bz]: readonly [number, number],
): { regular: boolean; missing: number } {
  const counts = new Float64Array(ry * rz);
  for (let z = 0; z < nz; z++)
    for (let y = 0; y < ny; y++)
      if (at(y, z)) counts[(z % rz) * ry + (y % ry)] = (counts[(z % rz) * ry + (y % ry)] as number) + 1;
  const best = counts.indexOf(Math.max(...counts));
  const [oy, oz] = [best % ry, Math.floor(best / ry)];
  const near = (i: number, n: number, size: number): boolean => Math.abs(i - Math.floor(n / 2)) <= size;
  let [off, missing] = [0, 0];
  for (let z = 0; z < nz; z++) {
    const row = Array.from({ length: ny }, (_, y) => y).filter((y) => at(y, z));
    if (row.length === 0) continue;
    const [from, to] = ends(row);
    for (let y = from; y < to; y++) {
      const on = y % ry === oy && z % rz === oz;
      if (on && !at(y, z)) missing++;
      // Twice the block: lines beside it that are measured beyond its square shape.
      if (!on && at(y, z) && !(near(y, ny, by) && near(z, nz, bz))) off++;
    }
  }
  return { regular: off === 0, missing };
}
