/** Round ticks and their labels. */

export interface Axis {
  readonly label: string;
  readonly low: number;
  readonly high: number;
  readonly log?: boolean;
  /** Of things that are counted: no tick lies between two whole numbers. */
  readonly whole?: boolean;
}

/** Multiples of 1, 2 or 5 times a power of ten inside [low, high], about `count` of them. */
export function niceTicks(low: number, high: number, count = 5): number[] {
  if (!(high > low)) return [low];
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((m) => m * power >= rough * 0.999) ?? 10) * power;
  const ticks: number[] = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) ticks.push(k * step);
  return ticks;
}

/** Powers of ten inside [low, high]; with fewer than two, also 2 and 5 times these. */
export function logTicks(low: number, high: number): number[] {
  const all = (factors: readonly number[]): number[] => {
    const ticks: number[] = [];
    for (let e = Math.floor(Math.log10(low)) - 1; e <= Math.ceil(Math.log10(high)); e++) {
      for (const f of factors) if (f * 10 ** e >= low * 0.999 && f * 10 ** e <= high * 1.001) ticks.push(f * 10 ** e);
    }
    return ticks;
  };
  const decades = all([1]);
  return decades.length >= 2 ? decades : all([1, 2, 5]);
}

const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** A number as a reader writes it: 3 significant digits, true minus, powers of ten beyond 1e5 and below 1e-3. */
export function readable(x: number, significant = 3): string {
  if (!Number.isFinite(x)) return "–";
  if (x === 0) return "0";
  const size = Math.abs(x);
  const minus = x < 0 ? "\u2212" : "";
  if (size >= 1e5 || size < 1e-3) {
    const exponent = Math.floor(Math.log10(size));
    const mantissa = Number((size / 10 ** exponent).toPrecision(significant));
    return `${minus}${mantissa === 1 ? "" : `${mantissa}\u00b7`}10${[...String(exponent)].map((d) => (d === "-" ? "⁻" : superscripts.charAt(Number(d)))).join("")}`;
  }
  return minus + (size >= 10 ** (significant - 1) ? size.toFixed(0) : String(Number(size.toPrecision(significant))));
}

/** Tick labels need the digits of the step, not of the value. */
export function tickLabel(x: number, step: number): string {
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return digits > 3 || Math.abs(x) >= 1e5
    ? readable(x)
    : `${x < 0 && Number(x.toFixed(digits)) !== 0 ? "\u2212" : ""}${Math.abs(x).toFixed(digits)}`;
}

/** Position of a value along an axis, 0 ... 1. */
export function along({ low, high, log }: Axis, value: number): number {
  return log ? Math.log(value / low) / Math.log(high / low) : (value - low) / (high - low);
}

export function axisTicks(
  { low, high, log, whole }: Axis,
  count = 5,
): { readonly at: number; readonly label: string }[] {
  if (log) return logTicks(low, high).map((at) => ({ at, label: readable(at) }));
  const all = niceTicks(low, high, count);
  const ticks = whole ? all.filter((at) => Math.abs(at - Math.round(at)) < 1e-9) : all;
  const step = ticks.length > 1 ? (ticks[1] as number) - (ticks[0] as number) : 1;
  return ticks.map((at) => ({ at, label: tickLabel(at, step) }));
}
