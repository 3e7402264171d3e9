/** Which photons counted, for the scatter: what is asked for, else what the file states, else a usual window of LSO. */
import type { EnergyWindow } from "@quintet/modalities/pet";

const usual: EnergyWindow = { low: 430, high: 610, resolution: 0.12 };

export interface KnownWindow {
  readonly window: EnergyWindow;
  /** What was taken though the file says otherwise, or says nothing. */
  readonly notes: readonly string[];
}

/**
 * @param asked limits in keV, both or neither, and the resolution (FWHM at 511 keV as a share of it); what is absent is not asked for
 * @param stated of the file; limits that do not hold 511 keV, and a resolution outside 0 to 1, count as not stated
 */
export function energyWindow(asked: Partial<EnergyWindow>, stated: Partial<EnergyWindow>): KnownWindow {
  const told = limitsOf(stated);
  const holds = told && told.low < 511 && told.high > 511 ? told : undefined;
  const wanted = limitsOf(asked);
  const limits = wanted ?? holds ?? usual;
  const resolution = asked.resolution ?? shareOf(stated.resolution) ?? usual.resolution;
  const inWords = ({ low, high }: { low: number; high: number }): string => `${low} to ${high} keV`;
  const notes: string[] = [];
  if (!wanted && !holds) notes.push(`the file states no energy window: scatter is estimated for ${inWords(usual)}`);
  if (wanted && holds && (wanted.low !== holds.low || wanted.high !== holds.high))
    notes.push(
      `the file states an energy window of ${inWords(holds)}: scatter is estimated for ${inWords(wanted)}, as asked`,
    );
  return { window: { low: limits.low, high: limits.high, resolution }, notes };
}

function limitsOf({ low, high }: Partial<EnergyWindow>): { low: number; high: number } | undefined {
  return low !== undefined && high !== undefined && high > low ? { low: rounded(low), high: rounded(high) } : undefined;
}

function shareOf(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 && value < 1 ? rounded(value) : undefined;
}

/** Files hold these as float32. */
const rounded = (value: number): number => Number(value.toPrecision(6));
