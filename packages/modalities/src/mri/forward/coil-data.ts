import { DataError } from "@quintet/core";

/** Complex data of several coils on one grid, in k-space or image space; zero frequency and centre at floor(n / 2). */
export interface CoilData {
  readonly coils: number;
  readonly shape: readonly [nx: number, ny: number, nz: number];
  /** [coil][z][y][x], interleaved re, im. */
  readonly data: Float32Array;
}

/** k-space on its Cartesian grid with what was measured of it; unmeasured points hold 0. */
export interface CartesianKSpace extends CoilData {
  /** [z][y][x], 1 where measured. */
  readonly mask: Uint8Array;
}

/** The axes along which there is something to transform. */
export function longAxes(shape: readonly number[]): number[] {
  return shape.flatMap((n, axis) => (n > 1 ? [axis] : []));
}

export function pointsOf(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** @throws DataError `bad-shape`, `shape-mismatch`, `not-finite` */
export function refuseBadCoilData({ coils, shape, data }: CoilData): void {
  const whole = (n: number): boolean => Number.isInteger(n) && n > 0;
  if (!whole(coils) || shape.length !== 3 || !shape.every(whole)) {
    throw new DataError("bad-shape", "k-space has at least one coil and three axes of at least one point", {
      found: `${coils} coils, ${shape.join(" x ")}`,
    });
  }
  const expected = 2 * coils * pointsOf(shape);
  if (data.length !== expected) {
    throw new DataError("shape-mismatch", "the data must fill coils and shape, two values a point", {
      expected: `${expected} values`,
      found: `${data.length}`,
    });
  }
  if (!Number.isFinite(data.reduce((a, b) => a + b, 0))) {
    throw new DataError("not-finite", "k-space holds a value that is not a number", {});
  }
}

/** @throws DataError as `refuseBadCoilData`, and `nothing-measured` */
export function refuseBadKSpace(kspace: CartesianKSpace): void {
  refuseBadCoilData(kspace);
  if (kspace.mask.length !== pointsOf(kspace.shape)) {
    throw new DataError("shape-mismatch", "the sampling mask covers the grid", {
      expected: `${pointsOf(kspace.shape)} points`,
      found: `${kspace.mask.length}`,
    });
  }
  if (!kspace.mask.includes(1)) throw new DataError("nothing-measured", "no point of k-space was measured", {});
}
