import type { SignalUnit } from "@quintet/core";
import { siFactor, signalUnits } from "@quintet/core";

/** How stored values turn into the inside unit: inside = factor * stored + offset. */
export interface UnitRule {
  readonly unit: SignalUnit;
  readonly factor: number;
  readonly offset: number;
  /** What must be told about this unit. */
  readonly problem?: string;
}

/** Base units a prefix may stand before, and what they are inside. */
const bases: readonly (readonly [string, SignalUnit])[] = [
  ["V", "V"],
  ["volt", "V"],
  ["volts", "V"],
  ["T", "T"],
  ["S", "S"],
  ["mol/L", "mol/L"],
  ["Pa", "Pa"],
  ["m/s2", "m/s2"],
  ["m/s^2", "m/s2"],
  ["rad/s", "rad/s"],
];

const others: Readonly<Record<string, UnitRule>> = {
  "": { unit: "1", factor: 1, offset: 0 },
  "1": { unit: "1", factor: 1, offset: 0 },
  "%": { unit: "1", factor: 0.01, offset: 0 },
  Boolean: { unit: "1", factor: 1, offset: 0 },
  M: { unit: "mol/L", factor: 1, offset: 0 },
  mM: { unit: "mol/L", factor: 1e-3, offset: 0 },
  uM: { unit: "mol/L", factor: 1e-6, offset: 0 },
  nM: { unit: "mol/L", factor: 1e-9, offset: 0 },
  g: { unit: "m/s2", factor: 9.80665, offset: 0 }, // standard gravity, CGPM 1901
  "deg/s": { unit: "rad/s", factor: Math.PI / 180, offset: 0 },
  degC: { unit: "Cel", factor: 1, offset: 0 },
  C: { unit: "{arbitrary}", factor: 1, offset: 0 },
  K: { unit: "K", factor: 1, offset: 0 },
  mmHg: { unit: "Pa", factor: 133.322, offset: 0 }, // conventional millimetre of mercury, 133.322 Pa
};

/**
 * The unit a signal file names, as one of the units inside: uV, µV (0xB5 or Greek mu), mV, nV, V ... become volts.
 * A unit that is none of ours keeps its numbers as "{arbitrary}" and says so: a conductance is never turned into a
 * voltage because a file format thinks in microvolts.
 */
export function signalUnit(stored: string): UnitRule {
  const own = signalUnits.find((unit) => unit === stored.trim());
  if (own !== undefined) return { unit: own, factor: 1, offset: 0 };
  const name = stored.trim().replace(/[µμ]/g, "u").replace(/°/g, "deg");
  for (const [spelling, unit] of bases) {
    const factor = siFactor(name, spelling);
    if (factor !== undefined) return { unit, factor, offset: 0 };
  }
  const lower = name.toLowerCase();
  if (/^[munpk]?v$/.test(lower)) {
    const factor = siFactor(lower.replace("v", "V"), "V");
    if (factor !== undefined) {
      return {
        unit: "V",
        factor,
        offset: 0,
        problem: `unit "${stored.trim()}" was taken as ${lower.replace("v", "V")}`,
      };
    }
  }
  const known = others[name];
  if (known !== undefined && known.unit !== "{arbitrary}") return known;
  return { unit: "{arbitrary}", factor: 1, offset: 0, problem: `unit "${stored.trim()}" is kept as stored numbers` };
}
