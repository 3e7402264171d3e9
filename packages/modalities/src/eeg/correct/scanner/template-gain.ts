import type { Hertz, QcFinding, Seconds } from "@quintet/core";

/** A template that repeats every `period` seconds, made of `window` neighbours and the occurrence itself. */
export interface RepeatedTemplate {
  readonly period: Seconds;
  readonly window: number;
}

/** A frequency, or a band from .. to. */
export type Interest = Hertz | readonly [from: Hertz, to: Hertz];

/**
 * What a moving template leaves of a steady oscillation that is no artefact,
 *
 *   g(f) = |1 - 1/N sum_j exp(2 pi i f j P)|,   N = window + 1 occurrences about the middle one,
 *
 * 0 where f is a multiple of 1/P, within a few per cent of 1 between those.
 */
export function templateGain(frequency: Hertz, { period, window }: RepeatedTemplate): number {
  const n = window + 1;
  const half = n >> 1;
  let [re, im] = [1, 0];
  for (let j = -half; j < n - half; j++) {
    const angle = 2 * Math.PI * frequency * j * period;
    re -= Math.cos(angle) / n;
    im -= Math.sin(angle) / n;
  }
  return Math.hypot(re, im);
}

/** Places a band is looked at. */
const looks = 400;
/** Power a band may lose unsaid, and a single frequency its amplitude. */
const allowed = 0.05;

/**
 * Warns where what is of interest is locked to the scanner: no template can tell an oscillation that repeats with every volume
 * (or slice) from the artefact.
 */
export function lockedFindings(interest: readonly Interest[], template: RepeatedTemplate): QcFinding[] {
  const { period } = template;
  return interest.map((what): QcFinding => {
    if (typeof what === "number") {
      const kept = templateGain(what, template);
      const cycles = what * period;
      return {
        modality: "eeg",
        name: `kept-at-${what}-Hz`,
        value: kept,
        unit: "1",
        verdict: Math.abs(kept - 1) <= allowed ? "ok" : kept < 0.5 ? "bad" : "warn",
        note: `${what} Hz is ${cycles.toFixed(3)} cycles of the template's ${(1000 * period).toFixed(3)} ms${
          Math.abs(kept - 1) <= allowed
            ? ""
            : `: locked to the scanner, ${(100 * (1 - kept)).toFixed(0)} % of it is lost`
        }`,
      };
    }
    const [from, to] = what;
    let power = 0;
    for (let i = 0; i < looks; i++)
      power += templateGain(from + ((i + 0.5) / looks) * (to - from), template) ** 2 / looks;
    const lines = Math.floor(to * period) - Math.ceil(from * period) + 1;
    return {
      modality: "eeg",
      name: `kept-of-${from}-to-${to}-Hz`,
      value: power,
      unit: "1",
      verdict: Math.abs(power - 1) <= allowed ? "ok" : power < 0.5 ? "bad" : "warn",
      note: `share of the power of steady noise; ${lines} multiples of ${(1 / period).toFixed(4)} Hz, which the template takes, lie inside`,
    };
  });
}
