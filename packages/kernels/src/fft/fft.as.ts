// The axes of a complex array, through tiles of four transforms a vector.
import { element, transform } from "./passes.as";

/** Bytes of one complex value. */
const complex: usize = 8;

/** Groups of four columns that are gathered together: four cache lines of each row. */
const tileGroups = 8;

/**
 * `rows` lines of n values that lie together, four at a time, in place; a and b are room for n elements each.
 * Index `origin` is the origin in both domains; `swap` exchanges re and im (the inverse).
 */
export function alongX(
  data: usize,
  n: i32,
  rows: i32,
  origin: i32,
  swap: i32,
  scale: f32,
  a: usize,
  b: usize,
  plan: usize,
): void {
  const bytes = <usize>n * complex;
  const rest = <usize>(n - origin);
  const re: usize = swap ? 16 : 0;
  const im: usize = 16 - re;
  const by = f32x4.splat(scale);
  for (let j = 0; j < rows; j += 4) {
    const r0 = data + <usize>j * bytes;
    const r1 = data + <usize>min(j + 1, rows - 1) * bytes;
    const r2 = data + <usize>min(j + 2, rows - 1) * bytes;
    const r3 = data + <usize>min(j + 3, rows - 1) * bytes;
    for (let part = 0; part < 2; part++) {
      // Two runs: from the origin to the end, then the part before it.
      let from = <usize>(part ? 0 : origin) * complex;
      let to = a + (part ? rest * element : 0);
      let left = part ? origin : n - origin;
      for (; left >= 2; left -= 2, from += 16, to += 64) {
        const v0 = v128.load(r0 + from);
        const v1 = v128.load(r1 + from);
        const v2 = v128.load(r2 + from);
        const v3 = v128.load(r3 + from);
        const t0 = v128.shuffle<f32>(v0, v1, 0, 4, 1, 5);
        const t1 = v128.shuffle<f32>(v2, v3, 0, 4, 1, 5);
        const t2 = v128.shuffle<f32>(v0, v1, 2, 6, 3, 7);
        const t3 = v128.shuffle<f32>(v2, v3, 2, 6, 3, 7);
        v128.store(to + re, v128.shuffle<f32>(t0, t1, 0, 1, 4, 5));
        v128.store(to + im, v128.shuffle<f32>(t0, t1, 2, 3, 6, 7));
        v128.store(to + re, v128.shuffle<f32>(t2, t3, 0, 1, 4, 5), 32);
        v128.store(to + im, v128.shuffle<f32>(t2, t3, 2, 3, 6, 7), 32);
      }
      if (left) {
        const t0 = v128.shuffle<f32>(v128.load64_zero(r0 + from), v128.load64_zero(r1 + from), 0, 4, 1, 5);
        const t1 = v128.shuffle<f32>(v128.load64_zero(r2 + from), v128.load64_zero(r3 + from), 0, 4, 1, 5);
        v128.store(to + re, v128.shuffle<f32>(t0, t1, 0, 1, 4, 5));
        v128.store(to + im, v128.shuffle<f32>(t0, t1, 2, 3, 6, 7));
      }
    }
    const done = transform(a, b, n, plan);
    for (let part = 0; part < 2; part++) {
      let to = <usize>(part ? 0 : origin) * complex;
      let from = done + (part ? rest * element : 0);
      let left = part ? origin : n - origin;
      for (; left >= 2; left -= 2, from += 64, to += 16) {
        const ar = f32x4.mul(by, v128.load(from + re));
        const ai = f32x4.mul(by, v128.load(from + im));
        const br = f32x4.mul(by, v128.load(from + re, 32));
        const bi = f32x4.mul(by, v128.load(from + im, 32));
        const t0 = v128.shuffle<f32>(ar, ai, 0, 4, 1, 5);
        const t1 = v128.shuffle<f32>(ar, ai, 2, 6, 3, 7);
        const t2 = v128.shuffle<f32>(br, bi, 0, 4, 1, 5);
        const t3 = v128.shuffle<f32>(br, bi, 2, 6, 3, 7);
        // A repeated last row is written again with the same values.
        v128.store(r0 + to, v128.shuffle<f32>(t0, t2, 0, 1, 4, 5));
        v128.store(r1 + to, v128.shuffle<f32>(t0, t2, 2, 3, 6, 7));
        v128.store(r2 + to, v128.shuffle<f32>(t1, t3, 0, 1, 4, 5));
        v128.store(r3 + to, v128.shuffle<f32>(t1, t3, 2, 3, 6, 7));
      }
      if (left) {
        const ar = f32x4.mul(by, v128.load(from + re));
        const ai = f32x4.mul(by, v128.load(from + im));
        const t0 = v128.shuffle<f32>(ar, ai, 0, 4, 1, 5);
        const t1 = v128.shuffle<f32>(ar, ai, 2, 6, 3, 7);
        v128.store64_lane(r0 + to, t0, 0);
        v128.store64_lane(r1 + to, t0, 1);
        v128.store64_lane(r2 + to, t1, 0);
        v128.store64_lane(r3 + to, t1, 1);
      }
    }
  }
}

