// part of joseph-orbits
// Running sums over the steps of a base ray for the four rays of its orbit at once, and their transposes.
//
// Slot k holds for each voxel z a pair of vectors, of the second differences along z of L and of (step - middle) L: in the first half
// of a block less the sums of its steps before k, in the second half those of its steps from k on; slots on the border of two blocks
// are 0. A block's three rows hold the sums of all its steps: T of L, then T(z + 1) - T(z) of either. Rows are made of sub-rows, every
// stride-th voxel in each, so that the planes of a family read neighbouring cells.
import { add, block, blockRow, blockRows, column, guard, madd, nz, odd, pitch, rows, running, stride, sub, table, turned } from "./plan.as";
import { steps, turnBy } from "./ray.as";

@inline function diff(x: v128, before: v128, after: v128): v128 { return f32x4.sub(add(before, after), add(x, x)); }

/** Where a step's two columns lie, one quarter for both: in unlike quarters b's lanes are turned into a column beside. */
let columnA: usize, columnB: usize, mask: v128;

/** @returns whether lanes must be turned */
@inline function lookUp(step: usize, back: bool): bool {
  const a = load<u32>(step), b = load<u32>(step, 4), qa = a & 15, qb = b & 15;
  columnA = a & ~15; columnB = b & ~15;
  mask = turnBy(qa);
  if (qa != qb) {
    if (back) memory.fill(odd, 0, column);
    else {
      const by = turnBy((qb - qa) & 3);
      for (let z: usize = 0; z < column; z += 16) v128.store(odd + z, turned(v128.load(columnB + z), by));
    }
    columnB = odd;
  }
  return qa != 0;
}

/** After back: what was added to the column beside belongs to b's own. */
@inline function returnOdd(step: usize): void {
  const a = load<u32>(step), b = load<u32>(step, 4), qa = a & 15, qb = b & 15;
  if (qa == qb) return;
  const to = <usize>(b & ~15), by = turnBy((qa - qb) & 3);
  for (let z: usize = 0; z < column; z += 16) v128.store(to + z, add(v128.load(to + z), turned(v128.load(odd + z), by)));
}

/** L of a step at one voxel. */
@inline function mix(a: usize, b: usize, u: v128, w: v128, turn: bool, by: v128): v128 {
  const x = madd(w, v128.load(b), f32x4.mul(u, v128.load(a)));
  return turn ? turned(x, by) : x;
}

/** d, the second difference, to a slot's cell; x, L itself, to the block's sums. */
@inline function extendCell(p: usize, q: usize, o: usize, up: usize, d: v128, x: v128, less: bool, g: v128, weight: v128): void {
  v128.store(q, less ? f32x4.sub(v128.load(p), d) : add(v128.load(p), d));
  v128.store(q, madd(g, d, v128.load(p, 16)), 16);
  v128.store(o, add(v128.load(o), x));
  v128.store(o + up, madd(weight, x, v128.load(o + up)));
}

/**
 * Adds L of a step to the block's sums and its second difference to the next slot's.
 * @param S stride, so that the compiler knows it
 * @param turn whether lanes must be turned
 */
@inline function extend(S: i32, turn: bool, u: v128, w: v128, old: usize, to: usize, less: bool, g: v128, sums: usize): void {
  const by = mask, s1 = sub, h1 = sub >> 1, up = blockRow, weight = less ? f32x4.neg(g) : g;
  let a = columnA, b = columnB, before = f32x4.splat(0), here = mix(a, b, u, w, turn, by);
  {
    // The cell before the first voxel.
    const off: usize = S == 1 ? 0 : s1, p = old + off - 32, q = to + off - 32;
    v128.store(q, less ? f32x4.sub(v128.load(p), here) : add(v128.load(p), here));
    v128.store(q, madd(g, here, v128.load(p, 16)), 16);
  }
  for (let t = sums, end = sums + (<usize>((nz + S) / S) << 4); t < end; old += 32, to += 32, t += 16) {
    a += <usize>S << 4; b += <usize>S << 4;
    if (S == 1) {
      const after = mix(a, b, u, w, turn, by);
      extendCell(old, to, t, up, diff(here, before, after), here, less, g, weight);
      before = here;
      here = after;
    } else {
      const x = mix(a - 16, b - 16, u, w, turn, by), after = mix(a, b, u, w, turn, by);
      extendCell(old, to, t, up, diff(here, before, x), here, less, g, weight);
      extendCell(old + s1, to + s1, t + h1, up, diff(x, here, after), x, less, g, weight);
      before = x;
      here = after;
    }
  }
}

