// part of joseph-stack
// Back projection of tiles, the transpose of tiles.as.ts: no row is stored. Of four vectors of voxels the running sums o (of sums) and n go
// from the middle of a block outwards in registers, and take up at each step what the knots there hold,
//
//   n += v,  o += n - r v,  L += o:   of a knot the step that meets it first has the share 1 - r, all farther steps the whole,
//
// and in the middle what the bases hold, o = s(z) + f (s(z - 1) - s(z)), n = -+c1 (s(z - 1) - s(z)). Of the family mirrored in the middle
// plane share and slope are 1 - f and -c1, and its knots lie at the same steps: it is taken along. A family's values have zeros beside them as
// far as the image reaches, so that no voxel needs a question.
import { baseBytes, bases, block, families, familyCount, guard, lists, listBytes, loadPart, madd, row, rows, valueBytes, valueLead, values, width } from "./plan.as";
import { perStep, squared, steps, t1 } from "./ray.as";
import { block23 } from "./knots.as";
import { add, fetch } from "./sums.as";
import { beginKnots, cursorBytes, cursors, first, record } from "./tiles.as";

/** Voxels beside a family's place in the middle of a block that its planes may meet within it: less than 0.6 times half a block's steps. */
const reach: i32 = 8;

/** A family's values, from the plane before the first on: for bases (kind 0; of the mirrored one 1) and for knots (2, 3). */
@inline function valuesOf(family: i32, kind: i32): usize { return values + <usize>((family << 2) + kind) * valueBytes + valueLead; }

/** Where the ends of the steps' lists of knots stand, sums that wait, and the lists of a block: its bases, and each step's knots. */
@inline function endOf(step: i32): usize { return lists + (<usize>step << 2); }
@inline function waiting(): usize { return lists + 128; }
@inline function baseList(): usize { return lists + 256; }
@inline function listOf(step: i32): usize { return lists + 256 + (<usize>familyCount << 4) + <usize>step * listBytes; }

/** Voxels that the block's planes may meet, and the end of its list of bases. */
let lowest: i32, highest: i32, baseEnd: usize;

/** Values of one family for a ray's data, with their second difference; which of its planes have counts, into the cursor's fields. */
@inline function fill(family: i32, m: i32, from: usize, count: i32, scale: v128, turn: v128, cursor: usize): bool {
  const two = f32x4.splat(-2), stop = (<usize>(count + 5) >> 2) << 4;
  let s = valuesOf(family, m), v = valuesOf(family, m + 2), before = f32x4.splat(0), least = -1, most = 0;
  for (let o: usize = 0; o < stop; o += 16, s += 16, v += 16) {
    const left = count - <i32>(o >> 2), y = left > 0 ? f32x4.mul(scale, loadPart(from + o, left)) : f32x4.splat(0);
    if (v128.any_true(y)) {
      if (least < 0) least = <i32>(o >> 2);
      most = <i32>(o >> 2) + 8;
    }
    const here = v128.shuffle<f32>(before, y, 3, 4, 5, 6);
    v128.store(s, here);
    v128.store(v, f32x4.mul(turn, madd(two, here, add(v128.shuffle<f32>(before, y, 2, 3, 4, 5), y))));
    before = y;
  }
  store<i32>(cursor + (<usize>m << 3), least, 8); store<i32>(cursor + (<usize>m << 3), most, 12);
  return least >= 0;
}

/**
 * The knots [from, to) of a family, each to the list of the step that meets it first: where the values of it and of the mirrored one
 * lie for the voxel 0, and what of them that step is short of (-r). Those at the block's ends meet none.
 */
@inline function enlist(family: i32, from: usize, to: usize, half: i32, size: i32): void {
  const v = valuesOf(family, 2) + 4, w = valuesOf(family, 3) + 4, share = 0x100000000 / <u64>row + 1;
  for (let o = from; o < to; o += 16) {
    const q = <usize>load<u32>(o), g = load<f32>(o, 8), slot = <usize>((<u64>(q - rows) * share) >> 32), at = rows + guard + slot * row, step = <i32>slot - 1;
    if (step < 0 || step >= size) continue;
    const e = <usize>load<u32>(endOf(step));
    store<u32>(e, <u32>(v + at - q)); store<u32>(e, <u32>(w + at - <usize>load<u32>(o, 4)), 4); store<f32>(e, step < half ? -g : g - 1, 8);
    store<u32>(endOf(step), <u32>(e + 16));
  }
}

