// part of joseph-stack
// Many short families, as blocks with gaps have them: the rows of the whole ray first (sums.as.ts), then a family at a time
// together with the mirrored one, up to 16 planes in four vectors whose sums stay in registers over all knots and bases.
import { acrossRows, families, familyCount, loadPart, madd, nz, row, storePart, stride } from "./plan.as";
import { perStep, squared, t0, t1 } from "./ray.as";
import { baseCount, baseTable, findKnots, firstBase, firstKnot, knotCount, knotStep, knotTable, lastBase } from "./knots.as";
import { add, spreadAtKnots } from "./sums.as";
import { first, record } from "./tiles.as";

/** The knots and bases of the table at hand that planes may meet. */
let knotsFrom: usize, knotsTo: usize, basesFrom: usize, basesTo: usize;

/** Planes from `low` to `high` voxels beside the first one; `mirror` the sum of both families' places, if it is the other. */
function clip(low: i32, high: i32, mirrored: bool, mirror: i32): void {
  const least = mirrored ? mirror - nz + low : -1 - high, most = mirrored ? mirror + 1 + high : nz - low;
  let i = max(0, knotStep > 0 ? least - firstKnot : firstKnot - most);
  const j = min(knotCount, (knotStep > 0 ? most - firstKnot : firstKnot - least) + 1);
  if (i > j) i = j;
  knotsFrom = knotTable + (<usize>i << 4);
  knotsTo = knotTable + (<usize>j << 4);
  basesFrom = baseTable;
  basesTo = baseTable + (<usize>baseCount << 4);
  // The mirrored cell is one lower.
  const low1 = mirrored ? least - 1 : least, high1 = mirrored ? most - 1 : most;
  if (min(firstBase, lastBase) >= low1 && max(firstBase, lastBase) <= high1) return;
  // Voxels of bases rise or fall all the way.
  while (basesFrom < basesTo && (load<i32>(basesFrom, 12) < low1 || load<i32>(basesFrom, 12) > high1)) basesFrom += 16;
  while (basesTo > basesFrom && (load<i32>(basesTo - 4) < low1 || load<i32>(basesTo - 4) > high1)) basesTo -= 16;
}

/** Sums of n vectors of planes, `off` bytes on from the family's first one. */
@inline function gather(n: i32, mirrored: bool, off: usize, c1: v128, turn: v128, scale: v128, out: usize, count: i32): void {
  const none = f32x4.splat(0), one = f32x4.splat(1), r = row;
  let s0 = none, s1 = none, s2 = none, s3 = none, u0 = none, u1 = none, u2 = none, u3 = none;
  for (let o = basesFrom, end = basesTo; o < end; o += 16) {
    const i = <usize>(mirrored ? load<u32>(o, 4) : load<u32>(o)) + off, d = i + r, e = d + r;
    let f = v128.load32_splat(o, 8);
    if (mirrored) f = f32x4.sub(one, f);
    s0 = add(s0, madd(f, v128.load(d), v128.load(i))); u0 = add(u0, v128.load(e));
    if (n > 1) { s1 = add(s1, madd(f, v128.load(d, 16), v128.load(i, 16))); u1 = add(u1, v128.load(e, 16)); }
    if (n > 2) { s2 = add(s2, madd(f, v128.load(d, 32), v128.load(i, 32))); u2 = add(u2, v128.load(e, 32)); }
    if (n > 3) { s3 = add(s3, madd(f, v128.load(d, 48), v128.load(i, 48))); u3 = add(u3, v128.load(e, 48)); }
  }
  const c = mirrored ? f32x4.neg(c1) : c1;
  s0 = madd(c, u0, s0); s1 = madd(c, u1, s1); s2 = madd(c, u2, s2); s3 = madd(c, u3, s3);
  u0 = none; u1 = none; u2 = none; u3 = none;
  let v0 = none, v1 = none, v2 = none, v3 = none;
  for (let o = knotsFrom, end = knotsTo; o < end; o += 16) {
    const i = <usize>(mirrored ? load<u32>(o, 4) : load<u32>(o)) + off, f = v128.load32_splat(o, 8), d = i + r;
    v0 = madd(f, v128.load(i), v0); u0 = add(u0, v128.load(d));
    if (n > 1) { v1 = madd(f, v128.load(i, 16), v1); u1 = add(u1, v128.load(d, 16)); }
    if (n > 2) { v2 = madd(f, v128.load(i, 32), v2); u2 = add(u2, v128.load(d, 32)); }
    if (n > 3) { v3 = madd(f, v128.load(i, 48), v3); u3 = add(u3, v128.load(d, 48)); }
  }
  storePart(out, f32x4.mul(scale, madd(turn, madd(c1, u0, v0), s0)), count);
  if (n > 1) storePart(out + 16, f32x4.mul(scale, madd(turn, madd(c1, u1, v1), s1)), count - 4);
  if (n > 2) storePart(out + 32, f32x4.mul(scale, madd(turn, madd(c1, u2, v2), s2)), count - 8);
  if (n > 3) storePart(out + 48, f32x4.mul(scale, madd(turn, madd(c1, u3, v3), s3)), count - 12);
}