/** The middle step of a block: its weight is 0, and no slot needs it. */
@inline function middle(S: i32, turn: bool, u: v128, w: v128, sums: usize): void {
  const by = mask, h1 = sub >> 1;
  let a = columnA, b = columnB;
  for (let t = sums, end = sums + (<usize>((nz + S) / S) << 4); t < end; t += 16) {
    v128.store(t, add(v128.load(t), mix(a, b, u, w, turn, by)));
    a += 16; b += 16;
    if (S == 1) continue;
    v128.store(t + h1, add(v128.load(t + h1), mix(a, b, u, w, turn, by)));
    a += 16; b += 16;
  }
}

/** Next and previous voxel's cells from those of sub-row s, in a row of single vectors. */
@inline function next(s: i32): usize { return s + 1 < stride ? <usize>(s + 1) * (sub >> 1) : 16; }
@inline function previous(s: i32): usize { return s > 0 ? <usize>(s - 1) * (sub >> 1) : <usize>(stride - 1) * (sub >> 1) - 16; }

/** A block's rows from the sums of all its steps, which lie in the first two. */
function differences(at: usize): void {
  const r = blockRow, size = <usize>((nz + stride) / stride + 1) << 4;
  for (let row: usize = 2; row > 0; row--)
    for (let s = 0; s < stride; s++) {
      const c = at + <usize>s * (sub >> 1) - 16, n = at + next(s) - 16, from: usize = row == 2 ? r : 0;
      for (let z: usize = 0; z < size; z += 16) v128.store(c + z + row * r, f32x4.sub(v128.load(n + z + from), v128.load(c + z + from)));
    }
}

/** The transpose of differences: leaves the sums of all steps in the first two rows. */
function integrate(at: usize): void {
  const r = blockRow, size = <usize>((nz + stride) / stride) << 4;
  for (let s = 0; s < stride; s++) {
    const c = at + <usize>s * (sub >> 1), e = at + previous(s);
    for (let z: usize = 0; z < size; z += 16) v128.store(c + z, add(v128.load(c + z), f32x4.sub(v128.load(e + z + r), v128.load(c + z + r))));
  }
  for (let s = 0; s < stride; s++) {
    const c = at + <usize>s * (sub >> 1), e = at + previous(s);
    for (let z: usize = 0; z < size; z += 16) v128.store(c + z + r, f32x4.sub(v128.load(e + z + 2 * r), v128.load(c + z + 2 * r)));
  }
}

@inline function sumStep(S: i32, step: usize, old: usize, to: usize, less: bool, weight: f32, sums: usize): void {
  const u = v128.load32_splat(step, 8), w = v128.load32_splat(step, 12), g = f32x4.splat(less ? -weight : weight);
  if (lookUp(step, false)) extend(S, true, u, w, old, to, less, g, sums);
  else extend(S, false, u, w, old, to, less, g, sums);
}

@inline function sumBlocks(S: i32): void {
  const slots = rows + guard, bytes = pitch;
  for (let start = 0, at = blockRows + (guard >> 1); start < steps; start += block, at += 3 * blockRow) {
    const mid = min(start + (block >> 1), steps), end = min(start + block, steps), none = slots + <usize>start * bytes;
    memory.fill(at - (guard >> 1), 0, 2 * blockRow);
    // Another ray may have longer blocks, and no border here.
    memory.fill(none - guard, 0, bytes);
    for (let k = start; k < mid; k++) {
      const old = slots + <usize>k * bytes;
      sumStep(S, table + (<usize>k << 4), old, old + bytes, true, <f32>(k - mid), at);
    }
    for (let k = end - 1; k > mid; k--) {
      const here = slots + <usize>k * bytes;
      sumStep(S, table + (<usize>k << 4), k + 1 == end ? none : here + bytes, here, false, <f32>(k - mid), at);
    }
    if (mid < end) {
      const step = table + (<usize>mid << 4), u = v128.load32_splat(step, 8), w = v128.load32_splat(step, 12);
      if (lookUp(step, false)) middle(S, true, u, w, at);
      else middle(S, false, u, w, at);
    }
    differences(at);
    // Knots at or behind the last step read these.
    if (end == steps) {
      if (mid < end) memory.fill(slots + <usize>end * bytes - guard, 0, bytes);
      memory.fill(slots + <usize>(end + 1) * bytes - guard, 0, bytes);
    }
  }
}

/** All rows of the base ray whose steps stand in the table. */
export function sumUp(): void {
  if (stride == 1) sumBlocks(1);
  else sumBlocks(2);
}

/** Of the ray at hand. */
export function clearRows(): void {
  memory.fill(rows, 0, <usize>(steps + 2) * pitch);
  memory.fill(blockRows, 0, <usize>((steps + block - 1) / block) * 3 * blockRow);
}