/** The lists of a block of `size` steps, its middle at `half`. */
function enlistBlock(number: i32, half: i32, size: i32): void {
  for (let k = 0; k < size; k++) store<u32>(endOf(k), <u32>listOf(k));
  let at = cursors(), base = bases + (<usize>number << 4), e = baseList();
  lowest = 0x7fffffff;
  highest = 0;
  for (let g = families, i = 0; i < familyCount; i++, g += record, at += cursorBytes, base += baseBytes) {
    const from = <usize>load<u32>(at), wanted = load<i32>(at, 4);
    let to = from;
    while (load<i32>(to, 12) <= number + block23) to += 16;
    store<u32>(at, <u32>to);
    if (!wanted) continue;
    const place = load<i32>(base, 12), there = load<i32>(g, 36) - 1 - place;
    if (wanted & 1) { lowest = min(lowest, place + load<i32>(at, 8) - reach); highest = max(highest, place + load<i32>(at, 12) + reach); }
    if (wanted & 2) { lowest = min(lowest, there + load<i32>(at, 16) - reach); highest = max(highest, there + load<i32>(at, 20) + reach); }
    store<u32>(e, <u32>(valuesOf(i, 0) - (place << 2))); store<u32>(e, <u32>(valuesOf(i, 1) - (there << 2)), 4);
    store<f32>(e, -load<f32>(base, 8), 8); store<f32>(e, <f32>(load<f64>(g, 8) * t1), 12);
    e += 16;
    enlist(i, from, to, half, size);
  }
  baseEnd = e;
}

/** Four vectors of a step's l to its two columns. */
@inline function toColumns(p: usize, i: usize, x0: v128, x1: v128, x2: v128, x3: v128): void {
  const a = <usize>load<u32>(p) + i, b = <usize>load<u32>(p, 4) + i, u = v128.load32_splat(p, 8);
  const a0 = v128.load(a), a1 = v128.load(a, 16), a2 = v128.load(a, 32), a3 = v128.load(a, 48);
  v128.store(a, madd(u, x0, a0)); v128.store(a, madd(u, x1, a1), 16); v128.store(a, madd(u, x2, a2), 32); v128.store(a, madd(u, x3, a3), 48);
  const w = v128.load32_splat(p, 12);
  const b0 = v128.load(b), b1 = v128.load(b, 16), b2 = v128.load(b, 32), b3 = v128.load(b, 48);
  v128.store(b, madd(w, x0, b0)); v128.store(b, madd(w, x1, b1), 16); v128.store(b, madd(w, x2, b2), 32); v128.store(b, madd(w, x3, b3), 48);
}

/** What the bases hold in the middle of the block at the voxels from i on: o, and n before the middle. */
@inline function fromBases(i: usize): void {
  const none = f32x4.splat(0);
  let p0 = none, p1 = none, p2 = none, p3 = none, q0 = none, q1 = none, q2 = none, q3 = none;
  for (let e = baseList(), end = baseEnd; e < end; e += 16) {
    const s = <usize>load<u32>(e) + i, m = <usize>load<u32>(e, 4) + i, f = v128.load32_splat(e, 8), c = v128.load32_splat(e, 12);
    let a = v128.load(s, 4), z = v128.load(m), t = f32x4.sub(f32x4.sub(z, v128.load(m, 4)), f32x4.sub(v128.load(s), a));
    p0 = madd(f, t, add(p0, add(a, z))); q0 = madd(c, t, q0);
    a = v128.load(s, 20); z = v128.load(m, 16); t = f32x4.sub(f32x4.sub(z, v128.load(m, 20)), f32x4.sub(v128.load(s, 16), a));
    p1 = madd(f, t, add(p1, add(a, z))); q1 = madd(c, t, q1);
    a = v128.load(s, 36); z = v128.load(m, 32); t = f32x4.sub(f32x4.sub(z, v128.load(m, 36)), f32x4.sub(v128.load(s, 32), a));
    p2 = madd(f, t, add(p2, add(a, z))); q2 = madd(c, t, q2);
    a = v128.load(s, 52); z = v128.load(m, 48); t = f32x4.sub(f32x4.sub(z, v128.load(m, 52)), f32x4.sub(v128.load(s, 48), a));
    p3 = madd(f, t, add(p3, add(a, z))); q3 = madd(c, t, q3);
  }
  const to = waiting();
  v128.store(to, p0); v128.store(to, p1, 16); v128.store(to, p2, 32); v128.store(to, p3, 48);
  v128.store(to, q0, 64); v128.store(to, q1, 80); v128.store(to, q2, 96); v128.store(to, q3, 112);
}