/**
 * `blocks` stacks of n rows of `width` values, along n, in place; a and b are room for 8 n elements each.
 * Eight groups of four columns are gathered together, so that whole cache lines move.
 */
export function alongRows(
  data: usize,
  n: i32,
  width: i32,
  blocks: i32,
  origin: i32,
  swap: i32,
  scale: f32,
  a: usize,
  b: usize,
  plan: usize,
): void {
  const row = <usize>width * complex;
  const re: usize = swap ? 16 : 0;
  const im: usize = 16 - re;
  const by = f32x4.splat(scale);
  const group = <usize>n * element;
  for (let block = 0; block < blocks; block++, data += <usize>n * row) {
    for (let column = 0; column < width; column += 4 * tileGroups) {
      const columns = min(4 * tileGroups, width - column);
      const whole = columns >> 2;
      const rest = columns & 3;
      for (let t = 0; t < n; t++) {
        const index = t + origin;
        let from = data + <usize>(index < n ? index : index - n) * row + <usize>column * complex;
        let to = a + <usize>t * element;
        for (let g = 0; g < whole; g++, from += 32, to += group) {
          const lo = v128.load(from);
          const hi = v128.load(from, 16);
          v128.store(to + re, v128.shuffle<f32>(lo, hi, 0, 2, 4, 6));
          v128.store(to + im, v128.shuffle<f32>(lo, hi, 1, 3, 5, 7));
        }
        for (let lane = 0; lane < rest; lane++, from += 8, to += 4) {
          store<f32>(to + re, load<f32>(from));
          store<f32>(to + im, load<f32>(from, 4));
        }
      }
      const groups = whole + (rest ? 1 : 0);
      let done = a;
      for (let g = 0; g < groups; g++) done = transform(a + <usize>g * group, b + <usize>g * group, n, plan);
      done -= <usize>(groups - 1) * group;
      for (let k = 0; k < n; k++) {
        const index = k + origin;
        let to = data + <usize>(index < n ? index : index - n) * row + <usize>column * complex;
        let from = done + <usize>k * element;
        for (let g = 0; g < whole; g++, to += 32, from += group) {
          const r = f32x4.mul(by, v128.load(from + re));
          const i = f32x4.mul(by, v128.load(from + im));
          v128.store(to, v128.shuffle<f32>(r, i, 0, 4, 1, 5));
          v128.store(to, v128.shuffle<f32>(r, i, 2, 6, 3, 7), 16);
        }
        for (let lane = 0; lane < rest; lane++, to += 8, from += 4) {
          store<f32>(to, scale * load<f32>(from + re));
          store<f32>(to, scale * load<f32>(from + im), 4);
        }
      }
    }
  }
}

/**
 * `rows` lines of n1 n2 values that lie together, in place, each as a table of n1 rows and n2 columns:
 *
 *   X[k1 + n1 k2] = sum_t2 w2^(t2 k2) w^(t2 k1) sum_t1 w1^(t1 k1) x[n2 t1 + t2],   w = exp(-2 pi i / (n1 n2))
 *
 * so that every pass stays in the first-level cache and the lanes are columns, also of a single line.
 * n1, n2 and origin are multiples of four; factors: w^(t2 k1) of four t2, re then im, for each k1 and four t2;
 * between: room for n1 n2 values; a and b for eight times the larger of n1 and n2 elements each.
 */
