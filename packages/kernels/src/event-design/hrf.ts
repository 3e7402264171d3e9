import type { Seconds } from "@quintet/core";

/** Which responses stand beside the canonical one. */
export type HrfDerivatives = "none" | "time" | "time-dispersion";

/** A response tabulated from 0 s on, and its running integral: the response to a block is a difference of two of these. */
export interface ResponseFunction {
  /** "canonical", "time" and "dispersion", or a member of another family. */
  readonly name: string;
  /** Seconds between entries. */
  readonly step: Seconds;
  readonly values: Float64Array;
  readonly integral: Float64Array;
  /** Of a member that is of the onset alone (a bin): its value t seconds after it. The table is then not used. */
  readonly locked?: (t: Seconds) => number;
  /** The time it stands for, s after the onset. */
  readonly centre?: Seconds;
}

/** 1/s in the table; with trapezoids the integral is right to 1e-6. */
const step = 0.01;
/** Parameters of SPM's canonical response: delays 6 and 16 s, dispersions 1, ratio 6, length 32 s (spm_hrf.m). */
const [responseDelay, undershootDelay, ratio, length] = [6, 16, 6, 32];

/** Gamma density of shape h and rate l at x: l^h x^(h-1) exp(-l x) / Gamma(h); 0 for x <= 0. */
function gammaDensity(x: number, h: number, l: number): number {
  return x > 0 ? Math.exp(h * Math.log(l) + (h - 1) * Math.log(x) - l * x - logGamma(h)) : 0;
}

/** Stirling's series, exact to 1e-15 above 10; smaller arguments are raised first. */
function logGamma(x: number): number {
  let [y, shift] = [x, 0];
  while (y < 10) shift -= Math.log(y++);
  const inverse = 1 / y;
  const series = inverse * (1 / 12 - inverse ** 2 * (1 / 360 - inverse ** 2 * (1 / 1260 - inverse ** 2 / 1680)));
  return shift + (y - 0.5) * Math.log(y) - y + 0.5 * Math.log(2 * Math.PI) + series;
}

/**
 * The canonical haemodynamic response at t seconds after an instant, of integral 1 (1/s):
 *
 *   h(t) ~ g(t; 6 / d, 1 / d) - g(t; 16, 1) / 6,   g the gamma density,  0 <= t <= 32 s,  d = 1
 *
 * It peaks at 5.0 s and undershoots at 15.75 s.
 *
 * @param dispersion d, of the response
 * @see Friston et al., NeuroImage 1998;7:30-40; parameters as in SPM12's spm_hrf.m
 */
export function canonicalHrf(dispersion = 1): Float64Array {
  const n = Math.round(length / step) + 1;
  const values = Float64Array.from({ length: n }, (_, i) => {
    const t = i * step;
    return gammaDensity(t, responseDelay / dispersion, 1 / dispersion) - gammaDensity(t, undershootDelay, 1) / ratio;
  });
  const area = integralOf(values).at(-1) as number;
  return values.map((v) => v / area);
}

/** Running integral by trapezoids. */
export function integralOf(values: Float64Array, width: Seconds = step): Float64Array {
  const out = new Float64Array(values.length);
  for (let i = 1; i < values.length; i++)
    out[i] = (out[i - 1] as number) + (width * ((values[i - 1] as number) + (values[i] as number))) / 2;
  return out;
}

/**
 * The canonical response, and after it its derivatives in time and dispersion as finite differences,
 *
 *   D_time(t) = h(t) - h(t - 1 s),   D_dispersion = (h - h_{d = 1.01}) / 0.01,
 *
 * each made orthogonal to the ones before it.
 *
 * @see Friston et al., NeuroImage 1998;7:30-40; Henson et al., NeuroImage 2002;15:83-97; SPM12's spm_get_bf.m
 */
export function responseFunctions(derivatives: HrfDerivatives): readonly ResponseFunction[] {
  const h = canonicalHrf();
  const second = Math.round(1 / step);
  const raw: [ResponseFunction["name"], Float64Array][] = [["canonical", h]];
  if (derivatives !== "none") raw.push(["time", h.map((v, i) => v - (i >= second ? (h[i - second] as number) : 0))]);
  if (derivatives === "time-dispersion") {
    const wider = canonicalHrf(1.01);
    raw.push(["dispersion", h.map((v, i) => (v - (wider[i] as number)) / 0.01)]);
  }
  const done: Float64Array[] = [];
  return raw.map(([name, own]) => {
    const values = own.slice();
    for (const other of done) {
      const [dot, square] = [inner(values, other), inner(other, other)];
      for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) - (dot / square) * (other[i] as number);
    }
    done.push(values);
    return { name, step, values, integral: integralOf(values) };
  });
}

function inner(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, v, i) => sum + v * (b[i] as number), 0);
}

/** Response t seconds after the start of an event of `duration`: per second of stimulation, or to an instant. */
export function responseAt(
  { values, integral, step: h, locked }: ResponseFunction,
  t: Seconds,
  duration: Seconds,
): number {
  if (locked) return locked(t);
  if (duration > 0) return tabulated(integral, t / h, true) - tabulated(integral, (t - duration) / h, true);
  return tabulated(values, t / h, false);
}

/** Linear between entries; before the table 0, after it the last value of an integral, else 0. */
function tabulated(table: Float64Array, at: number, held: boolean): number {
  if (at <= 0) return 0;
  const i = Math.floor(at);
  if (i >= table.length - 1) return held ? (table.at(-1) as number) : 0;
  return (table[i] as number) + (at - i) * ((table[i + 1] as number) - (table[i] as number));
}
