import { DataError, type KSpaceEncoding } from "@quintet/core";
import type { CartesianKSpace } from "../forward/coil-data.ts";

/** One readout after everything that acts along it: whitened, turned, on even steps of kx. */
export interface KSpaceLine {
  readonly line: number;
  readonly partition: number;
  /** Index of the sample at kx = 0. */
  readonly centre: number;
  /** First and one past the last sample that counts. */
  readonly range: readonly [from: number, to: number];
  readonly samples: number;
  /** mm, when the line was brought to a grid of its own along x; else that of the encoding. */
  readonly fieldOfViewX?: number;
  /** [coil][sample], interleaved re, im. */
  readonly data: Float32Array;
}

export interface GriddedLines {
  readonly kspace: CartesianKSpace;
  /** Most readouts that share a line. */
  readonly averages: number;
  /** Field of view of the grid along x, mm. */
  readonly fieldOfViewX: number;
}

/** Complex numbers of one image that this machine is asked to hold: 2 GiB. */
const mostPoints = 2 ** 28;

/**
 * Lines onto the Cartesian grid of their encoding: the sample at kx = 0 to floor(nx / 2), the line that the header calls
 * the centre to floor(ny / 2), the same along z; lines measured more than once are averaged. Steps that no line went to
 * stay 0 and are not in the mask.
 *
 * An encoding of EPI may count fewer samples than its ramp-sampled lines hold; the field of view along x grows with them.
 *
 * @throws DataError `too-large`, `line-outside`, `samples-beyond-grid`, `mixed-coils`, `nothing-measured`
 */
export function cartesianGrid(lines: readonly KSpaceLine[], encoding: KSpaceEncoding, coils: number): GriddedLines {
  const most = lines.reduce((n, { samples }) => Math.max(n, samples), 0);
  if (most === 0) throw new DataError("nothing-measured", "no line of k-space was measured");
  const { matrix, fieldOfView } = encoding.encoded;
  const own = lines[0]?.fieldOfViewX;
  if (most > matrix[0] && encoding.trajectory !== "epi") {
    throw new DataError("samples-beyond-grid", "a readout holds more samples than the encoded matrix", {
      expected: `at most ${matrix[0]}`,
      found: `${most}`,
    });
  }
  const shape = [own === undefined ? Math.max(most, matrix[0]) : most, matrix[1], matrix[2]] as const;
  const [nx, ny, nz] = shape;
  if (nx * ny * nz * coils > mostPoints) {
    throw new DataError("too-large", "the encoded matrix does not fit this machine", {
      expected: `at most ${mostPoints} points of all coils`,
      found: `${shape.join(" x ")}, ${coils} coils`,
    });
  }
  const data = new Float32Array(2 * nx * ny * nz * coils);
  const counts = new Uint16Array(nx * ny * nz);
  const [y0, z0] = [originOf(encoding.lines?.centre, ny), originOf(encoding.partitions?.centre, nz)];
  for (const one of lines) {
    if (one.data.length !== 2 * coils * one.samples) {
      throw new DataError("mixed-coils", "all lines of an image come from the same coils", {
        expected: `${coils} coils`,
        found: `${one.data.length / 2 / one.samples}`,
      });
    }
    const [y, z] = [one.line + y0, one.partition + z0];
    if (!(y >= 0 && y < ny && z >= 0 && z < nz)) {
      throw new DataError("line-outside", "a line lies outside the encoded matrix", {
        expected: `0 to ${ny - 1} along y, 0 to ${nz - 1} along z`,
        found: `${y}, ${z} (step ${one.line}, ${one.partition})`,
      });
    }
    add(one, Math.floor(nx / 2) - one.centre, (z * ny + y) * nx, shape, coils, data, counts);
  }
  const points = nx * ny * nz;
  for (let i = 0; i < points; i++) {
    const n = counts[i] as number;
    if (n < 2) continue;
    for (let c = 0; c < coils; c++) {
      const at = 2 * (c * points + i);
      data[at] = (data[at] as number) / n;
      data[at + 1] = (data[at + 1] as number) / n;
    }
  }
  return {
    kspace: { coils, shape, data, mask: Uint8Array.from(counts, (n) => Number(n > 0)) },
    averages: counts.reduce((a, b) => Math.max(a, b), 0),
    fieldOfViewX: own ?? (fieldOfView[0] * nx) / matrix[0],
  };
}

function originOf(centre: number | undefined, n: number): number {
  return centre === undefined ? 0 : Math.floor(n / 2) - centre;
}

function add(
  { data: from, range, samples }: KSpaceLine,
  shift: number,
  row: number,
  [nx, ny, nz]: readonly [number, number, number],
  coils: number,
  data: Float32Array,
  counts: Uint16Array,
): void {
  for (let i = Math.max(range[0], -shift); i < Math.min(range[1], nx - shift); i++) {
    const point = row + i + shift;
    counts[point] = (counts[point] as number) + 1;
    for (let c = 0; c < coils; c++) {
      const [to, at] = [2 * (c * nx * ny * nz + point), 2 * (c * samples + i)];
      data[to] = (data[to] as number) + (from[at] as number);
      data[to + 1] = (data[to + 1] as number) + (from[at + 1] as number);
    }
  }
}
