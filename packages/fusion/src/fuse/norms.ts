/** Normative tables: what healthy people of an age and sex show, and how far from it one person is. */
import { DataError, type Measure, type Participant } from "@quintet/core";
import { leastSquares } from "@quintet/kernels";

/** Fewest controls from which a table is made. */
export const fewestControls = 10;

export interface Control {
  readonly participant: Participant;
  readonly measures: readonly Measure[];
}

export interface Norm {
  readonly region: string;
  readonly side?: string;
  readonly modality: string;
  readonly measure: string;
  readonly unit: string;
  /** Controls behind this row. */
  readonly n: number;
  /** value = b0 + b1 age + b2 male; a term that the controls cannot tell (all of one sex, one age) is 0. */
  readonly coefficients: readonly [number, number, number];
  readonly residualSd: number;
  readonly degreesOfFreedom: number;
  /** (X'X)^-1, 3x3 row-major, zero rows and columns for terms left out: gives the leverage of a new person. */
  readonly spread: readonly number[];
  readonly ageRange: readonly [number, number];
}

export interface NormTable {
  readonly format: "quintet-norms";
  readonly version: 1;
  /** Tracer and scanner the controls share, in words; a person of another group is not compared. */
  readonly group: string;
  readonly norms: readonly Norm[];
}

/** Region, side, modality, measure and unit: two values with one key may be compared. */
export function measureKey(
  m: Pick<Measure, "region" | "modality" | "measure" | "unit"> & { readonly side?: string },
): string {
  return [m.region, m.side ?? "", m.modality, m.measure, m.unit].join("\u0001");
}

/**
 * Ordinary least squares per measure over the controls: value = b0 + b1 age + b2 male + e, SD of e on n - p degrees.
 *
 * @throws DataError `too-few-controls` below 10 controls; a measure with fewer than 10 values is left out
 * @throws DataError `no-age` when a control has no age or sex
 * @throws DataError `rank-deficient` when age and sex cannot be told apart (all men of one age, all women of another)
 */
export function buildNorms(controls: readonly Control[], group: string): NormTable {
  if (controls.length < fewestControls) {
    throw new DataError("too-few-controls", "a normative table needs more people", {
      expected: `at least ${fewestControls} controls`,
      found: `${controls.length}`,
    });
  }
  const nameless = controls.find(({ participant }) => participant.age === undefined || participant.sex === undefined);
  if (nameless) {
    throw new DataError("no-age", `control ${nameless.participant.label} has no age or sex in participants.tsv`);
  }
  const values = new Map<string, { measure: Measure; rows: { age: number; male: number; value: number }[] }>();
  for (const { participant, measures } of controls) {
    for (const measure of measures) {
      if (!Number.isFinite(measure.value)) continue;
      const key = measureKey(measure);
      const entry = values.get(key) ?? { measure, rows: [] };
      entry.rows.push({ age: participant.age as number, male: participant.sex === "M" ? 1 : 0, value: measure.value });
      values.set(key, entry);
    }
  }
  const norms = [...values.values()]
    .filter(({ rows }) => rows.length >= fewestControls)
    .flatMap(({ measure, rows }) => fit(measure, rows));
  return { format: "quintet-norms", version: 1, group, norms };
}

function fit(measure: Measure, rows: readonly { age: number; male: number; value: number }[]): readonly Norm[] {
  const varies = (of: (row: (typeof rows)[number]) => number): boolean =>
    rows.some((row) => of(row) !== of(rows[0] as (typeof rows)[number]));
  const terms = [0, ...(varies((r) => r.age) ? [1] : []), ...(varies((r) => r.male) ? [2] : [])];
  const design = rows.map((r) => terms.map((t) => [1, r.age, r.male][t] as number));
  const {
    coefficients: beta,
    spread,
    variance,
    dof,
  } = leastSquares(
    design,
    rows.map((r) => r.value),
  );
  const residualSd = Math.sqrt(variance);
  // What rounding leaves of a value that is the same in everybody is no spread to measure anyone by.
  if (!(residualSd > 1e-9 * Math.max(...rows.map((r) => Math.abs(r.value))))) return [];
  const coefficients: [number, number, number] = [0, 0, 0];
  const full = Array<number>(9).fill(0);
  terms.forEach((term, i) => {
    coefficients[term] = beta[i] as number;
    terms.forEach((other, j) => {
      full[term * 3 + other] = spread[i * terms.length + j] as number;
    });
  });
  const ages = rows.map((r) => r.age);
  const { region, side, modality, measure: name, unit } = measure;
  return [
    {
      region,
      ...(side === undefined ? {} : { side }),
      modality,
      measure: name,
      unit,
      n: rows.length,
      coefficients,
      residualSd,
      degreesOfFreedom: dof,
      spread: full,
      ageRange: [Math.min(...ages), Math.max(...ages)],
    },
  ];
}

/**
 * z of one person's measures against the table:
 *
 *   z = (value - b0 - b1 age - b2 male) / (SD sqrt(1 + x' (X'X)^-1 x))
 *
 * with the prediction error of a new person, so that |z| > 2 keeps its meaning for small n. Measures without a norm,
 * and people outside the controls' ages by more than 5 years, get no z.
 */
export function applyNorms(
  measures: readonly Measure[],
  table: NormTable,
  participant: Participant,
): readonly Measure[] {
  const byKey = new Map(table.norms.map((norm) => [measureKey(norm as Norm & Measure), norm]));
  const { age, sex } = participant;
  if (age === undefined || sex === undefined) return measures;
  const x = [1, age, sex === "M" ? 1 : 0];
  return measures.map((measure) => {
    const norm = byKey.get(measureKey(measure));
    if (!norm || age < norm.ageRange[0] - 5 || age > norm.ageRange[1] + 5) return measure;
    let leverage = 0;
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 3; j++) leverage += (x[i] as number) * (norm.spread[i * 3 + j] as number) * (x[j] as number);
    const predicted = norm.coefficients.reduce((sum, b, i) => sum + b * (x[i] as number), 0);
    return { ...measure, z: (measure.value - predicted) / (norm.residualSd * Math.sqrt(1 + leverage)) };
  });
}
