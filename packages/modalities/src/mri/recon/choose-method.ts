import { DataError } from "@quintet/core";
import type { ReconMethod } from "./coil-image.ts";
import type { SamplingPattern } from "./sampling-pattern.ts";

/** Lines of calibration that maps can be learnt from: ESPIRiT's kernel of 6 and room to move it. */
const leastForMaps = 8;
/** Measured lines on which one missing line stands in GRAPPA's default kernel, along y and along z. */
const grappaLines = [4, 2] as const;

export interface ChosenMethod {
  readonly method: ReconMethod;
  readonly because: string;
  readonly problem?: string;
}

/**
 * The method that the measured lines ask for: all there: the transform alone; every R-th line and a centre wide enough for
 * the kernel: GRAPPA, else ESPIRiT; no such rule: compressed sensing.
 *
 * @param calibration lines along y and z that sensitivities can be learnt from
 * @throws DataError `no-calibration` when lines are missing on a rule and nothing tells the coils apart
 */
export function chooseMethod(
  { acceleration, regular }: SamplingPattern,
  calibration: readonly [number, number],
  coils: number,
  nz: number,
): ChosenMethod {
  const [ry, rz] = acceleration;
  const reduced = ry * rz > 1;
  if (!reduced && regular) return { method: "fft", because: "all lines were measured" };
  const rule = reduced ? `every ${ry} x ${rz} line was measured` : "lines are missing without a rule";
  const centre = `a centre of ${calibration.join(" x ")} lines`;
  if (coils === 1)
    return { method: "fft", because: rule, problem: `${rule}, and one coil alone cannot fill the gaps: zero-filled` };
  const spans = grappaLines.every((lines, axis) => {
    const r = acceleration[axis] as number;
    return r === 1 || (calibration[axis] as number) > (lines - 1) * r + 1;
  });
  if (regular && spans) return { method: "grappa", because: `${rule}, ${centre}` };
  const mapped = calibration[0] >= leastForMaps && (nz === 1 || calibration[1] >= Math.min(leastForMaps, nz));
  if (mapped) return { method: regular ? "espirit" : "cs", because: `${rule}, ${centre}` };
  if (!regular)
    return {
      method: "fft",
      because: rule,
      problem: `${rule}, and ${centre} is too small to learn the coils: zero-filled`,
    };
  throw new DataError("no-calibration", "lines were left out, and no calibration lines tell the coils apart", {
    expected: `a fully measured centre of at least ${leastForMaps} lines, or calibration readouts`,
    found: `${rule}, ${centre}`,
  });
}
