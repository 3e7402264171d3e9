// Complex Fourier transform in float64, one complex number to a vector: Stockham's passes of radix 4, 2 and odd primes, from
// one array to the other and back. Factors of a pass lie one after the other: (c, c) and (-s, s) of w, w^2, ... .

@inline
function times(x: v128, at: usize): v128 {
  return f64x2.add(
    f64x2.mul(x, v128.load(at)),
    f64x2.mul(i64x2.shuffle(x, x, 1, 0), v128.load(at, 16)),
  );
}

/** Butterflies of `width` neighbours for each of `turns` factors: from x to y, n = 4 turns width. */
function radix4(x: usize, y: usize, turns: i32, width: i32, factors: usize): void {
  const step = <usize>width << 4;
  const quarter = <usize>turns * step;
  // i (b - d) = (-(b - d).im, (b - d).re)
  const turn = f64x2.replace_lane(f64x2.splat(1), 0, -1);
  for (let j = 0; j < turns; j++) {
    const from = x + <usize>j * step;
    const to = y + <usize>j * (step << 2);
    const at = factors + <usize>j * 96;
    for (let k: usize = 0; k < step; k += 16) {
      const a = v128.load(from + k);
      const b = v128.load(from + quarter + k);
      const c = v128.load(from + 2 * quarter + k);
      const d = v128.load(from + 3 * quarter + k);
      const ac = f64x2.add(a, c);
      const bd = f64x2.add(b, d);
      const a_c = f64x2.sub(a, c);
      const difference = f64x2.sub(b, d);
      const b_d = f64x2.mul(i64x2.shuffle(difference, difference, 1, 0), turn);
      v128.store(to + k, f64x2.add(ac, bd));
      v128.store(to + step + k, times(f64x2.sub(a_c, b_d), at));
      v128.store(to + 2 * step + k, times(f64x2.sub(ac, bd), at + 32));
      v128.store(to + 3 * step + k, times(f64x2.add(a_c, b_d), at + 64));
    }
  }
}

/** n = 2 turns width; factors: w. */
function radix2(x: usize, y: usize, turns: i32, width: i32, factors: usize): void {
  const step = <usize>width << 4;
  const half = <usize>turns * step;
  for (let j = 0; j < turns; j++) {
    const from = x + <usize>j * step;
    const to = y + <usize>j * (step << 1);
    const at = factors + <usize>j * 32;
    for (let k: usize = 0; k < step; k += 16) {
      const a = v128.load(from + k);
      const b = v128.load(from + half + k);
      v128.store(to + k, f64x2.add(a, b));
      v128.store(to + step + k, times(f64x2.sub(a, b), at));
    }
  }
}

/**
 * n = r turns width, r odd. factors: (c, c) and (-s, s) of 2 pi j / r for j < r, then w, .. w^(r-1) of each turn.
 * With s_j = x_j + x_(r-j) and d_j = x_j - x_(r-j): X_k, X_(r-k) = x_0 + sum_j s_j cos(jk) -+ i sum_j d_j sin(jk).
 */
function radixOdd(x: usize, y: usize, turns: i32, width: i32, factors: usize, r: i32): void {
  const step = <usize>width << 4;
  const part = <usize>turns * step;
  const own = <usize>(r - 1) << 5;
  let at = factors + (<usize>r << 5);
  for (let j = 0; j < turns; j++, at += own) {
    const from = x + <usize>j * step;
    const to = y + <usize>j * step * <usize>r;
    for (let k: usize = 0; k < step; k += 16) {
      const first = v128.load(from + k);
      let sum = first;
      for (let i = 1; i < r; i++) sum = f64x2.add(sum, v128.load(from + <usize>i * part + k));
      v128.store(to + k, sum);
      for (let m = 1; 2 * m < r; m++) {
        let even = first;
        let odd = f64x2.splat(0);
        let turn = 0;
        for (let i = 1; 2 * i < r; i++) {
          turn += m;
          if (turn >= r) turn -= r;
          const circle = factors + (<usize>turn << 5);
          const a = v128.load(from + <usize>i * part + k);
          const b = v128.load(from + <usize>(r - i) * part + k);
          even = f64x2.add(even, f64x2.mul(v128.load(circle), f64x2.add(a, b)));
          odd = f64x2.add(odd, f64x2.mul(v128.load(circle, 16), f64x2.sub(a, b)));
        }
        // -i (u + iv) = v - iu, of which the table has the signs.
        odd = i64x2.shuffle(odd, odd, 1, 0);
        v128.store(to + <usize>m * step + k, times(f64x2.add(even, odd), at + (<usize>(m - 1) << 5)));
        v128.store(to + <usize>(r - m) * step + k, times(f64x2.sub(even, odd), at + (<usize>(r - m - 1) << 5)));
      }
    }
  }
}

/**
 * Forward transform of n points at `x`; gives where the result is: `x` or `y`.
 * plan: number of passes, then radix and address of the factors of each.
 */
export function transform(x: usize, y: usize, n: i32, plan: usize): usize {
  const count = load<i32>(plan);
  let from = x;
  let to = y;
  let width = 1;
  let rest = n;
  for (let pass = 0; pass < count; pass++, plan += 8) {
    const radix = load<i32>(plan, 4);
    const factors = <usize>load<u32>(plan, 8);
    const turns = rest / radix;
    if (radix == 4) radix4(from, to, turns, width, factors);
    else if (radix == 2) radix2(from, to, turns, width, factors);
    else radixOdd(from, to, turns, width, factors, radix);
    rest = turns;
    width *= radix;
    const held = from;
    from = to;
    to = held;
  }
  return from;
}