/** The transpose of gather. */
@inline function spread(n: i32, mirrored: bool, off: usize, c1: v128, turn: v128, scale: v128, from: usize, count: i32): void {
  const r = row, none = f32x4.splat(0), one = f32x4.splat(1);
  const y0 = f32x4.mul(scale, loadPart(from, count));
  const y1 = n > 1 ? f32x4.mul(scale, loadPart(from + 16, count - 4)) : none;
  const y2 = n > 2 ? f32x4.mul(scale, loadPart(from + 32, count - 8)) : none;
  const y3 = n > 3 ? f32x4.mul(scale, loadPart(from + 48, count - 12)) : none;
  if (!v128.any_true(v128.or(v128.or(y0, y1), v128.or(y2, y3)))) return;
  const c = mirrored ? f32x4.neg(c1) : c1;
  const e0 = f32x4.mul(c, y0), e1 = f32x4.mul(c, y1), e2 = f32x4.mul(c, y2), e3 = f32x4.mul(c, y3);
  for (let o = basesFrom, end = basesTo; o < end; o += 16) {
    const i = <usize>(mirrored ? load<u32>(o, 4) : load<u32>(o)) + off, d = i + r, e = d + r;
    let f = v128.load32_splat(o, 8);
    if (mirrored) f = f32x4.sub(one, f);
    v128.store(i, add(v128.load(i), y0)); v128.store(d, madd(f, y0, v128.load(d))); v128.store(e, add(v128.load(e), e0));
    if (n > 1) { v128.store(i, add(v128.load(i, 16), y1), 16); v128.store(d, madd(f, y1, v128.load(d, 16)), 16); v128.store(e, add(v128.load(e, 16), e1), 16); }
    if (n > 2) { v128.store(i, add(v128.load(i, 32), y2), 32); v128.store(d, madd(f, y2, v128.load(d, 32)), 32); v128.store(e, add(v128.load(e, 32), e2), 32); }
    if (n > 3) { v128.store(i, add(v128.load(i, 48), y3), 48); v128.store(d, madd(f, y3, v128.load(d, 48)), 48); v128.store(e, add(v128.load(e, 48), e3), 48); }
  }
  const v0 = f32x4.mul(turn, y0), v1 = f32x4.mul(turn, y1), v2 = f32x4.mul(turn, y2), v3 = f32x4.mul(turn, y3);
  spreadAtKnots(n, mirrored, c1, v0, v1, v2, v3, knotsFrom, knotsTo, off);
}

