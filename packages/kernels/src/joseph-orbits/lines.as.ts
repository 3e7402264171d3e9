// part of joseph-orbits
// What families of planes read from the rows and add to them: each plane is a vector of four rays, up to four planes of a family go
// together.
import { add, blockRow, families, familyCount, madd, planes, swapped, tables, values } from "./plan.as";
import { found, record } from "./knots.as";
import { r0, r1, r2, r3, transpose } from "../joseph-stack/transpose.as";

/** Sums of `n` planes. */
@inline function gather(n: i32, mirrored: bool, o: usize, off: usize, out: usize): void {
  const none = f32x4.splat(0), up = blockRow, which: usize = mirrored ? 4 : 0, half = off >> 1;
  let s0 = none, s1 = none, s2 = none, s3 = none, u0 = none, u1 = none, u2 = none, u3 = none;
  for (let b = <usize>load<u32>(o, 8), end = <usize>load<u32>(o, 12); b < end; b += 16) {
    const i = <usize>load<u32>(b + which) + half, d = i + up, e = d + up, f = v128.load32_splat(b + which, 8);
    s0 = add(s0, madd(f, v128.load(d), v128.load(i))); u0 = add(u0, v128.load(e));
    if (n > 1) { s1 = add(s1, madd(f, v128.load(d, 16), v128.load(i, 16))); u1 = add(u1, v128.load(e, 16)); }
    if (n > 2) { s2 = add(s2, madd(f, v128.load(d, 32), v128.load(i, 32))); u2 = add(u2, v128.load(e, 32)); }
    if (n > 3) { s3 = add(s3, madd(f, v128.load(d, 48), v128.load(i, 48))); u3 = add(u3, v128.load(e, 48)); }
  }
  const c1 = v128.load32_splat(o, 16), c = mirrored ? f32x4.neg(c1) : c1, turn = v128.load32_splat(o, 20), scale = v128.load32_splat(o, 24);
  s0 = madd(c, u0, s0); s1 = madd(c, u1, s1); s2 = madd(c, u2, s2); s3 = madd(c, u3, s3);
  u0 = none; u1 = none; u2 = none; u3 = none;
  let v0 = none, v1 = none, v2 = none, v3 = none;
  for (let k = <usize>load<u32>(o), end = <usize>load<u32>(o, 4); k < end; k += 16) {
    const q = <usize>load<u32>(k + which) + off, d = v128.load32_splat(k, 8);
    v0 = madd(d, v128.load(q), v0); u0 = add(u0, v128.load(q, 16));
    if (n > 1) { v1 = madd(d, v128.load(q, 32), v1); u1 = add(u1, v128.load(q, 48)); }
    if (n > 2) { v2 = madd(d, v128.load(q, 64), v2); u2 = add(u2, v128.load(q, 80)); }
    if (n > 3) { v3 = madd(d, v128.load(q, 96), v3); u3 = add(u3, v128.load(q, 112)); }
  }
  v128.store(out, f32x4.mul(scale, madd(turn, madd(c1, u0, v0), s0)));
  if (n > 1) v128.store(out, f32x4.mul(scale, madd(turn, madd(c1, u1, v1), s1)), 16);
  if (n > 2) v128.store(out, f32x4.mul(scale, madd(turn, madd(c1, u2, v2), s2)), 32);
  if (n > 3) v128.store(out, f32x4.mul(scale, madd(turn, madd(c1, u3, v3), s3)), 48);
}

/** The transpose of gather. */
@inline function spread(n: i32, mirrored: bool, o: usize, off: usize, from: usize): void {
  const none = f32x4.splat(0), up = blockRow, which: usize = mirrored ? 4 : 0, half = off >> 1, scale = v128.load32_splat(o, 24);
  const y0 = f32x4.mul(scale, v128.load(from)), y1 = n > 1 ? f32x4.mul(scale, v128.load(from, 16)) : none;
  const y2 = n > 2 ? f32x4.mul(scale, v128.load(from, 32)) : none, y3 = n > 3 ? f32x4.mul(scale, v128.load(from, 48)) : none;
  if (!v128.any_true(v128.or(v128.or(y0, y1), v128.or(y2, y3)))) return;
  const c1 = v128.load32_splat(o, 16), c = mirrored ? f32x4.neg(c1) : c1, turn = v128.load32_splat(o, 20);
  const e0 = f32x4.mul(c, y0), e1 = f32x4.mul(c, y1), e2 = f32x4.mul(c, y2), e3 = f32x4.mul(c, y3);
  for (let b = <usize>load<u32>(o, 8), end = <usize>load<u32>(o, 12); b < end; b += 16) {
    const i = <usize>load<u32>(b + which) + half, d = i + up, e = d + up, f = v128.load32_splat(b + which, 8);
    v128.store(i, add(v128.load(i), y0)); v128.store(d, madd(f, y0, v128.load(d))); v128.store(e, add(v128.load(e), e0));
    if (n > 1) { v128.store(i, add(v128.load(i, 16), y1), 16); v128.store(d, madd(f, y1, v128.load(d, 16)), 16); v128.store(e, add(v128.load(e, 16), e1), 16); }
    if (n > 2) { v128.store(i, add(v128.load(i, 32), y2), 32); v128.store(d, madd(f, y2, v128.load(d, 32)), 32); v128.store(e, add(v128.load(e, 32), e2), 32); }
    if (n > 3) { v128.store(i, add(v128.load(i, 48), y3), 48); v128.store(d, madd(f, y3, v128.load(d, 48)), 48); v128.store(e, add(v128.load(e, 48), e3), 48); }
  }
  const v0 = f32x4.mul(turn, y0), v1 = f32x4.mul(turn, y1), v2 = f32x4.mul(turn, y2), v3 = f32x4.mul(turn, y3);
  const g0 = f32x4.mul(c1, v0), g1 = f32x4.mul(c1, v1), g2 = f32x4.mul(c1, v2), g3 = f32x4.mul(c1, v3);
  for (let k = <usize>load<u32>(o), end = <usize>load<u32>(o, 4); k < end; k += 16) {
    const q = <usize>load<u32>(k + which) + off, d = v128.load32_splat(k, 8);
    // Two planes at a time: more would not stay in registers.
    const a0 = v128.load(q), b0 = v128.load(q, 16);
    const a1 = n > 1 ? v128.load(q, 32) : none, b1 = n > 1 ? v128.load(q, 48) : none;
    v128.store(q, madd(d, v0, a0)); v128.store(q, add(b0, g0), 16);
    if (n > 1) { v128.store(q, madd(d, v1, a1), 32); v128.store(q, add(b1, g1), 48); }
    if (n <= 2) continue;
    const a2 = v128.load(q, 64), b2 = v128.load(q, 80);
    const a3 = n > 3 ? v128.load(q, 96) : none, b3 = n > 3 ? v128.load(q, 112) : none;
    v128.store(q, madd(d, v2, a2), 64); v128.store(q, add(b2, g2), 80);
    if (n > 3) { v128.store(q, madd(d, v3, a3), 96); v128.store(q, add(b3, g3), 112); }
  }
}

