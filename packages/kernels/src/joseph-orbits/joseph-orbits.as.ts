// build: threads relaxed
// Joseph's method for stacks of planes whose rays a quarter turn about the axis takes into each other: four rays are the lanes of every
// vector. joseph-orbits.ts says what is computed; the parts are beside this.
import { background, column, counts, data, groupCount, groups, half, image, lineBytes, lines, logarithm, n, nz, own, ownBytes, perChunk, planes, rowBytes, rows, scratch, setUp, source, target, values, zero } from "./plan.as";
import { beginRay, steps, t0 } from "./ray.as";
import { findTables } from "./knots.as";
import { clearRows, spreadOut, sumUp } from "./sums.as";
import { gatherLines, readIn, spreadLines, writeOut } from "./lines.as";
import { compare } from "../joseph-stack/counts.as";

/** A record: base ray; for it and its mirror image which lanes' rays run against it, and where the data of the four lie (-1: not wanted). */
const record: usize = 44;

/** Data of the four lanes of the orbit at hand (0: not wanted), and those of them that run against the base ray. */
let a: usize, b: usize, c: usize, d: usize, against: u32;

/** @returns whether any is wanted */
@inline function lanesOf(orbit: usize, at: usize): bool {
  const size = <usize>planes << 2;
  against = load<u32>(orbit);
  const i = load<i32>(orbit, 4), j = load<i32>(orbit, 8), k = load<i32>(orbit, 12), l = load<i32>(orbit, 16);
  a = i < 0 ? 0 : at + <usize>i * size; b = j < 0 ? 0 : at + <usize>j * size;
  c = k < 0 ? 0 : at + <usize>k * size; d = l < 0 ? 0 : at + <usize>l * size;
  return i >= 0 || j >= 0 || k >= 0 || l >= 0;
}

@inline function straight(x: usize, lane: u32): usize { return against >> lane & 1 ? 0 : x; }
@inline function turnedRound(x: usize, lane: u32): usize { return against >> lane & 1 ? x : 0; }

function nothing(at: usize): void { if (at) memory.fill(at, 0, <usize>planes << 2); }

/** The orbit's data from the rows. */
function orbitForward(): void {
  if (steps == 0) { nothing(a); nothing(b); nothing(c); nothing(d); return; }
  tablesAtHand();
  sumUp();
  gatherLines();
  writeOut(straight(a, 0), straight(b, 1), straight(c, 2), straight(d, 3), false);
  writeOut(turnedRound(a, 0), turnedRound(b, 1), turnedRound(c, 2), turnedRound(d, 3), true);
}

/** Whether there is nothing to project back. */
function allZero(y: usize): bool {
  if (!y) return true;
  let any = f32x4.splat(0);
  const end = y + (<usize>planes << 2), body = end - 16;
  for (; y <= body; y += 16) any = v128.or(any, v128.load(y));
  let tail: u32 = 0;
  for (; y < end; y += 4) tail |= load<u32>(y);
  return !v128.any_true(any) && tail == 0;
}

function orbitBack(): void {
  memory.fill(values, 0, <usize>planes << 4);
  readIn(straight(a, 0), straight(b, 1), straight(c, 2), straight(d, 3), false);
  readIn(turnedRound(a, 0), turnedRound(b, 1), turnedRound(c, 2), turnedRound(d, 3), true);
  spreadLines();
  spreadOut();
}

@inline function empty(): bool { return allZero(a) && allZero(b) && allZero(c) && allZero(d); }

/** What back has added to the column of zeros is cleared; says to back that the rows are not 0. */
function beginForward(): void {
  memory.fill(zero, 0, column);
  store<i32>(scratch, 1);
}

function beginBack(): void {
  if (load<i32>(scratch)) memory.fill(rows, 0, rowBytes);
  store<i32>(scratch, 0);
}

/** Of which steps the tables are: an orbit and its mirror image share them unless rounding parts them at the image's border. */
let tabled: i32, tabledFrom: f64;

function tablesAtHand(): void {
  if (tabled == steps && tabledFrom == t0) return;
  findTables();
  tabled = steps;
  tabledFrom = t0;
}

export function forward(chunk: i32, thread: i32, plan: usize): void {
  setUp(plan, thread);
  beginForward();
  for (let i = chunk * perChunk, end = min(groupCount, i + perChunk); i < end; i++) {
    const group = groups + <usize>i * record, ray = load<i32>(group);
    tabled = -1;
    for (let side: usize = 0; side < 2; side++) {
      if (!lanesOf(group + 4 + side * 20, data)) continue;
      beginRay(ray, side ? -1 : 1, image);
      orbitForward();
    }
  }
}

/** Adds the chunk's rays to the thread's own image. */
export function back(chunk: i32, thread: i32, plan: usize): void {
  setUp(plan, thread);
  beginBack();
  const mine = own + <usize>thread * ownBytes;
  for (let i = chunk * perChunk, end = min(groupCount, i + perChunk); i < end; i++) {
    const group = groups + <usize>i * record, ray = load<i32>(group);
    tabled = -1;
    for (let side: usize = 0; side < 2; side++) {
      if (!lanesOf(group + 4 + side * 20, data) || empty()) continue;
      beginRay(ray, side ? -1 : 1, mine);
      if (steps == 0) continue;
      tablesAtHand();
      orbitBack();
    }
  }
}

