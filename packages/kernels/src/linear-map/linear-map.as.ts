// build: threads
// Linear models with two columns, two voxels at a time, added in the order of linear-map.ref.ts.

const one = f64x2.splat(1), zero = f64x2.splat(0);

/** x where it is finite, NaN elsewhere: x - x is 0 or NaN. */
@inline function spoiled(weight: v128, c: v128): v128 {
  return f64x2.add(weight, f64x2.sub(c, c));
}

/**
 * Numbers at `at`: int32 kind (0 regression, 1 plot, 2 fixed), frames, voxels of a chunk (a multiple of 4), then addresses of the
 * plan (half, weight, x1, x2 of each frame, float64), of the data (float32 [chunk][frame][voxel]) and of the results (float64
 * [chunk][5][voxel]).
 */
export function block(chunk: i32, thread: i32, at: usize): void {
  const kind = load<i32>(at), frames = load<i32>(at, 4), size = load<i32>(at, 8), plan = <usize>load<u32>(at, 12);
  const data = <usize>load<u32>(at, 16) + ((<usize>chunk * <usize>frames * <usize>size) << 2);
  const out = <usize>load<u32>(at, 20) + ((<usize>chunk * 5 * <usize>size) << 3);
  const row = <usize>size << 2, plane = <usize>size << 3;
  for (let voxel = 0; voxel < size; voxel += 2) {
    let area = zero, before = zero, count = zero;
    let aa = zero, ab = zero, bb = zero, ay = zero, by = zero, yy = zero;
    let from = data + (<usize>voxel << 2);
    for (let t = 0; t < frames; t++) {
      const p = plan + (<usize>t << 5);
      const c = f64x2.promote_low_f32x4(v128.load64_zero(from));
      from += row;
      const sum = f64x2.add(area, f64x2.mul(v128.load_splat<f64>(p), f64x2.add(c, before)));
      area = sum; before = c;
      const w = load<f64>(p, 8);
      if (w == 0) continue;
      const own = v128.load_splat<f64>(p, 16);
      let a = own, b = sum, y = c, taken = f64x2.eq(one, one);
      if (kind == 1) {
        taken = f64x2.gt(c, zero);
        a = f64x2.div(own, c); b = one; y = f64x2.div(sum, c);
      } else if (kind == 2) b = v128.load_splat<f64>(p, 24);
      const weight = spoiled(f64x2.splat(w), c);
      const wa = f64x2.mul(weight, a), wb = f64x2.mul(weight, b), wy = f64x2.mul(weight, y);
      aa = f64x2.add(aa, v128.and(f64x2.mul(wa, a), taken));
      ab = f64x2.add(ab, v128.and(f64x2.mul(wa, b), taken));
      bb = f64x2.add(bb, v128.and(f64x2.mul(wb, b), taken));
      ay = f64x2.add(ay, v128.and(f64x2.mul(wa, y), taken));
      by = f64x2.add(by, v128.and(f64x2.mul(wb, y), taken));
      yy = f64x2.add(yy, v128.and(f64x2.mul(wy, y), taken));
      count = f64x2.add(count, v128.and(one, taken));
    }
    const determinant = f64x2.sub(f64x2.mul(aa, bb), f64x2.mul(ab, ab));
    const enough = f64x2.gt(determinant, f64x2.mul(f64x2.mul(f64x2.splat(1e-12), aa), bb));
    const good = v128.and(enough, f64x2.gt(count, f64x2.splat(2)));
    const nothing = f64x2.splat(NaN);
    const first = v128.bitselect(f64x2.div(f64x2.sub(f64x2.mul(ay, bb), f64x2.mul(by, ab)), determinant), nothing, good);
    const second = v128.bitselect(f64x2.div(f64x2.sub(f64x2.mul(by, aa), f64x2.mul(ay, ab)), determinant), nothing, good);
    const rest = f64x2.sub(f64x2.sub(yy, f64x2.mul(first, ay)), f64x2.mul(second, by));
    // 0 below 0; NaN stays.
    const left = v128.bitselect(zero, rest, f64x2.lt(rest, zero));
    const variance = v128.bitselect(f64x2.div(f64x2.div(left, f64x2.sub(count, f64x2.splat(2))), determinant), nothing, good);
    const to = out + (<usize>voxel << 3);
    v128.store(to, first);
    v128.store(to + plane, second);
    v128.store(to + 2 * plane, f64x2.mul(bb, variance));
    v128.store(to + 3 * plane, f64x2.mul(aa, variance));
    v128.store(to + 4 * plane, f64x2.mul(f64x2.neg(ab), variance));
  }
}
