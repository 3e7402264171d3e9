// part of joseph-orbits
// The image's way from [z][y][x] into columns of four and back: by squares of four by four columns, whose lanes of two quarters are rows
// of the image and of the other two its columns; by slices where an odd edge's middle row is shared by columns.
import { column, half, image, n, nz, own, ownBytes, setUp, source, target } from "./plan.as";
import { r0, r1, r2, r3, transpose } from "../joseph-stack/transpose.as";

/** The voxel that `quarter` turns take (x, y) to, as its place in a slice. */
@inline function turnedVoxel(x: i32, y: i32, quarter: i32): usize {
  const end = n - 1;
  const u = quarter == 0 ? x : quarter == 1 ? end - y : quarter == 2 ? end - x : y;
  const v = quarter == 0 ? y : quarter == 1 ? x : quarter == 2 ? end - y : end - x;
  return <usize>(v * n + u) << 2;
}

/** The four lanes of a voxel of a column, from the slice at `from`. */
@inline function gatherLanes(from: usize, x: i32, y: i32): v128 {
  const p = from + turnedVoxel(x, y, 0), q = from + turnedVoxel(x, y, 1), r = from + turnedVoxel(x, y, 2), s = from + turnedVoxel(x, y, 3);
  return v128.load32_lane(s, v128.load32_lane(r, v128.load32_lane(q, v128.load32_zero(p), 1), 2), 3);
}

@inline function scatterLanes(to: usize, x: i32, y: i32, v: v128): void {
  v128.store32_lane(to + turnedVoxel(x, y, 0), v, 0); v128.store32_lane(to + turnedVoxel(x, y, 1), v, 1);
  v128.store32_lane(to + turnedVoxel(x, y, 2), v, 2); v128.store32_lane(to + turnedVoxel(x, y, 3), v, 3);
}

@inline function addLanes(to: usize, x: i32, y: i32, v: v128): void {
  addAt(to + turnedVoxel(x, y, 0), f32x4.extract_lane(v, 0)); addAt(to + turnedVoxel(x, y, 1), f32x4.extract_lane(v, 1));
  addAt(to + turnedVoxel(x, y, 2), f32x4.extract_lane(v, 2)); addAt(to + turnedVoxel(x, y, 3), f32x4.extract_lane(v, 3));
}

@inline function addAt(at: usize, v: f32): void { store<f32>(at, load<f32>(at) + v); }

@inline function reversed(v: v128): v128 { return v128.shuffle<f32>(v, v, 3, 2, 1, 0); }

/** The sum of all threads' values at `from`, which are left at 0. */
@inline function taken(from: usize, threads: i32): v128 {
  const none = f32x4.splat(0);
  let v = v128.load(from), other = from;
  v128.store(from, none);
  for (let t = 1; t < threads; t++) {
    other += ownBytes;
    v = f32x4.add(v, v128.load(other));
    v128.store(other, none);
  }
  return v;
}

/** The corner of a square of columns, and how many of them it has along x and y. */
let x0: i32, y0: i32, wide: i32, high: i32;

@inline function square(chunk: i32): void {
  const across = (half + 3) >> 2;
  x0 = (chunk % across) << 2; y0 = (chunk / across) << 2;
  wide = min(4, half - x0); high = min(4, half - y0);
}

@inline function columnAt(first: usize, x: i32, y: i32): usize { return first + <usize>(y * half + x) * column; }

/** Where the rows of a square's quarters begin in a slice: of the first quarter, the second and so on; the second and third run backwards. */
let at0: usize, at1: usize, at2: usize, at3: usize;

@inline function rowsOfQuarters(): void {
  const end = n - 1;
  at0 = <usize>(y0 * n + x0) << 2; at1 = <usize>(x0 * n + end - y0 - 3) << 2;
  at2 = <usize>((end - y0) * n + end - x0 - 3) << 2; at3 = <usize>((end - x0) * n + y0) << 2;
}