/** One more step of a voxel's running sums at o, from its cell q: what they come to. */
@inline function run(o: usize, q: usize, less: bool, g: v128): v128 {
  const x = less ? f32x4.sub(v128.load(o), v128.load(q)) : add(v128.load(o), v128.load(q));
  const y = less ? f32x4.sub(v128.load(o, 16), v128.load(q, 16)) : add(v128.load(o, 16), v128.load(q, 16));
  v128.store(o, x); v128.store(o, y, 16);
  return madd(g, y, x);
}

/** l of a step at one voxel to its two columns. */
@inline function unmix(a: usize, b: usize, u: v128, w: v128, l: v128, turn: bool, by: v128): void {
  const x = turn ? turned(l, by) : l, a0 = madd(u, x, v128.load(a));
  v128.store(a, a0);
  v128.store(b, madd(w, x, v128.load(b)));
}

/** One more step of the running sums, which lie voxel by voxel, and what they and the block's give the step's columns. */
@inline function retract(S: i32, turn: bool, u: v128, w: v128, slot: usize, less: bool, g: v128, sums: usize): void {
  const by = mask, s1 = sub, h1 = sub >> 1, up = blockRow;
  let a = columnA, b = columnB, o = running + 64, p = slot;
  let before = run(running, slot + (S == 1 ? 0 : s1) - 32, less, g), here = run(running + 32, slot, less, g);
  for (let t = sums, end = sums + (<usize>((nz + S) / S) << 4); t < end; t += 16) {
    p += 32;
    if (S == 1) {
      const after = run(o, p, less, g);
      unmix(a, b, u, w, add(diff(here, before, after), madd(g, v128.load(t + up), v128.load(t))), turn, by);
      before = here;
      here = after;
      o += 32; a += 16; b += 16;
    } else {
      const x = run(o, p + s1 - 32, less, g), after = run(o + 32, p, less, g), m = t + h1;
      unmix(a, b, u, w, add(diff(here, before, x), madd(g, v128.load(t + up), v128.load(t))), turn, by);
      unmix(a + 16, b + 16, u, w, add(diff(x, here, after), madd(g, v128.load(m + up), v128.load(m))), turn, by);
      before = x;
      here = after;
      o += 64; a += 32; b += 32;
    }
  }
}

@inline function retractMiddle(S: i32, turn: bool, u: v128, w: v128, sums: usize): void {
  const by = mask, h1 = sub >> 1;
  let a = columnA, b = columnB;
  for (let t = sums, end = sums + (<usize>((nz + S) / S) << 4); t < end; t += 16) {
    unmix(a, b, u, w, v128.load(t), turn, by);
    a += 16; b += 16;
    if (S == 1) continue;
    unmix(a, b, u, w, v128.load(t + h1), turn, by);
    a += 16; b += 16;
  }
}

/** Back's lanes go the other way than forward's: a vector's lane l belongs to lane l + quarter of its column. */
@inline function lookBack(step: usize): bool {
  const turn = lookUp(step, true);
  mask = turnBy((4 - (load<u32>(step) & 15)) & 3);
  return turn;
}

@inline function spreadStep(S: i32, step: usize, slot: usize, less: bool, weight: f32, sums: usize): void {
  const u = v128.load32_splat(step, 8), w = v128.load32_splat(step, 12), g = f32x4.splat(weight);
  if (lookBack(step)) retract(S, true, u, w, slot, less, g, sums);
  else retract(S, false, u, w, slot, less, g, sums);
  returnOdd(step);
}

@inline function spreadBlocks(S: i32): void {
  const slots = rows + guard, bytes = pitch, size = <usize>(nz + S + 3) << 5;
  for (let start = 0, at = blockRows + (guard >> 1); start < steps; start += block, at += 3 * blockRow) {
    const mid = min(start + (block >> 1), steps), end = min(start + block, steps);
    integrate(at);
    memory.fill(running, 0, size);
    for (let k = mid - 1; k >= start; k--)
      spreadStep(S, table + (<usize>k << 4), slots + <usize>(k + 1) * bytes, true, <f32>(k - mid), at);
    memory.fill(running, 0, size);
    if (mid < end) {
      const step = table + (<usize>mid << 4), u = v128.load32_splat(step, 8), w = v128.load32_splat(step, 12);
      if (lookBack(step)) retractMiddle(S, true, u, w, at);
      else retractMiddle(S, false, u, w, at);
      returnOdd(step);
    }
    for (let k = mid + 1; k < end; k++)
      spreadStep(S, table + (<usize>k << 4), slots + <usize>k * bytes, false, <f32>(k - mid), at);
    memory.fill(at - (guard >> 1), 0, 3 * blockRow);
  }
}

/** The transpose of sumUp: adds all rows to the columns and leaves them at 0. */
export function spreadOut(): void {
  if (stride == 1) spreadBlocks(1);
  else spreadBlocks(2);
  memory.fill(rows, 0, <usize>(steps + 2) * pitch);
}
