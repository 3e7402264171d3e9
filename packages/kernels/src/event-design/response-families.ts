import { DataError, type Seconds } from "@quintet/core";
import { integralOf, type ResponseFunction, responseFunctions } from "./hrf.ts";

/** "canonical", "glover" and "gamma" have one column; "fir" and "gaussians" let the response take any form. */
export type ResponseFamily = "canonical" | "glover" | "gamma" | "fir" | "gaussians";

export interface FamilyOptions {
  /** Length of the freely formed response, s; default 24. */
  readonly length?: Seconds;
  /** Width of a bin (fir), or distance and standard deviation of the Gaussians; default 2 s (fir), 1 s (gaussians). */
  readonly width?: Seconds;
}

/**
 * The responses of one family.
 *
 *   glover     (t/d1)^6 exp(-(t - d1)/0.9) - 0.35 (t/d2)^12 exp(-(t - d2)/0.9),   d = 5.4 and 10.8 s
 *   gamma      e ((t - 0.1)/3)^2 exp(-((t - 0.1)/3)^2),   Homer's modified gamma function
 *   fir        1 within its bin after the onset, else 0: the coefficient is the mean of the response in the bin
 *   gaussians  exp(-(t - k w)^2 / 2 w^2) about the onset plus k w, k = 0 ... length / w: Homer's default basis
 *
 * The last two are of the onset alone: they do not know how long an event lasts.
 *
 * @throws DataError `not-positive` (length, width), `too-many` (more than 60 columns)
 * @see Glover, NeuroImage 1999;9:416-29 (table 1, auditory); Huppert et al., Appl Opt 2009;48:D280-98 (HomER); Dale, Hum Brain
 * Mapp 1999;8:109-14 (fir)
 */
export function responseFamily(family: ResponseFamily, options: FamilyOptions = {}): readonly ResponseFunction[] {
  if (family === "canonical") return responseFunctions("none");
  if (family === "glover") return [tabled("glover", (t) => bump(t, 6, 0.9) - 0.35 * bump(t, 12, 0.9))];
  if (family === "gamma") {
    const hump = (t: Seconds): number => {
      const u = (t - 0.1) / 3;
      return u > 0 ? Math.E * u * u * Math.exp(-u * u) : 0;
    };
    return [tabled("gamma", hump)];
  }
  const length = options.length ?? 24;
  const width = options.width ?? (family === "fir" ? 2 : 1);
  if (!(length > 0 && width > 0 && width <= length)) {
    throw new DataError("not-positive", "a response has a length and bins within it", {
      found: `${length} s, bins of ${width} s`,
    });
  }
  const count = Math.round(length / width) + (family === "fir" ? 0 : 1);
  if (count > 60)
    throw new DataError("too-many", "columns of one condition", { expected: "at most 60", found: `${count}` });
  const slack = 1e-9;
  return Array.from({ length: count }, (_, k) => {
    const from = k * width;
    const at =
      family === "fir"
        ? (t: Seconds): number => (t >= from - slack && t < from + width - slack ? 1 : 0)
        : (t: Seconds): number => Math.exp(-((t - from) ** 2) / (2 * width * width));
    return {
      ...tabled(`${family}${String(k).padStart(2, "0")}`, () => 0),
      locked: at,
      centre: family === "fir" ? from + width / 2 : from,
    };
  });
}

/** (t/d)^a exp(-(t - d)/b), d = a b: 1 at its peak. */
function bump(t: Seconds, a: number, b: number): number {
  const d = a * b;
  return t > 0 ? Math.exp(a * Math.log(t / d) - (t - d) / b) : 0;
}

/** Tabulated over 32 s, of integral 1 where it has one. */
function tabled(name: string, at: (t: Seconds) => number): ResponseFunction {
  const step = 0.01;
  const raw = Float64Array.from({ length: 3201 }, (_, i) => at(i * step));
  const area = integralOf(raw, step).at(-1) as number;
  const values = area === 0 ? raw : raw.map((v) => v / area);
  return { name, step, values, integral: integralOf(values, step) };
}
