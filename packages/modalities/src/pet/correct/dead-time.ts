import { DataError, type Seconds } from "@quintet/core";

/**
 * Share of time in which a detector is live at a measured singles rate m, by its dead time tau:
 *
 *   non-paralysable  m = t / (1 + t tau)       live = m / t = 1 - m tau
 *   paralysable      m = t exp(-t tau)         live = exp(-t tau), t the solution below the maximum 1 / tau
 *
 * (Knoll, Radiation Detection and Measurement, chapter 4). A pair of detectors is live for the product of both shares: it
 * multiplies n.
 *
 * @param rate m, counts per second
 * @throws DataError `not-positive`, `saturated` (no true rate gives so many counts)
 */
export function liveFraction(rate: number, deadTime: Seconds, kind: "paralysable" | "non-paralysable"): number {
  if (!(rate >= 0 && deadTime >= 0 && Number.isFinite(rate + deadTime))) {
    throw new DataError("not-positive", "a rate and a dead time", { found: `${rate} 1/s, ${deadTime} s` });
  }
  const load = rate * deadTime;
  const most = kind === "paralysable" ? Math.exp(-1) : 1;
  if (load >= most) {
    throw new DataError("saturated", `no true rate gives ${rate} counts per second at a dead time of ${deadTime} s`, {
      expected: `less than ${most / deadTime} 1/s`,
      found: `${rate} 1/s`,
    });
  }
  if (kind === "non-paralysable") return 1 - load;
  // x exp(-x) = load on 0 <= x < 1 by Newton from below, where the function is concave: never past the root.
  let x = 0;
  for (let i = 0; i < 200; i++) {
    const step = (load * Math.exp(x) - x) / (1 - load * Math.exp(x));
    if (!(Math.abs(step) > 1e-15)) break;
    x += step;
  }
  return Math.exp(-x);
}
