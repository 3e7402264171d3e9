// Between a periodic grid and samples off it; two complex cells a vector, rows of an even number of weights.

/** Calls of both directions share the walk; the layout is that of GriddingTables in gridding.ts. */
@inline
function fold(i: i32, n: i32): i32 {
  return i < n ? i : i - n;
}

@inline
function twice(weights: usize): v128 {
  const two = v128.load64_zero(weights);
  return v128.shuffle<f32>(two, two, 0, 0, 1, 1);
}

export function interpolate(
  samples: i32,
  nx: i32,
  ny: i32,
  nz: i32,
  wx: i32,
  wy: i32,
  wz: i32,
  starts: usize,
  weights: usize,
  order: usize,
  grid: usize,
  values: usize,
): void {
  const stride = <usize>(wx + wy + wz) << 2;
  for (let o = 0; o < samples; o++, starts += 12, weights += stride, order += 4) {
    const x = load<i32>(starts);
    const y = load<i32>(starts, 4);
    const z = load<i32>(starts, 8);
    const yWeights = weights + (<usize>wx << 2);
    const zWeights = yWeights + (<usize>wy << 2);
    let sum = f32x4.splat(0);
    for (let kz = 0; kz < wz; kz++) {
      const plane = fold(z + kz, nz) * ny;
      const zWeight = load<f32>(zWeights + (<usize>kz << 2));
      for (let ky = 0; ky < wy; ky++) {
        const row = grid + (<usize>(plane + fold(y + ky, ny)) * nx << 3);
        let part = f32x4.splat(0);
        if (x + wx <= nx) {
          const cells = row + (<usize>x << 3);
          for (let i = 0; i < wx; i += 2) {
            part = f32x4.add(part, f32x4.mul(twice(weights + (<usize>i << 2)), v128.load(cells + (<usize>i << 3))));
          }
        } else {
          for (let i = 0; i < wx; i++) {
            const w = v128.load_splat<f32>(weights + (<usize>i << 2));
            part = f32x4.add(part, f32x4.mul(w, v128.load64_zero(row + (<usize>fold(x + i, nx) << 3))));
          }
        }
        sum = f32x4.add(sum, f32x4.mul(f32x4.splat(zWeight * load<f32>(yWeights + (<usize>ky << 2))), part));
      }
    }
    const to = values + (<usize>load<u32>(order) << 3);
    store<f32>(to, f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 2));
    store<f32>(to, f32x4.extract_lane(sum, 1) + f32x4.extract_lane(sum, 3), 4);
  }
}

/** Adds to the grid. */
export function spread(
  samples: i32,
  nx: i32,
  ny: i32,
  nz: i32,
  wx: i32,
  wy: i32,
  wz: i32,
  starts: usize,
  weights: usize,
  order: usize,
  grid: usize,
  values: usize,
): void {
  const stride = <usize>(wx + wy + wz) << 2;
  for (let o = 0; o < samples; o++, starts += 12, weights += stride, order += 4) {
    const x = load<i32>(starts);
    const y = load<i32>(starts, 4);
    const z = load<i32>(starts, 8);
    const yWeights = weights + (<usize>wx << 2);
    const zWeights = yWeights + (<usize>wy << 2);
    const value = v128.load64_splat(values + (<usize>load<u32>(order) << 3));
    for (let kz = 0; kz < wz; kz++) {
      const plane = fold(z + kz, nz) * ny;
      const zWeight = load<f32>(zWeights + (<usize>kz << 2));
      for (let ky = 0; ky < wy; ky++) {
        const row = grid + (<usize>(plane + fold(y + ky, ny)) * nx << 3);
        const part = f32x4.mul(f32x4.splat(zWeight * load<f32>(yWeights + (<usize>ky << 2))), value);
        if (x + wx <= nx) {
          const cells = row + (<usize>x << 3);
          for (let i = 0; i < wx; i += 2) {
            const at = cells + (<usize>i << 3);
            v128.store(at, f32x4.add(v128.load(at), f32x4.mul(twice(weights + (<usize>i << 2)), part)));
          }
        } else {
          for (let i = 0; i < wx; i++) {
            const at = row + (<usize>fold(x + i, nx) << 3);
            const w = v128.load_splat<f32>(weights + (<usize>i << 2));
            v128.store64_lane(at, f32x4.add(v128.load64_zero(at), f32x4.mul(w, part)), 0);
          }
        }
      }
    }
  }
}
