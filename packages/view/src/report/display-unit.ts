/** Units inside Quintet are SI and UCUM; a reader wants µM and µV². Only the view changes them. */

export interface DisplayUnit {
  readonly unit: string;
  /** Shown value = stored value * scale. */
  readonly scale: number;
}

const known: Readonly<Record<string, DisplayUnit>> = {
  "1": { unit: "ratio", scale: 1 },
  "": { unit: "ratio", scale: 1 },
  "{z}": { unit: "z", scale: 1 },
  "{count}": { unit: "counts", scale: 1 },
  "{count}/mm": { unit: "counts per mm of line", scale: 1 },
  "{arbitrary}": { unit: "a.u.", scale: 1 },
  "{probability}": { unit: "probability", scale: 1 },
  "mol/L": { unit: "µM", scale: 1e6 },
  V: { unit: "µV", scale: 1e6 },
  V2: { unit: "µV²", scale: 1e12 },
  "V²": { unit: "µV²", scale: 1e12 },
  "V2/Hz": { unit: "µV²/Hz", scale: 1e12 },
  "V²/Hz": { unit: "µV²/Hz", scale: 1e12 },
  Bq: { unit: "MBq", scale: 1e-6 },
  "Bq/mL": { unit: "kBq/mL", scale: 1e-3 },
  mm3: { unit: "mm³", scale: 1 },
  Cel: { unit: "°C", scale: 1 },
};

export function displayUnit(unit: string): DisplayUnit {
  return known[unit] ?? { unit: unit.replace(/[{}]/g, ""), scale: 1 };
}