@inline function compareLane(line: usize, wanted: usize): void {
  const off = wanted - data;
  if (wanted) compare(line, counts + off, background ? background + off : 0, planes, logarithm, scratch);
}

/** Forward, the counts' ratio to what is expected of the image, and back: their data never leaves the thread's own cache. */
export function update(chunk: i32, thread: i32, plan: usize): void {
  setUp(plan, thread);
  const mine = own + <usize>thread * ownBytes;
  for (let i = chunk * perChunk, end = min(groupCount, i + perChunk); i < end; i++) {
    const group = groups + <usize>i * record, ray = load<i32>(group);
    tabled = -1;
    for (let side: usize = 0; side < 2; side++) {
      if (!lanesOf(group + 4 + side * 20, data)) continue;
      const wa = a, wb = b, wc = c, wd = d, l = lines, step = lineBytes;
      a = a ? l : 0; b = b ? l + step : 0; c = c ? l + 2 * step : 0; d = d ? l + 3 * step : 0;
      beginForward();
      beginRay(ray, side ? -1 : 1, image);
      orbitForward();
      compareLane(l, wa); compareLane(l + step, wb); compareLane(l + 2 * step, wc); compareLane(l + 3 * step, wd);
      if (steps == 0 || empty()) continue;
      clearRows();
      store<i32>(scratch, 0);
      beginRay(ray, side ? -1 : 1, mine);
      orbitBack();
    }
  }
}

/** The voxel that `quarter` turns take (x, y) to, as its number in a slice. */
@inline function turnedVoxel(x: i32, y: i32, quarter: i32): usize {
  const end = n - 1;
  const u = quarter == 0 ? x : quarter == 1 ? end - y : quarter == 2 ? end - x : y;
  const v = quarter == 0 ? y : quarter == 1 ? x : quarter == 2 ? end - y : end - x;
  return <usize>(v * n + u) << 2;
}

/** Four slices of the image from [z][y][x] into columns of four; the first chunk clears what pads a column. */
export function pack(chunk: i32, thread: i32, plan: usize): void {
  setUp(plan, thread);
  const slice = <usize>(n * n) << 2, z0 = chunk << 2, count = min(4, nz - z0);
  const from = source + <usize>z0 * slice;
  for (let y = 0; y < half; y++)
    for (let x = 0; x < half; x++) {
      const to = image + <usize>(y * half + x) * column + (<usize>z0 << 4);
      let p = from + turnedVoxel(x, y, 0), q = from + turnedVoxel(x, y, 1), r = from + turnedVoxel(x, y, 2), s = from + turnedVoxel(x, y, 3);
      for (let z = 0; z < count; z++, p += slice, q += slice, r += slice, s += slice)
        v128.store(to + (<usize>z << 4), v128.load32_lane(s, v128.load32_lane(r, v128.load32_lane(q, v128.load32_zero(p), 1), 2), 3));
      if (z0 + 4 >= nz) for (let o = to + (<usize>count << 4), end = image + <usize>(y * half + x + 1) * column; o < end; o += 16) v128.store(o, f32x4.splat(0));
    }
}

@inline function addAt(at: usize, v: f32): void { store<f32>(at, load<f32>(at) + v); }

/** Four slices of the sum of the threads' images of columns, as [z][y][x]; leaves these at 0. Of an odd edge's middle row columns share voxels. */
export function unpack(chunk: i32, thread: i32, plan: usize, threads: i32): void {
  setUp(plan, thread);
  const slice = <usize>(n * n) << 2, z0 = chunk << 2, count = min(4, nz - z0), odd = (n & 1) != 0;
  const to = target + <usize>z0 * slice;
  if (odd) memory.fill(to, 0, <usize>count * slice);
  for (let y = 0; y < half; y++)
    for (let x = 0; x < half; x++) {
      let from = own + <usize>(y * half + x) * column + (<usize>z0 << 4);
      let p = to + turnedVoxel(x, y, 0), q = to + turnedVoxel(x, y, 1), r = to + turnedVoxel(x, y, 2), s = to + turnedVoxel(x, y, 3);
      for (let z = 0; z < count; z++, from += 16, p += slice, q += slice, r += slice, s += slice) {
        let v = v128.load(from);
        v128.store(from, f32x4.splat(0));
        for (let t = 1; t < threads; t++) {
          const other = from + <usize>t * ownBytes;
          v = f32x4.add(v, v128.load(other));
          v128.store(other, f32x4.splat(0));
        }
        if (odd) {
          addAt(p, f32x4.extract_lane(v, 0)); addAt(q, f32x4.extract_lane(v, 1)); addAt(r, f32x4.extract_lane(v, 2)); addAt(s, f32x4.extract_lane(v, 3));
        } else {
          v128.store32_lane(p, v, 0); v128.store32_lane(q, v, 1); v128.store32_lane(r, v, 2); v128.store32_lane(s, v, 3);
        }
      }
    }
}