/** A square of columns from the image; what pads them is 0. */
export function pack(chunk: i32, thread: i32, plan: usize): void {
  setUp(plan, thread);
  square(chunk);
  const slice = <usize>(n * n) << 2, line = <usize>n << 2, next = column, down = <usize>half * column, none = f32x4.splat(0);
  const whole = wide == 4 && high == 4, first = columnAt(image, x0, y0);
  rowsOfQuarters();
  for (let z = 0, from = source, to = first; z < nz; z++, from += slice, to += 16) {
    if (!whole) {
      for (let y = 0; y < high; y++) for (let x = 0; x < wide; x++) v128.store(to + <usize>y * down + <usize>x * next, gatherLanes(from, x0 + x, y0 + y));
      continue;
    }
    // Lanes 1 and 3 by x, so that they lie along y: turned over to lie along x as those of lanes 0 and 2 do.
    let p = from + at1, q = from + at3;
    transpose(v128.load(p), v128.load(p + line), v128.load(p + 2 * line), v128.load(p + 3 * line));
    const b3 = r0, b2 = r1, b1 = r2, b0 = r3;
    transpose(v128.load(q), v128.load(q - line), v128.load(q - 2 * line), v128.load(q - 3 * line));
    const d0 = r0, d1 = r1, d2 = r2, d3 = r3;
    p = from + at0; q = from + at2;
    let o = to;
    transpose(v128.load(p), b0, reversed(v128.load(q)), d0);
    v128.store(o, r0); v128.store(o + next, r1); v128.store(o + 2 * next, r2); v128.store(o + 3 * next, r3);
    p += line; q -= line; o += down;
    transpose(v128.load(p), b1, reversed(v128.load(q)), d1);
    v128.store(o, r0); v128.store(o + next, r1); v128.store(o + 2 * next, r2); v128.store(o + 3 * next, r3);
    p += line; q -= line; o += down;
    transpose(v128.load(p), b2, reversed(v128.load(q)), d2);
    v128.store(o, r0); v128.store(o + next, r1); v128.store(o + 2 * next, r2); v128.store(o + 3 * next, r3);
    p += line; q -= line; o += down;
    transpose(v128.load(p), b3, reversed(v128.load(q)), d3);
    v128.store(o, r0); v128.store(o + next, r1); v128.store(o + 2 * next, r2); v128.store(o + 3 * next, r3);
  }
  for (let y = 0; y < high; y++)
    for (let x = 0; x < wide; x++) {
      const from = first + <usize>y * down + <usize>x * next;
      for (let o = from + (<usize>nz << 4), end = from + column; o < end; o += 16) v128.store(o, none);
    }
}

/** A square of the sum of the threads' columns into the image of an even edge; leaves the columns at 0. */
export function unpack(chunk: i32, thread: i32, plan: usize, threads: i32): void {
  setUp(plan, thread);
  square(chunk);
  const slice = <usize>(n * n) << 2, line = <usize>n << 2, next = column, down = <usize>half * column, whole = wide == 4 && high == 4;
  rowsOfQuarters();
  for (let z = 0, to = target, from = columnAt(own, x0, y0); z < nz; z++, to += slice, from += 16) {
    if (!whole) {
      for (let y = 0; y < high; y++) for (let x = 0; x < wide; x++) scatterLanes(to, x0 + x, y0 + y, taken(from + <usize>y * down + <usize>x * next, threads));
      continue;
    }
    let p = to + at0, q = to + at2, o = from;
    transpose(taken(o, threads), taken(o + next, threads), taken(o + 2 * next, threads), taken(o + 3 * next, threads));
    v128.store(p, r0); v128.store(q, reversed(r2));
    const b0 = r1, d0 = r3;
    p += line; q -= line; o += down;
    transpose(taken(o, threads), taken(o + next, threads), taken(o + 2 * next, threads), taken(o + 3 * next, threads));
    v128.store(p, r0); v128.store(q, reversed(r2));
    const b1 = r1, d1 = r3;
    p += line; q -= line; o += down;
    transpose(taken(o, threads), taken(o + next, threads), taken(o + 2 * next, threads), taken(o + 3 * next, threads));
    v128.store(p, r0); v128.store(q, reversed(r2));
    const b2 = r1, d2 = r3;
    p += line; q -= line; o += down;
    transpose(taken(o, threads), taken(o + next, threads), taken(o + 2 * next, threads), taken(o + 3 * next, threads));
    v128.store(p, r0); v128.store(q, reversed(r2));
    p = to + at1; q = to + at3;
    const b3 = r1, d3 = r3;
    transpose(b3, b2, b1, b0);
    v128.store(p, r0); v128.store(p + line, r1); v128.store(p + 2 * line, r2); v128.store(p + 3 * line, r3);
    transpose(d0, d1, d2, d3);
    v128.store(q, r0); v128.store(q - line, r1); v128.store(q - 2 * line, r2); v128.store(q - 3 * line, r3);
  }
}

/** The same, four slices of an image of an odd edge: columns of its middle row share voxels. */
export function unpackSlices(chunk: i32, thread: i32, plan: usize, threads: i32): void {
  setUp(plan, thread);
  const slice = <usize>(n * n) << 2, z0 = chunk << 2, count = min(4, nz - z0), to = target + <usize>z0 * slice;
  memory.fill(to, 0, <usize>count * slice);
  for (let y = 0; y < half; y++)
    for (let x = 0; x < half; x++) {
      const from = columnAt(own, x, y) + (<usize>z0 << 4);
      for (let z = 0; z < count; z++) addLanes(to + <usize>z * slice, x, y, taken(from + (<usize>z << 4), threads));
    }
}
