// part of joseph-stack, joseph-orbits
// Counts against what is expected of the image, e = p + b, ray by ray as they are projected.

/** Of a thread's scratch, what it has added up: sum of y log e, counts where nothing is expected. The caller sets them to 0. */
const logarithms: usize = 16, unexplained: usize = 24;

/** Turns n projected values at p into y / e, e = p + b (b 0: none); 0 where e is not above 0. */
export function compare(p: usize, y: usize, b: usize, n: i32, logarithm: bool, scratch: usize): void {
  const none = f32x4.splat(0);
  let lost = none, i = 0;
  if (logarithm) addLogarithms(p, y, b, n, scratch);
  for (; i + 4 <= n; i += 4) {
    const at = <usize>i << 2, c = v128.load(y + at);
    let e = v128.load(p + at);
    if (b) e = f32x4.add(e, v128.load(b + at));
    const seen = f32x4.gt(e, none);
    v128.store(p + at, v128.and(f32x4.div(c, e), seen));
    lost = f32x4.add(lost, v128.andnot(c, seen));
  }
  let missed = <f64>f32x4.extract_lane(lost, 0) + <f64>f32x4.extract_lane(lost, 1) + <f64>f32x4.extract_lane(lost, 2) + <f64>f32x4.extract_lane(lost, 3);
  for (; i < n; i++) {
    const at = <usize>i << 2, c = load<f32>(y + at), e = load<f32>(p + at) + (b ? load<f32>(b + at) : 0);
    store<f32>(p + at, e > 0 ? c / e : 0);
    if (!(e > 0)) missed += c;
  }
  store<f64>(scratch + unexplained, load<f64>(scratch + unexplained) + missed);
}

/**
 * Natural logarithm of a positive normal number: k ln 2 + 2 artanh((m - 1) / (m + 1)) of x = m 2^k, m within sqrt(2) of 1. The library's own
 * reads a table, for which there is no place in a memory that is shared. The series ends where its terms are below 1e-17.
 */
function logarithm64(x: f64): f64 {
  let k = <i32>(reinterpret<u64>(x) >> 52) - 1023, m = reinterpret<f64>((reinterpret<u64>(x) & 0xfffffffffffff) | 0x3ff0000000000000);
  if (m > 1.4142135623730951) { m *= 0.5; k++; }
  const s = (m - 1) / (m + 1), y = s * s;
  let sum: f64 = 1.0 / 21;
  for (let odd = 19; odd > 0; odd -= 2) sum = sum * y + 1 / <f64>odd;
  return <f64>k * 0.6931471805599453 + 2 * s * sum;
}

function addLogarithms(p: usize, y: usize, b: usize, n: i32, scratch: usize): void {
  let sum: f64 = 0;
  for (let i = 0; i < n; i++) {
    const at = <usize>i << 2, c = load<f32>(y + at), e = load<f32>(p + at) + (b ? load<f32>(b + at) : 0);
    if (c > 0 && e > 0) sum += <f64>c * logarithm64(<f64>e);
  }
  store<f64>(scratch + logarithms, load<f64>(scratch + logarithms) + sum);
}