/** gather of at most two vectors for the ray and its opposite at once: one pass through the table. */
@inline function gatherBoth(n: i32, mirrored: bool, c1: v128, turn: v128, scale: v128, here: usize, there: usize, count: i32): void {
  const none = f32x4.splat(0), one = f32x4.splat(1), r = row, across = acrossRows;
  let s0 = none, s1 = none, s2 = none, s3 = none, u0 = none, u1 = none, u2 = none, u3 = none;
  for (let o = basesFrom, end = basesTo; o < end; o += 16) {
    const i = <usize>(mirrored ? load<u32>(o, 4) : load<u32>(o)), d = i + r, e = d + r, j = i + across, k = j + r, l = k + r;
    let f = v128.load32_splat(o, 8);
    if (mirrored) f = f32x4.sub(one, f);
    s0 = add(s0, madd(f, v128.load(d), v128.load(i))); u0 = add(u0, v128.load(e));
    s2 = add(s2, madd(f, v128.load(k), v128.load(j))); u2 = add(u2, v128.load(l));
    if (n > 1) {
      s1 = add(s1, madd(f, v128.load(d, 16), v128.load(i, 16))); u1 = add(u1, v128.load(e, 16));
      s3 = add(s3, madd(f, v128.load(k, 16), v128.load(j, 16))); u3 = add(u3, v128.load(l, 16));
    }
  }
  const c = mirrored ? f32x4.neg(c1) : c1;
  s0 = madd(c, u0, s0); s1 = madd(c, u1, s1); s2 = madd(c, u2, s2); s3 = madd(c, u3, s3);
  u0 = none; u1 = none; u2 = none; u3 = none;
  let v0 = none, v1 = none, v2 = none, v3 = none;
  for (let o = knotsFrom, end = knotsTo; o < end; o += 16) {
    const i = <usize>(mirrored ? load<u32>(o, 4) : load<u32>(o)), f = v128.load32_splat(o, 8), d = i + r, j = i + across, k = j + r;
    v0 = madd(f, v128.load(i), v0); u0 = add(u0, v128.load(d));
    v2 = madd(f, v128.load(j), v2); u2 = add(u2, v128.load(k));
    if (n > 1) {
      v1 = madd(f, v128.load(i, 16), v1); u1 = add(u1, v128.load(d, 16));
      v3 = madd(f, v128.load(j, 16), v3); u3 = add(u3, v128.load(k, 16));
    }
  }
  storePart(here, f32x4.mul(scale, madd(turn, madd(c1, u0, v0), s0)), count);
  storePart(there, f32x4.mul(scale, madd(turn, madd(c1, u2, v2), s2)), count);
  if (n == 1) return;
  storePart(here + 16, f32x4.mul(scale, madd(turn, madd(c1, u1, v1), s1)), count - 4);
  storePart(there + 16, f32x4.mul(scale, madd(turn, madd(c1, u3, v3), s3)), count - 4);
}

/** The transpose of gatherBoth. */
@inline function spreadBoth(n: i32, mirrored: bool, c1: v128, turn: v128, scale: v128, here: usize, there: usize, count: i32): void {
  const r = row, across = acrossRows, none = f32x4.splat(0), one = f32x4.splat(1);
  const y0 = f32x4.mul(scale, loadPart(here, count)), y1 = n > 1 ? f32x4.mul(scale, loadPart(here + 16, count - 4)) : none;
  const y2 = f32x4.mul(scale, loadPart(there, count)), y3 = n > 1 ? f32x4.mul(scale, loadPart(there + 16, count - 4)) : none;
  if (!v128.any_true(v128.or(v128.or(y0, y1), v128.or(y2, y3)))) return;
  const c = mirrored ? f32x4.neg(c1) : c1;
  const e0 = f32x4.mul(c, y0), e1 = f32x4.mul(c, y1), e2 = f32x4.mul(c, y2), e3 = f32x4.mul(c, y3);
  for (let o = basesFrom, end = basesTo; o < end; o += 16) {
    const i = <usize>(mirrored ? load<u32>(o, 4) : load<u32>(o)), d = i + r, e = d + r, j = i + across, k = j + r, l = k + r;
    let f = v128.load32_splat(o, 8);
    if (mirrored) f = f32x4.sub(one, f);
    v128.store(i, add(v128.load(i), y0)); v128.store(d, madd(f, y0, v128.load(d))); v128.store(e, add(v128.load(e), e0));
    v128.store(j, add(v128.load(j), y2)); v128.store(k, madd(f, y2, v128.load(k))); v128.store(l, add(v128.load(l), e2));
    if (n > 1) {
      v128.store(i, add(v128.load(i, 16), y1), 16); v128.store(d, madd(f, y1, v128.load(d, 16)), 16); v128.store(e, add(v128.load(e, 16), e1), 16);
      v128.store(j, add(v128.load(j, 16), y3), 16); v128.store(k, madd(f, y3, v128.load(k, 16)), 16); v128.store(l, add(v128.load(l, 16), e3), 16);
    }
  }
  const v0 = f32x4.mul(turn, y0), v1 = f32x4.mul(turn, y1), v2 = f32x4.mul(turn, y2), v3 = f32x4.mul(turn, y3);
  const g0 = f32x4.mul(c1, v0), g1 = f32x4.mul(c1, v1), g2 = f32x4.mul(c1, v2), g3 = f32x4.mul(c1, v3);
  for (let o = knotsFrom, end = knotsTo; o < end; o += 16) {
    const i = <usize>(mirrored ? load<u32>(o, 4) : load<u32>(o)), f = v128.load32_splat(o, 8), d = i + r, j = i + across, k = j + r;
    const a0 = v128.load(i), b0 = v128.load(d), a2 = v128.load(j), b2 = v128.load(k);
    const a1 = n > 1 ? v128.load(i, 16) : none, b1 = n > 1 ? v128.load(d, 16) : none;
    const a3 = n > 1 ? v128.load(j, 16) : none, b3 = n > 1 ? v128.load(k, 16) : none;
    v128.store(i, madd(f, v0, a0)); v128.store(d, add(b0, g0)); v128.store(j, madd(f, v2, a2)); v128.store(k, add(b2, g2));
    if (n > 1) {
      v128.store(i, madd(f, v1, a1), 16); v128.store(d, add(b1, g1), 16);
      v128.store(j, madd(f, v3, a3), 16); v128.store(k, add(b3, g3), 16);
    }
  }
}

