// Weighted sums of rows, 16 outputs in registers at a time; the three axes share one inner loop.

/** Index reflected about the outer faces: d c b a | a b c d | d c b a. */
function reflect(i: i32, n: i32): i32 {
  const period = 2 * n;
  const folded = ((i % period) + period) % period;
  return folded < n ? folded : period - 1 - folded;
}

/** out[i] = sum_k weight[k] * load(row[k] + 4 i), i < width; row[] holds byte addresses. */
@inline
function sumRows(out: usize, width: i32, rows: usize, weights: usize, taps: i32): void {
  let i = 0;
  for (; i + 16 <= width; i += 16) {
    let a = f32x4.splat(0);
    let b = a;
    let c = a;
    let d = a;
    for (let k = 0; k < taps; k++) {
      const w = v128.load_splat<f32>(weights + (<usize>k << 2));
      const from = <usize>load<u32>(rows + (<usize>k << 2)) + (<usize>i << 2);
      a = f32x4.add(a, f32x4.mul(w, v128.load(from)));
      b = f32x4.add(b, f32x4.mul(w, v128.load(from, 16)));
      c = f32x4.add(c, f32x4.mul(w, v128.load(from, 32)));
      d = f32x4.add(d, f32x4.mul(w, v128.load(from, 48)));
    }
    const to = out + (<usize>i << 2);
    v128.store(to, a);
    v128.store(to, b, 16);
    v128.store(to, c, 32);
    v128.store(to, d, 48);
  }
  for (; i < width; i++) {
    let sum: f32 = 0;
    for (let k = 0; k < taps; k++) {
      sum += load<f32>(weights + (<usize>k << 2)) * load<f32>(<usize>load<u32>(rows + (<usize>k << 2)) + (<usize>i << 2));
    }
    store<f32>(out + (<usize>i << 2), sum);
  }
}

/** `lines` lines of nx values; `line` is room for nx + taps values, padded by reflection. */
export function alongX(from: usize, to: usize, nx: i32, lines: i32, line: usize, weights: usize, taps: i32): void {
  const radius = taps >> 1;
  for (let j = 0; j < lines; j++) {
    const base = from + ((<usize>j * nx) << 2);
    for (let i = 0; i < radius; i++) {
      store<f32>(line + (<usize>i << 2), load<f32>(base + (<usize>reflect(i - radius, nx) << 2)));
      store<f32>(
        line + (<usize>(nx + radius + i) << 2),
        load<f32>(base + (<usize>reflect(nx + i, nx) << 2)),
      );
    }
    memory.copy(line + (<usize>radius << 2), base, <usize>nx << 2);
    const out = to + ((<usize>j * nx) << 2);
    let i = 0;
    for (; i + 16 <= nx; i += 16) {
      let a = f32x4.splat(0);
      let b = a;
      let c = a;
      let d = a;
      let at = line + (<usize>i << 2);
      for (let k = 0; k < taps; k++) {
        const w = v128.load_splat<f32>(weights + (<usize>k << 2));
        a = f32x4.add(a, f32x4.mul(w, v128.load(at)));
        b = f32x4.add(b, f32x4.mul(w, v128.load(at, 16)));
        c = f32x4.add(c, f32x4.mul(w, v128.load(at, 32)));
        d = f32x4.add(d, f32x4.mul(w, v128.load(at, 48)));
        at += 4;
      }
      const there = out + (<usize>i << 2);
      v128.store(there, a);
      v128.store(there, b, 16);
      v128.store(there, c, 32);
      v128.store(there, d, 48);
    }
    for (; i < nx; i++) {
      let sum: f32 = 0;
      for (let k = 0; k < taps; k++) {
        sum += load<f32>(weights + (<usize>k << 2)) * load<f32>(line + (<usize>(i + k) << 2));
      }
      store<f32>(out + (<usize>i << 2), sum);
    }
  }
}

/** `blocks` stacks of `count` rows of `width` values, smoothed along `count`; `rows` is room for `taps` addresses. */
export function alongRows(
  from: usize,
  to: usize,
  width: i32,
  count: i32,
  blocks: i32,
  rows: usize,
  weights: usize,
  taps: i32,
): void {
  const radius = taps >> 1;
  const bytes = <usize>width << 2;
  for (let block = 0; block < blocks; block++) {
    const base = <usize>block * count * bytes;
    for (let j = 0; j < count; j++) {
      for (let k = 0; k < taps; k++) {
        store<u32>(rows + (<usize>k << 2), <u32>(from + base + <usize>reflect(j + k - radius, count) * bytes));
      }
      sumRows(to + base + <usize>j * bytes, width, rows, weights, taps);
    }
  }
}
