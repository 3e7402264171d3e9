// build: threads
// One rate a voxel: four voxels at a time as two pairs of float64 lanes. Addresses in bytes, all arrays float64 but the data.

@inline
function pair(at: usize): v128 {
  return v128.load(at);
}

/** Clenshaw's sum of a Chebyshev series whose coefficients stand in lanes of four (32 bytes each), for one pair. */
@inline
function laneSeries(c: usize, count: i32, x: v128): v128 {
  const twice = f64x2.add(x, x);
  let b1 = f64x2.splat(0);
  let b2 = f64x2.splat(0);
  for (let m = count - 1; m > 0; m--) {
    const b = f64x2.add(f64x2.sub(f64x2.mul(twice, b1), b2), v128.load(c + (<usize>m << 5)));
    b2 = b1;
    b1 = b;
  }
  return f64x2.add(f64x2.sub(f64x2.mul(x, b1), b2), v128.load(c));
}

/** The same with coefficients shared by all voxels. */
@inline
function sharedSeries(c: usize, count: i32, x: v128): v128 {
  const twice = f64x2.add(x, x);
  let b1 = f64x2.splat(0);
  let b2 = f64x2.splat(0);
  for (let m = count - 1; m > 0; m--) {
    const b = f64x2.add(f64x2.sub(f64x2.mul(twice, b1), b2), v128.load_splat<f64>(c + (<usize>m << 3)));
    b2 = b1;
    b1 = b;
  }
  return f64x2.add(f64x2.sub(f64x2.mul(x, b1), b2), v128.load_splat<f64>(c));
}

/** out[4] = sum_t row[t] y[t][4] */
@inline
function project(row: usize, y: usize, frames: i32, out: usize): void {
  let a = f64x2.splat(0);
  let b = f64x2.splat(0);
  for (let t = 0; t < frames; t++) {
    const w = v128.load_splat<f64>(row + (<usize>t << 3));
    const from = y + (<usize>t << 5);
    a = f64x2.add(a, f64x2.mul(w, v128.load(from)));
    b = f64x2.add(b, f64x2.mul(w, v128.load(from, 16)));
  }
  v128.store(out, a);
  v128.store(out, b, 16);
}

/** out[4] = sum_t row0[t] y[t][4], out[4..8] the same with the next row. */
@inline
function projectTwo(row: usize, stride: usize, y: usize, frames: i32, out: usize): void {
  let a = f64x2.splat(0);
  let b = f64x2.splat(0);
  let c = f64x2.splat(0);
  let d = f64x2.splat(0);
  const next = row + stride;
  for (let t = 0; t < frames; t++) {
    const from = y + (<usize>t << 5);
    const low = v128.load(from);
    const high = v128.load(from, 16);
    const w = v128.load_splat<f64>(row + (<usize>t << 3));
    const v = v128.load_splat<f64>(next + (<usize>t << 3));
    a = f64x2.add(a, f64x2.mul(w, low));
    b = f64x2.add(b, f64x2.mul(w, high));
    c = f64x2.add(c, f64x2.mul(v, low));
    d = f64x2.add(d, f64x2.mul(v, high));
  }
  v128.store(out, a);
  v128.store(out, b, 16);
  v128.store(out, c, 32);
  v128.store(out, d, 48);
}

/** Coefficients of the derivative: d[m-1] = d[m+1] + 2 m c[m], halved at 0. */
function derive(c: usize, count: i32, d: usize): void {
  for (let half: usize = 0; half < 32; half += 16) {
    v128.store(d + (<usize>(count - 1) << 5) + half, f64x2.splat(0));
    let after = f64x2.splat(0);
    let now = f64x2.splat(0);
    for (let m = count - 1; m > 0; m--) {
      const v = f64x2.add(after, f64x2.mul(f64x2.splat(2.0 * <f64>m), v128.load(c + (<usize>m << 5) + half)));
      after = now;
      now = v;
      v128.store(d + (<usize>(m - 1) << 5) + half, m == 1 ? f64x2.mul(v, f64x2.splat(0.5)) : v);
    }
  }
}

/**
 * Searches `voxels` (a multiple of 4) curves.
 *
 * data      float32 [frame][stride]
 * plan      roots[frames] | fixed[fixedCount][frames] | series[count][frames] | grid[gridCount][frames] | nodes[gridCount]
 *           | shared[sharedCount][count]
 * work      frames*32 + 3*count*32 + gridCount*0 + 64 bytes
 * out       per block of 4: x | s | squares | fixed... | shared values... | each 4 float64, arrays of `voxels` one after the other
 */