@inline function either(back: bool, n: i32, mirrored: bool, off: usize, c1: v128, turn: v128, scale: v128, at: usize, count: i32): void {
  if (back) spread(n, mirrored, off, c1, turn, scale, at, count);
  else gather(n, mirrored, off, c1, turn, scale, at, count);
}

@inline function both(back: bool, n: i32, mirrored: bool, c1: v128, turn: v128, scale: v128, a: usize, b: usize, count: i32): void {
  if (back) spreadBoth(n, mirrored, c1, turn, scale, a, b, count);
  else gatherBoth(n, mirrored, c1, turn, scale, a, b, count);
}

/** All families of the ray at hand (its data at `here`, 0: not wanted) and of its opposite one (at `there`). */
@inline function through(back: bool, here: usize, there: usize): void {
  for (let g = families, stop = families + <usize>familyCount * record; g < stop; g += record) {
    const delta = load<f64>(g, 8), count = load<i32>(g, 28), mirror = load<i32>(g, 36), slope = delta * t1;
    findKnots(load<f64>(g) + delta * t0, slope, mirror, 0);
    const length = Math.sqrt(squared + load<f64>(g, 16));
    const scale = f32x4.splat(<f32>(perStep * length)), c1 = f32x4.splat(<f32>slope), turn = f32x4.splat(<f32>knotStep);
    for (let p = 0; p < count; p += 16) {
      const left = count - p, n = min(4, (left + 3) >> 2), low = p * stride, high = (p + (n << 2) - 1) * stride;
      for (let m: usize = 0; m < 2; m++) {
        clip(low, high, m != 0, mirror);
        const one = first(g, 0, m), two = first(g, 1, m);
        if (count <= 8 && here && there && one >= 0 && two >= 0) {
          const a = here + (<usize>one << 2), b = there + (<usize>two << 2);
          if (m) {
            if (n == 1) both(back, 1, true, c1, turn, scale, a, b, count);
            else both(back, 2, true, c1, turn, scale, a, b, count);
          } else if (n == 1) both(back, 1, false, c1, turn, scale, a, b, count);
          else both(back, 2, false, c1, turn, scale, a, b, count);
          continue;
        }
        for (let side: usize = 0; side < 2; side++) {
          const data = side ? there : here, plane = first(g, side, m);
          if (!data || plane < 0) continue;
          const at = data + (<usize>(plane + p) << 2), off = (<usize>p << 2) + (side ? acrossRows : 0);
          if (m) {
            if (n == 1) either(back, 1, true, off, c1, turn, scale, at, left);
            else if (n == 2) either(back, 2, true, off, c1, turn, scale, at, left);
            else if (n == 3) either(back, 3, true, off, c1, turn, scale, at, left);
            else either(back, 4, true, off, c1, turn, scale, at, left);
          } else if (n == 1) either(back, 1, false, off, c1, turn, scale, at, left);
          else if (n == 2) either(back, 2, false, off, c1, turn, scale, at, left);
          else if (n == 3) either(back, 3, false, off, c1, turn, scale, at, left);
          else either(back, 4, false, off, c1, turn, scale, at, left);
        }
      }
    }
  }
}

/** From the rows of sumUp. */
export function gatherLines(here: usize, there: usize): void { through(false, here, there); }

/** The transpose of gatherLines: adds to the rows. */
export function spreadLines(here: usize, there: usize): void { through(true, here, there); }
