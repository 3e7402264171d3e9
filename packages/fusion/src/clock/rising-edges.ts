import { DataError, type Hertz, type Seconds } from "@quintet/core";

/**
 * Times at which an analogue trigger line rises through a level, between samples:
 *
 *   t = start + (i + (level - x_i) / (x_(i+1) - x_i)) / rate   for x_i < level <= x_(i+1)
 *
 * The line must fall below `level - hysteresis` before it can rise again, so that noise on an edge is one edge.
 *
 * @param level default half way between the smallest and the largest value; hysteresis default a quarter of that range
 * @throws DataError `no-edge` when the line never moves
 */
export function risingEdges(
  data: ArrayLike<number>,
  start: Seconds,
  rate: Hertz,
  options: { readonly level?: number; readonly hysteresis?: number } = {},
): Float64Array {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < data.length; i++) {
    least = Math.min(least, data[i] as number);
    most = Math.max(most, data[i] as number);
  }
  if (!(most > least)) throw new DataError("no-edge", "the trigger line never moves", { found: `${least} to ${most}` });
  const { level = (least + most) / 2, hysteresis = (most - least) / 4 } = options;
  const times: number[] = [];
  let armed = (data[0] as number) < level;
  for (let i = 0; i + 1 < data.length; i++) {
    const [here, next] = [data[i] as number, data[i + 1] as number];
    if (here < level - hysteresis) armed = true;
    if (!armed || !(here < level && next >= level)) continue;
    times.push(start + (i + (level - here) / (next - here)) / rate);
    armed = false;
  }
  return Float64Array.from(times);
}