@inline function some(back: bool, n: i32, mirrored: bool, o: usize, off: usize, at: usize): void {
  if (back) spread(n, mirrored, o, off, at);
  else gather(n, mirrored, o, off, at);
}

@inline function through(back: bool): void {
  for (let g = families, o = tables, stop = families + <usize>familyCount * record; g < stop; g += record, o += found) {
    const count = load<i32>(g, 28);
    for (let m: usize = 0; m < 2; m++) {
      const plane = load<i32>(g + (m << 3), 24);
      if (plane < 0) continue;
      let at = values + (<usize>plane << 4), off: usize = 0, left = count;
      if (m) {
        for (; left >= 4; left -= 4, at += 64, off += 128) some(back, 4, true, o, off, at);
        if (left == 3) some(back, 3, true, o, off, at);
        else if (left == 2) some(back, 2, true, o, off, at);
        else if (left == 1) some(back, 1, true, o, off, at);
      } else {
        for (; left >= 4; left -= 4, at += 64, off += 128) some(back, 4, false, o, off, at);
        if (left == 3) some(back, 3, false, o, off, at);
        else if (left == 2) some(back, 2, false, o, off, at);
        else if (left == 1) some(back, 1, false, o, off, at);
      }
    }
  }
}

/** Every plane's vector of four rays, from the rows of sumUp. */
export function gatherLines(): void { through(false); }

/** The transpose of gatherLines: adds to the rows. */
export function spreadLines(): void { through(true); }

@inline function storePart(to: usize, v: v128, left: i32): void {
  if (!to) return;
  if (left >= 4) v128.store(to, v);
  else {
    if (left & 2) { v128.store64_lane(to, v, 0); if (left & 1) v128.store32_lane(to, v, 2, 8); }
    else if (left & 1) v128.store32_lane(to, v, 0);
  }
}

@inline function loadPart(from: usize, left: i32): v128 {
  if (!from) return f32x4.splat(0);
  const v = v128.load(from);
  return left >= 4 ? v : v128.and(v, i32x4.gt_s(i32x4.splat(left), i32x4(0, 1, 2, 3)));
}

/** Vector of the plane number `p` lies over; `other`: of the same plane with its ends swapped, as rays that run the other way see it. */
@inline function vector(p: usize, other: bool): usize { return values + (other ? <usize>load<u32>(swapped + (p << 2)) << 4 : p << 4); }

/** Data of four rays (0: not wanted); those of `other` run against the base ray. */
export function writeOut(a: usize, b: usize, c: usize, d: usize, other: bool): void {
  if (!(a | b | c | d)) return;
  for (let p: usize = 0, left = planes; left > 0; left -= 4, p += 4) {
    transpose(v128.load(vector(p, other)), v128.load(vector(p + 1, other)), v128.load(vector(p + 2, other)), v128.load(vector(p + 3, other)));
    const off = p << 2;
    storePart(a ? a + off : 0, r0, left); storePart(b ? b + off : 0, r1, left);
    storePart(c ? c + off : 0, r2, left); storePart(d ? d + off : 0, r3, left);
  }
}

/** The other way; what another call has read in stays. */
export function readIn(a: usize, b: usize, c: usize, d: usize, other: bool): void {
  if (!(a | b | c | d)) return;
  for (let p: usize = 0, left = planes; left > 0; left -= 4, p += 4) {
    const off = p << 2;
    transpose(loadPart(a ? a + off : 0, left), loadPart(b ? b + off : 0, left), loadPart(c ? c + off : 0, left), loadPart(d ? d + off : 0, left));
    const p0 = vector(p, other), p1 = vector(p + 1, other), p2 = vector(p + 2, other), p3 = vector(p + 3, other);
    v128.store(p0, v128.or(v128.load(p0), r0));
    if (left > 1) v128.store(p1, v128.or(v128.load(p1), r1));
    if (left > 2) v128.store(p2, v128.or(v128.load(p2), r2));
    if (left > 3) v128.store(p3, v128.or(v128.load(p3), r3));
  }
}
