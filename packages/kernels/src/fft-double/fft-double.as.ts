// Complex Fourier transform of a power of two in float64, one complex number to a vector: Stockham's passes of radix 4, one
// of radix 2 at the end where the power is odd, from one array to the other and back. Factors of a pass lie one after the
// other: (c, c) and (-s, s) of w, w^2, w^3.

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

function radix2(x: usize, y: usize, width: i32): void {
  const half = <usize>width << 4;
  for (let k: usize = 0; k < half; k += 16) {
    const a = v128.load(x + k);
    const b = v128.load(x + half + k);
    v128.store(y + k, f64x2.add(a, b));
    v128.store(y + half + k, f64x2.sub(a, b));
  }
}

/** Forward transform of n points at `x`; gives where the result is: `x` or `y`. */
export function transform(x: usize, y: usize, n: i32, factors: usize): usize {
  let from = x;
  let to = y;
  let width = 1;
  let rest = n;
  let at = factors;
  while (rest >= 4) {
    const turns = rest >> 2;
    radix4(from, to, turns, width, at);
    at += <usize>turns * 96;
    width <<= 2;
    rest >>= 2;
    const held = from;
    from = to;
    to = held;
  }
  if (rest == 2) {
    radix2(from, to, width);
    return to;
  }
  return from;
}
