/** Normative tables: what healthy people of an age and sex show, and how far from it one person is. */
import { DataError, type Measure, type Participant } from "@quintet/core";
import { leastSquares } from "@quintet/kernels";

/** Fewest controls from which a table is made. */
export const fewestControls = 10;

export interface Control {
  readonly participant: Participant;
  readonly measures: readonly Measure[];
}

export interface NormFit {
  /** Of 1, age, male (and intracranial volume, mL); a term that the controls cannot tell (all of one sex, one age) is 0. */
  readonly coefficients: readonly number[];
  readonly residualSd: number;
  readonly degreesOfFreedom: number;
  /** (X'X)^-1, square, row-major, zero rows and columns for terms left out: gives the leverage of a new person. */
  readonly spread: readonly number[];
}

export interface Norm extends NormFit {
  readonly region: string;
  readonly side?: string;
  readonly modality: string;
  readonly measure: string;
  readonly unit: string;
  /** Controls behind this row. */
  readonly n: number;
  readonly ageRange: readonly [number, number];
  /** With the intracranial volume as a fourth term: of MRI volumes whose controls have it. */
  readonly withHeadSize?: NormFit & { readonly n: number };
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

/** The intracranial volume of a person, mL. */
function headSizeOf(measures: readonly Measure[]): number | undefined {
  const found = measures.find((m) => m.modality === "mri" && m.region === "intracranial" && m.measure === "volume");
  return found && Number.isFinite(found.value) ? found.value : undefined;
}

/** Whether head size explains a measure: volumes of the MRI, but not the intracranial volume itself. */
function growsWithHead({ modality, unit, region }: Measure): boolean {
  return modality === "mri" && unit === "mL" && region !== "intracranial";
}

interface Row {
  readonly age: number;
  readonly male: number;
  readonly headSize: number | undefined;
  readonly value: number;
}

/**
 * Ordinary least squares per measure over the controls: value = b0 + b1 age + b2 male + e, SD of e on n - p degrees; for
 * volumes of the MRI also with b3 (intracranial volume), from the controls that have one.
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
  const values = new Map<string, { measure: Measure; rows: Row[] }>();
  for (const { participant, measures } of controls) {
    const headSize = headSizeOf(measures);
    for (const measure of measures) {
      if (!Number.isFinite(measure.value)) continue;
      const key = measureKey(measure);
      const entry = values.get(key) ?? { measure, rows: [] };
      const male = participant.sex === "M" ? 1 : 0;
      entry.rows.push({ age: participant.age as number, male, headSize, value: measure.value });
      values.set(key, entry);
    }
  }
  const norms = [...values.values()]
    .filter(({ rows }) => rows.length >= fewestControls)
    .flatMap(({ measure, rows }) => normOf(measure, rows));
  return { format: "quintet-norms", version: 1, group, norms };
}

function normOf(measure: Measure, rows: readonly Row[]): readonly Norm[] {
  const found = fit(rows, [() => 1, (r) => r.age, (r) => r.male]);
  if (!found) return [];
  const sized = growsWithHead(measure) ? rows.filter((r) => r.headSize !== undefined) : [];
  const withSize = sized.length >= fewestControls ? fitWithHeadSize(sized) : undefined;
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
      ...found,
      ageRange: [Math.min(...ages), Math.max(...ages)],
      ...(withSize ? { withHeadSize: { ...withSize, n: sized.length } } : {}),
    },
  ];
}

/** None where head size cannot be told from age and sex: z is there all the same. */
function fitWithHeadSize(rows: readonly Row[]): NormFit | undefined {
  try {
    return fit(rows, [() => 1, (r) => r.age, (r) => r.male, (r) => r.headSize as number]);
  } catch (error) {
    if (error instanceof DataError && error.code === "rank-deficient") return undefined;
    throw error;
  }
}

function fit(rows: readonly Row[], columns: readonly ((row: Row) => number)[]): NormFit | undefined {
  const size = columns.length;
  // What is the same in everybody is told by the constant already.
  const terms = columns.flatMap((of, t) => (t === 0 || rows.some((r) => of(r) !== of(rows[0] as Row)) ? [t] : []));
  const {
    coefficients: beta,
    spread,
    variance,
    dof,
  } = leastSquares(
    rows.map((r) => terms.map((t) => (columns[t] as (row: Row) => number)(r))),
    rows.map((r) => r.value),
  );
  const residualSd = Math.sqrt(variance);
  // What rounding leaves of a value that is the same in everybody is no spread to measure anyone by.
  if (!(residualSd > 1e-9 * Math.max(...rows.map((r) => Math.abs(r.value))))) return undefined;
  const coefficients = Array<number>(size).fill(0);
  const full = Array<number>(size * size).fill(0);
  terms.forEach((term, i) => {
    coefficients[term] = beta[i] as number;
    terms.forEach((other, j) => {
      full[term * size + other] = spread[i * terms.length + j] as number;
    });
  });
  return { coefficients, residualSd, degreesOfFreedom: dof, spread: full };
}

/**
 * z and w of one person's measures against the table:
 *
 *   z = (value - x' b) / (SD sqrt(1 + x' (X'X)^-1 x)),   x = (1, age, male);   w the same, x = (1, age, male, TIV)
 *
 * with the prediction error of a new person, so that |z| > 2 keeps its meaning for small n. Measures without a norm,
 * and people outside the controls' ages by more than 5 years, get neither; w needs the person's intracranial volume.
 *
 * @see Jack et al., Neurology 1997;49:786-94 (w: residuals of healthy people's regression; from the literature, not re-checked)
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
  const headSize = headSizeOf(measures);
  return measures.map((measure) => {
    const norm = byKey.get(measureKey(measure));
    if (!norm || age < norm.ageRange[0] - 5 || age > norm.ageRange[1] + 5) return measure;
    const z = distance(measure.value, norm, x);
    const sized = norm.withHeadSize;
    return sized && headSize !== undefined
      ? { ...measure, z, w: distance(measure.value, sized, [...x, headSize]) }
      : { ...measure, z };
  });
}

function distance(value: number, { coefficients, residualSd, spread }: NormFit, x: readonly number[]): number {
  let [leverage, predicted] = [0, 0];
  x.forEach((xi, i) => {
    predicted += (coefficients[i] as number) * xi;
    x.forEach((xj, j) => {
      leverage += xi * (spread[i * x.length + j] as number) * xj;
    });
  });
  return (value - predicted) / (residualSd * Math.sqrt(1 + leverage));
}
