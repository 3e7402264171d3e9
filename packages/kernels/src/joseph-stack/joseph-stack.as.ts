// build: threads relaxed
// Joseph's method for stacks of planes, forward and back. joseph-stack.ts says what is computed; the parts are beside this.
import { acrossRows, acrossTable, background, bins, counts, data, image, line, lineBytes, logarithm, nx, ny, nz, own, ownBytes, pairCount, pairs, perChunk, planes, rows, scratch, scratchBytes, setUp, shift, source, stride, table, target, tiled, width, zero } from "./plan.as";
import { beginRay, steps, turnTable } from "./ray.as";
import { beginSums, spreadOut, sumUp } from "./sums.as";
import { gatherLines, spreadLines } from "./lines.as";
import { gatherTiles, tileTables } from "./tiles.as";
import { spreadTiles } from "./tiles-back.as";
import { timedLines } from "./timed.as";
import { compare } from "./counts.as";

/** A pair's record: a ray, and where its data and those of the opposite ray lie among all rays' (-1: not wanted). */
@inline function dataOf(at: i32, values: i32): usize { return at < 0 ? 0 : data + (<usize>at * <usize>values << 2); }

/** Whether there is nothing to project back. */
@inline function allZero(y: usize, values: i32): bool {
  if (!y) return true;
  let any = f32x4.splat(0);
  const end = y + (<usize>values << 2), body = end - 16;
  for (; y <= body; y += 16) any = v128.or(any, v128.load(y));
  let tail: u32 = 0;
  for (; y < end; y += 4) tail |= load<u32>(y);
  return !v128.any_true(any) && tail == 0;
}

/** Data of a pair of rays, each where it is wanted. */
function forwardPair(ray: i32, here: usize, there: usize, bytes: usize): void {
  beginRay(ray, image);
  if (steps == 0) {
    if (here) memory.fill(here, 0, bytes);
    if (there) memory.fill(there, 0, bytes);
    return;
  }
  if (there) turnTable(image);
  if (bins) timedLines(here, false);
  else if (tiled) {
    tileTables();
    if (here) gatherTiles(table, here, 0);
    if (there) gatherTiles(table + acrossTable, there, 1);
  } else {
    if (here) sumUp(table, 0);
    if (there) sumUp(table + acrossTable, acrossRows);
    gatherLines(here, there);
  }
}

function beginForward(): void {
  turnTo(1);
  memory.fill(zero, 0, width * <usize>stride);
  if (!bins) beginSums();
}

/** Rows to 0 where the other direction was here before: forward leaves values in them, back of time of flight what lies outside the image. Tiles go back without rows. */
function turnTo(direction: i32): void {
  if (tiled || load<i32>(scratch) == direction) return;
  store<i32>(scratch, direction);
  if (bins || direction == 0) memory.fill(rows, 0, scratch + scratchBytes - rows);
}

/** Data of the chunk's pairs of rays. */
export function forward(chunk: i32, thread: i32, plan: usize): void {
  setUp(plan, thread);
  beginForward();
  const values = planes * max(bins, 1), bytes = <usize>values << 2;
  for (let i = chunk * perChunk, end = min(pairCount, i + perChunk); i < end; i++) {
    const pair = pairs + <usize>i * 12;
    forwardPair(load<i32>(pair), dataOf(load<i32>(pair, 4), values), dataOf(load<i32>(pair, 8), values), bytes);
  }
}

/** Adds a pair of rays to the image `mine`. Rays and planes without counts cost next to nothing. */
function backPair(ray: i32, y: usize, z: usize, values: i32, mine: usize): void {
  const here: usize = allZero(y, values) ? 0 : y, there: usize = allZero(z, values) ? 0 : z;
  if (!here && !there) return;
  beginRay(ray, mine);
  if (steps == 0) return;
  if (there) turnTable(mine);
  if (bins) timedLines(here, true);
  else if (tiled) {
    tileTables();
    if (here) spreadTiles(table, here, 0);
    if (there) spreadTiles(table + acrossTable, there, 1);
  } else {
    spreadLines(here, there);
    if (here) spreadOut(table, 0);
    if (there) spreadOut(table + acrossTable, acrossRows);
  }
}

/** Adds the chunk's pairs of rays to the thread's own image. */
export function back(chunk: i32, thread: i32, plan: usize): void {
  setUp(plan, thread);
  turnTo(0);
  const mine = own + <usize>thread * ownBytes, values = planes * max(bins, 1);
  for (let i = chunk * perChunk, end = min(pairCount, i + perChunk); i < end; i++) {
    const pair = pairs + <usize>i * 12;
    backPair(load<i32>(pair), dataOf(load<i32>(pair, 4), values), dataOf(load<i32>(pair, 8), values), values, mine);
  }
}

/** Projected values at p, whose counts lie `off` bytes on from the first. */
@inline function compareRay(p: usize, off: usize, n: i32): void {
  compare(p, counts + off, background ? background + off : 0, n, logarithm, scratch);
}

/**
 * Forward, the counts' ratio to what is expected of the image, and back, for the chunk's pairs of rays: their data never
 * leaves the thread's own cache. The chunk's rays go forward together, for back needs rows of 0.
 */
