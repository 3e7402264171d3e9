// Lower envelopes of parabolas along one axis of a volume of squared distances (f32); lines are gathered 16 at a time.

/** Lines side by side in memory that are gathered together: one cache line of f32. */
const together: i32 = 16;

/** f[p] = min_q (line[q] + weight (p - q)^2); `apex` and `start` are room for n and n + 1 values. */
function envelope(line: usize, n: i32, weight: f64, apex: usize, start: usize): void {
  let last = -1;
  for (let q = 0; q < n; q++) {
    const height = <f64>load<f32>(line + (<usize>q << 2));
    if (height == Infinity) continue;
    let meets = -Infinity;
    while (last >= 0) {
      const v = load<i32>(apex + (<usize>last << 2));
      const other = <f64>load<f32>(line + (<usize>v << 2));
      meets = ((height - other) / weight + <f64>q * <f64>q - <f64>v * <f64>v) / (2.0 * <f64>(q - v));
      if (meets > load<f64>(start + (<usize>last << 3))) break;
      last--;
      meets = -Infinity;
    }
    last++;
    store<i32>(apex + (<usize>last << 2), q);
    store<f64>(start + (<usize>last << 3), meets);
  }
  if (last < 0) return;
  const out = line + (<usize>n << 2);
  for (let p = 0, k = 0; p < n; p++) {
    while (k < last && load<f64>(start + (<usize>(k + 1) << 3)) < <f64>p) k++;
    const v = load<i32>(apex + (<usize>k << 2));
    const apart = <f64>(p - v);
    store<f32>(out + (<usize>p << 2), <f32>(<f64>load<f32>(line + (<usize>v << 2)) + weight * apart * apart));
  }
  memory.copy(line, out, <usize>n << 2);
}

/**
 * `blocks` stacks of n rows of `width` values; the envelope runs along n.
 *
 * @param scratch room for 16 lines of 2 n f32, then n i32 and n + 1 f64 on an 8-byte border
 */
export function along(field: usize, width: i32, n: i32, blocks: i32, weight: f64, scratch: usize): void {
  const room = <usize>n << 3;
  const apex = scratch + <usize>together * room;
  const start = (apex + (<usize>n << 2) + 7) & ~(<usize>7);
  for (let block = 0; block < blocks; block++) {
    const base = field + ((<usize>block * <usize>n * <usize>width) << 2);
    for (let x = 0; x < width; x += together) {
      const lines = min(together, width - x);
      for (let q = 0; q < n; q++) {
        const row = base + ((<usize>q * <usize>width + <usize>x) << 2);
        for (let l = 0; l < lines; l++)
          store<f32>(scratch + <usize>l * room + (<usize>q << 2), load<f32>(row + (<usize>l << 2)));
      }
      for (let l = 0; l < lines; l++) envelope(scratch + <usize>l * room, n, weight, apex, start);
      for (let q = 0; q < n; q++) {
        const row = base + ((<usize>q * <usize>width + <usize>x) << 2);
        for (let l = 0; l < lines; l++)
          store<f32>(row + (<usize>l << 2), load<f32>(scratch + <usize>l * room + (<usize>q << 2)));
      }
    }
  }
}