export function alongLong(
  data: usize,
  n1: i32,
  n2: i32,
  rows: i32,
  origin: i32,
  swap: i32,
  scale: f32,
  a: usize,
  b: usize,
  plan1: usize,
  plan2: usize,
  factors: usize,
  between: usize,
): void {
  const bytes = <usize>(n1 * n2) * complex;
  const start = <usize>origin * complex;
  const row = <usize>n2 * complex;
  const re: usize = swap ? 16 : 0;
  const im: usize = 16 - re;
  const by = f32x4.splat(scale);
  const group1 = <usize>n1 * element;
  for (let j = 0; j < rows; j++, data += bytes) {
    for (let column = 0; column < n2; column += 4 * tileGroups) {
      const groups = min(4 * tileGroups, n2 - column) >> 2;
      for (let t1 = 0; t1 < n1; t1++) {
        let at = <usize>t1 * row + <usize>column * complex + start;
        let to = a + <usize>t1 * element;
        for (let g = 0; g < groups; g++, at += 32, to += group1) {
          const from = data + (at < bytes ? at : at - bytes);
          const lo = v128.load(from);
          const hi = v128.load(from, 16);
          v128.store(to + re, v128.shuffle<f32>(lo, hi, 0, 2, 4, 6));
          v128.store(to + im, v128.shuffle<f32>(lo, hi, 1, 3, 5, 7));
        }
      }
      for (let g = 0; g < groups; g++) {
        let x = transform(a + <usize>g * group1, b + <usize>g * group1, n1, plan1);
        let to = between + <usize>(column + 4 * g) * complex;
        let w = factors + <usize>((column >> 2) + g) * group1;
        for (let k1 = 0; k1 < n1; k1++, x += element, w += element, to += row) {
          const wr = v128.load(w);
          const wi = v128.load(w, 16);
          const xr = v128.load(x);
          const xi = v128.load(x, 16);
          const r = f32x4.sub(f32x4.mul(xr, wr), f32x4.mul(xi, wi));
          const i = f32x4.add(f32x4.mul(xr, wi), f32x4.mul(xi, wr));
          v128.store(to, v128.shuffle<f32>(r, i, 0, 4, 1, 5));
          v128.store(to, v128.shuffle<f32>(r, i, 2, 6, 3, 7), 16);
        }
      }
    }
    for (let k1 = 0; k1 < n1; k1 += 4) {
      let from = between + <usize>k1 * row;
      let to = a;
      for (let t2 = 0; t2 < n2; t2 += 2, from += 16, to += 64) {
        const v0 = v128.load(from);
        const v1 = v128.load(from + row);
        const v2 = v128.load(from + 2 * row);
        const v3 = v128.load(from + 3 * row);
        const u0 = v128.shuffle<f32>(v0, v1, 0, 4, 1, 5);
        const u1 = v128.shuffle<f32>(v2, v3, 0, 4, 1, 5);
        const u2 = v128.shuffle<f32>(v0, v1, 2, 6, 3, 7);
        const u3 = v128.shuffle<f32>(v2, v3, 2, 6, 3, 7);
        v128.store(to, v128.shuffle<f32>(u0, u1, 0, 1, 4, 5));
        v128.store(to, v128.shuffle<f32>(u0, u1, 2, 3, 6, 7), 16);
        v128.store(to, v128.shuffle<f32>(u2, u3, 0, 1, 4, 5), 32);
        v128.store(to, v128.shuffle<f32>(u2, u3, 2, 3, 6, 7), 48);
      }
      let x = transform(a, b, n2, plan2);
      let at = <usize>k1 * complex + start;
      for (let k2 = 0; k2 < n2; k2++, x += element, at += <usize>n1 * complex) {
        const r = f32x4.mul(by, v128.load(x + re));
        const i = f32x4.mul(by, v128.load(x + im));
        const there = data + (at < bytes ? at : at - bytes);
        v128.store(there, v128.shuffle<f32>(r, i, 0, 4, 1, 5));
        v128.store(there, v128.shuffle<f32>(r, i, 2, 6, 3, 7), 16);
      }
    }
  }
}
