// build: threads relaxed
// Joseph's method for stacks of planes whose rays a quarter turn about the axis takes into each other: four rays are the lanes of every
// vector. joseph-orbits.ts says what is computed; the parts are beside this.
import { background, column, counts, data, groupCount, groups, image, lineBytes, lines, logarithm, own, ownBytes, perChunk, planes, rowBytes, rows, scratch, setUp, values, zero } from "./plan.as";
import { beginRay, steps, t0 } from "./ray.as";
import { findTables } from "./knots.as";
import { clearRows, spreadOut, sumUp } from "./sums.as";
import { gatherLines, readIn, spreadLines, writeOut } from "./lines.as";
import { compare } from "../joseph-stack/counts.as";

export { pack, unpack, unpackSlices } from "./image.as";

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