export function update(chunk: i32, thread: i32, plan: usize): void {
  setUp(plan, thread);
  beginForward();
  const values = planes * max(bins, 1), bytes = <usize>values << 2, pitch = bytes + 64;
  const first = chunk * perChunk, end = min(pairCount, first + perChunk), mine = own + <usize>thread * ownBytes;
  for (let i = first, at = line; i < end; i++, at += 2 * pitch) {
    const pair = pairs + <usize>i * 12, h = load<i32>(pair, 4), t = load<i32>(pair, 8);
    forwardPair(load<i32>(pair), h < 0 ? 0 : at, t < 0 ? 0 : at + pitch, bytes);
    if (h >= 0) compareRay(at, <usize>h * bytes, values);
    if (t >= 0) compareRay(at + pitch, <usize>t * bytes, values);
  }
  turnTo(0);
  for (let i = first, at = line; i < end; i++, at += 2 * pitch) {
    const pair = pairs + <usize>i * 12;
    backPair(load<i32>(pair), load<i32>(pair, 4) < 0 ? 0 : at, load<i32>(pair, 8) < 0 ? 0 : at + pitch, values, mine);
  }
}

/** Four rows of four floats, the rows `by` bytes apart, as the columns of the four rows `step` bytes apart. */
@inline function transpose(from: usize, by: usize, to: usize, step: usize): void {
  const a = v128.load(from), b = v128.load(from + by), c = v128.load(from + 2 * by), d = v128.load(from + 3 * by);
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const ef = v128.shuffle<f32>(a, b, 2, 6, 3, 7), gh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(ab, cd, 0, 2)); v128.store(to + step, v128.shuffle<i64>(ab, cd, 1, 3));
  v128.store(to + 2 * step, v128.shuffle<i64>(ef, gh, 0, 2)); v128.store(to + 3 * step, v128.shuffle<i64>(ef, gh, 1, 3));
}

/** One y of the image from [z][y][x] into columns along z; what pads a column is 0. */
export function pack(y: i32, thread: i32, plan: usize): void {
  setUp(plan, thread);
  const column = width * <usize>stride, to = image + <usize>y * lineBytes, slice = <usize>(nx * ny) << 2;
  const from = source + (<usize>(y * nx) << 2), wide = width, mask = stride - 1, by = shift;
  if (column != <usize>nz << 2) memory.fill(to, 0, column * <usize>nx);
  let x = 0;
  for (; x + 4 <= nx; x += 4) {
    const p = from + (<usize>x << 2), q = to + <usize>x * column;
    let z = 0;
    if (stride == 1) for (; z + 4 <= nz; z += 4) transpose(p + <usize>z * slice, slice, q + (<usize>z << 2), column);
    for (; z < nz; z++) {
      const a = v128.load(p + <usize>z * slice), t = q + <usize>(z & mask) * wide + (<usize>(z >> by) << 2);
      v128.store32_lane(t, a, 0); v128.store32_lane(t + column, a, 1);
      v128.store32_lane(t + 2 * column, a, 2); v128.store32_lane(t + 3 * column, a, 3);
    }
  }
  for (; x < nx; x++)
    for (let z = 0; z < nz; z++)
      store<f32>(to + <usize>x * column + <usize>(z & mask) * wide + (<usize>(z >> by) << 2), load<f32>(from + <usize>z * slice + (<usize>x << 2)));
}

/** One y of the sum of the threads' images of columns, as [z][y][x]; leaves these at 0 while they are in the cache. */
export function unpack(y: i32, thread: i32, plan: usize, threads: i32): void {
  setUp(plan, thread);
  const column = width * <usize>stride, from = own + <usize>y * lineBytes, slice = <usize>(nx * ny) << 2;
  const to = target + (<usize>(y * nx) << 2), wide = width, mask = stride - 1, by = shift;
  for (let t = 1; t < threads; t++) {
    const other = <usize>t * ownBytes;
    for (let p = from, end = from + column * <usize>nx; p < end; p += 16) {
      v128.store(p, f32x4.add(v128.load(p), v128.load(p + other)));
      v128.store(p + other, f32x4.splat(0));
    }
  }
  let x = 0;
  for (; x + 4 <= nx; x += 4) {
    const p = to + (<usize>x << 2), q = from + <usize>x * column;
    let z = 0;
    if (stride == 1) for (; z + 4 <= nz; z += 4) transpose(q + (<usize>z << 2), column, p + <usize>z * slice, slice);
    for (; z < nz; z++) {
      const t = q + <usize>(z & mask) * wide + (<usize>(z >> by) << 2);
      v128.store(p + <usize>z * slice, f32x4(load<f32>(t), load<f32>(t + column), load<f32>(t + 2 * column), load<f32>(t + 3 * column)));
    }
  }
  for (; x < nx; x++)
    for (let z = 0; z < nz; z++)
      store<f32>(to + <usize>z * slice + (<usize>x << 2), load<f32>(from + <usize>x * column + <usize>(z & mask) * wide + (<usize>(z >> by) << 2)));
  memory.fill(from, 0, column * <usize>nx);
}