export function search(
  data: usize,
  stride: i32,
  voxels: i32,
  frames: i32,
  fixedCount: i32,
  count: i32,
  gridCount: i32,
  sharedCount: i32,
  plan: usize,
  work: usize,
  out: usize,
): void {
  const row = <usize>frames << 3;
  const roots = plan;
  const fixed = roots + row;
  const series = fixed + <usize>fixedCount * row;
  const grid = series + <usize>count * row;
  const nodes = grid + <usize>gridCount * row;
  const shared = nodes + (<usize>gridCount << 3);
  const y = work;
  const c = y + (<usize>frames << 5);
  const d = c + (<usize>count << 5);
  const e = d + (<usize>count << 5);
  const scratch = e + (<usize>count << 5);
  const plane = <usize>voxels << 3;
  for (let voxel = 0; voxel < voxels; voxel += 4) {
    let squaresLow = f64x2.splat(0);
    let squaresHigh = f64x2.splat(0);
    for (let t = 0; t < frames; t++) {
      const four = v128.load(data + ((<usize>t * stride + voxel) << 2));
      const w = v128.load_splat<f64>(roots + (<usize>t << 3));
      const low = f64x2.mul(w, f64x2.promote_low_f32x4(four));
      const high = f64x2.mul(w, f64x2.promote_low_f32x4(i8x16.shuffle(four, four, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15)));
      squaresLow = f64x2.add(squaresLow, f64x2.mul(low, low));
      squaresHigh = f64x2.add(squaresHigh, f64x2.mul(high, high));
      v128.store(y + (<usize>t << 5), low);
      v128.store(y + (<usize>t << 5), high, 16);
    }
    const at = out + (<usize>voxel << 3);
    v128.store(at + 2 * plane, squaresLow);
    v128.store(at + 2 * plane, squaresHigh, 16);
    for (let f = 0; f < fixedCount; f++) project(fixed + <usize>f * row, y, frames, at + <usize>(3 + f) * plane);
    let m = 0;
    for (; m + 2 <= count; m += 2) projectTwo(series + <usize>m * row, row, y, frames, c + (<usize>m << 5));
    for (; m < count; m++) project(series + <usize>m * row, y, frames, c + (<usize>m << 5));
    derive(c, count, d);
    derive(d, count, e);
    // The largest |s| on the grid, with its neighbours.
    let bestLow = f64x2.splat(-1);
    let bestHigh = f64x2.splat(-1);
    let placeLow = f64x2.splat(0);
    let placeHigh = f64x2.splat(0);
    for (let g = 0; g + 2 <= gridCount; g += 2) {
      projectTwo(grid + <usize>g * row, row, y, frames, scratch);
      for (let k = 0; k < 2; k++) {
        const here = f64x2.splat(<f64>(g + k));
        const low = f64x2.abs(v128.load(scratch + (<usize>k << 5)));
        const high = f64x2.abs(v128.load(scratch + (<usize>k << 5) + 16));
        const moreLow = f64x2.gt(low, bestLow);
        const moreHigh = f64x2.gt(high, bestHigh);
        bestLow = v128.bitselect(low, bestLow, moreLow);
        bestHigh = v128.bitselect(high, bestHigh, moreHigh);
        placeLow = v128.bitselect(here, placeLow, moreLow);
        placeHigh = v128.bitselect(here, placeHigh, moreHigh);
      }
    }
    refine(c, d, e, count, nodes, gridCount, placeLow, at, plane, 0);
    refine(c + 16, d + 16, e + 16, count, nodes, gridCount, placeHigh, at, plane, 16);
    for (let k = 0; k < sharedCount; k++) {
      const from = shared + <usize>k * (<usize>count << 3);
      const to = at + <usize>(3 + fixedCount + k) * plane;
      v128.store(to, sharedSeries(from, count, v128.load(at)));
      v128.store(to, sharedSeries(from, count, v128.load(at, 16)), 16);
    }
  }
}

/** Newton's steps on s' inside the neighbours of the best grid point, halving where a step leaves them. */
function refine(
  c: usize,
  d: usize,
  e: usize,
  count: i32,
  nodes: usize,
  gridCount: i32,
  place: v128,
  at: usize,
  plane: usize,
  half: usize,
): void {
  const last = gridCount - 1;
  const first = <i32>f64x2.extract_lane(place, 0);
  const second = <i32>f64x2.extract_lane(place, 1);
  let low = f64x2.splat(load<f64>(nodes + (<usize>max(first - 1, 0) << 3)));
  low = f64x2.replace_lane(low, 1, load<f64>(nodes + (<usize>max(second - 1, 0) << 3)));
  let high = f64x2.splat(load<f64>(nodes + (<usize>min(first + 1, last) << 3)));
  high = f64x2.replace_lane(high, 1, load<f64>(nodes + (<usize>min(second + 1, last) << 3)));
  let x = f64x2.splat(load<f64>(nodes + (<usize>first << 3)));
  x = f64x2.replace_lane(x, 1, load<f64>(nodes + (<usize>second << 3)));
  const sign = v128.and(laneSeries(c, count, x), f64x2.splat(-0.0));
  for (let round = 0; round < 9; round++) {
    const slope = laneSeries(d, count, x);
    const bend = laneSeries(e, count, x);
    // |s| rises where s and s' have one sign: the top lies above.
    const rising = f64x2.gt(v128.xor(slope, sign), f64x2.splat(0));
    low = v128.bitselect(x, low, rising);
    high = v128.bitselect(high, x, rising);
    const newton = f64x2.sub(x, f64x2.div(slope, bend));
    const inside = v128.and(f64x2.ge(newton, low), f64x2.le(newton, high));
    x = v128.bitselect(newton, f64x2.mul(f64x2.splat(0.5), f64x2.add(low, high)), inside);
  }
  v128.store(at + half, x);
  v128.store(at + plane + half, laneSeries(c, count, x));
}

/**
 * One chunk of `search`, with numbers at `at`: int32 frames, fixedCount, count, gridCount, sharedCount, columns, voxels of a chunk,
 * then addresses of data, plan, work, out and the bytes of one thread's work. Chunks of data and results lie one after the other.
 */
export function block(chunk: i32, thread: i32, at: usize): void {
  const frames = load<i32>(at), fixedCount = load<i32>(at, 4), count = load<i32>(at, 8);
  const gridCount = load<i32>(at, 12), sharedCount = load<i32>(at, 16), columns = load<i32>(at, 20), size = load<i32>(at, 24);
  const data = <usize>load<u32>(at, 28) + ((<usize>chunk * <usize>frames * <usize>size) << 2);
  const work = <usize>load<u32>(at, 36) + <usize>thread * <usize>load<u32>(at, 44);
  const out = <usize>load<u32>(at, 40) + ((<usize>chunk * <usize>columns * <usize>size) << 3);
  search(data, size, size, frames, fixedCount, count, gridCount, sharedCount, <usize>load<u32>(at, 32), work, out);
}