/** The block of steps [start, end), four vectors of voxels at a time; its halves in two loops, which V8 keeps in registers as it does not one. */
function spreadBlock(table: usize, start: i32, mid: i32, end: i32): void {
  const firstStep = table + (<usize>start << 4), middle = table + (<usize>mid << 4), last = table + (<usize>end << 4);
  const inside = mid < end, to = waiting();
  const begin = <usize>(min(<i32>(width >> 2), max(0, lowest)) & ~15) << 2, stop = min(width, <usize>max(0, highest) << 2);
  fetch(table, start, end, begin, stop);
  for (let i = begin; i < stop; i += 64) {
    fromBases(i);
    let o0 = v128.load(to), o1 = v128.load(to, 16), o2 = v128.load(to, 32), o3 = v128.load(to, 48);
    let n0 = v128.load(to, 64), n1 = v128.load(to, 80), n2 = v128.load(to, 96), n3 = v128.load(to, 112);
    if (inside) toColumns(middle, i, o0, o1, o2, o3);
    let list = listOf(mid - start - 1), ends = endOf(mid - start - 1);
    for (let p = middle - 16; p >= firstStep; p -= 16, list -= listBytes, ends -= 4) {
      for (let e = list, end = <usize>load<u32>(ends); e < end; e += 16) {
        const v = <usize>load<u32>(e) + i, w = <usize>load<u32>(e, 4) + i, g = v128.load32_splat(e, 8);
        const a = add(v128.load(v), v128.load(w)), b = add(v128.load(v, 16), v128.load(w, 16));
        const c = add(v128.load(v, 32), v128.load(w, 32)), d = add(v128.load(v, 48), v128.load(w, 48));
        n0 = add(n0, a); n1 = add(n1, b); n2 = add(n2, c); n3 = add(n3, d);
        o0 = madd(g, a, o0); o1 = madd(g, b, o1); o2 = madd(g, c, o2); o3 = madd(g, d, o3);
      }
      o0 = add(o0, n0); o1 = add(o1, n1); o2 = add(o2, n2); o3 = add(o3, n3);
      toColumns(p, i, o0, o1, o2, o3);
    }
    o0 = v128.load(to); o1 = v128.load(to, 16); o2 = v128.load(to, 32); o3 = v128.load(to, 48);
    n0 = f32x4.neg(v128.load(to, 64)); n1 = f32x4.neg(v128.load(to, 80)); n2 = f32x4.neg(v128.load(to, 96)); n3 = f32x4.neg(v128.load(to, 112));
    list = listOf(mid - start + 1); ends = endOf(mid - start + 1);
    for (let p = middle + 16; p < last; p += 16, list += listBytes, ends += 4) {
      for (let e = list, end = <usize>load<u32>(ends); e < end; e += 16) {
        const v = <usize>load<u32>(e) + i, w = <usize>load<u32>(e, 4) + i, g = v128.load32_splat(e, 8);
        const a = add(v128.load(v), v128.load(w)), b = add(v128.load(v, 16), v128.load(w, 16));
        const c = add(v128.load(v, 32), v128.load(w, 32)), d = add(v128.load(v, 48), v128.load(w, 48));
        n0 = add(n0, a); n1 = add(n1, b); n2 = add(n2, c); n3 = add(n3, d);
        o0 = madd(g, a, o0); o1 = madd(g, b, o1); o2 = madd(g, c, o2); o3 = madd(g, d, o3);
      }
      o0 = add(o0, n0); o1 = add(o1, n1); o2 = add(o2, n2); o3 = add(o3, n3);
      toColumns(p, i, o0, o1, o2, o3);
    }
  }
}

/** The transpose of gatherTiles. Families without counts and voxels that no plane with counts may meet are passed over. */
export function spreadTiles(table: usize, data: usize, which: usize): void {
  beginKnots();
  let any = 0;
  for (let g = families, i = 0, at = cursors(); i < familyCount; i++, g += record, at += cursorBytes) {
    const count = load<i32>(g, 28), length = Math.sqrt(squared + load<f64>(g, 16));
    const scale = f32x4.splat(<f32>(perStep * length)), turn = f32x4.splat(<f32>abs(load<f64>(g, 8) * t1));
    let wanted = 0;
    for (let m = 0; m < 2; m++) {
      const plane = first(g, which, m);
      if (plane >= 0 && fill(i, m, data + (<usize>plane << 2), count, scale, turn, at)) wanted |= 1 << m;
    }
    store<i32>(at, wanted, 4);
    any |= wanted;
  }
  if (!any) return;
  for (let start = 0, b = 0; start < steps; start += block, b++) {
    const mid = min(start + (block >> 1), steps), end = min(start + block, steps);
    enlistBlock(b, mid - start, end - start);
    spreadBlock(table, start, mid, end);
  }
}
