import { type Channel, DataError, type Events, type Montage, type Recording, type TimeMap } from "@quintet/core";
import {
  type ArDesign,
  type ArIrlsResult,
  arDesign,
  arIrlsAll,
  bisquareFit,
  type Design,
  eventDesign,
  type FamilyOptions,
  type HrfDerivatives,
  type Hypothesis,
  type NamedCourse,
  type ResponseFamily,
  responseFamily,
  slowCosines,
  summarise,
} from "@quintet/kernels";
import { isOptical, selectChannels, splitByDistance } from "../correct/pairs.ts";
import { effectTest } from "./effect-test.ts";
import { type EmbeddingOptions, embeddedCourses } from "./embedded-courses.ts";
import { type ShortRegressors, shortCourses } from "./short-channels.ts";

export interface LinearModelOptions {
  /** "ar-irls" (default) or robust regression without a noise model, which finds far too much in correlated noise. */
  readonly noise?: "ar-irls" | "robust";
  /** Regressors from short channels; default "mean" where there are any, else "none". */
  readonly short?: ShortRegressors | "tcca";
  /** Of "tcca". */
  readonly embedding?: EmbeddingOptions;
  /** Form of the response; default "canonical". */
  readonly response?: ResponseFamily;
  /** Of a free response ("fir", "gaussians"): its length and bins, and the window (s) whose mean is the effect, default 5 .. 10. */
  readonly form?: FamilyOptions & { readonly window?: readonly [from: number, to: number] };
  /** Combinations of conditions: weights by name; one row of weights gives a t, several an F. */
  readonly contrasts?: readonly ConditionContrast[];
  /** Columns beside the canonical response; default "none". */
  readonly derivatives?: HrfDerivatives;
  /** Longest period kept, s; default 128. */
  readonly highPass?: number;
  /** Longest noise model, s of past; default 4. */
  readonly memory?: number;
  readonly toClock?: TimeMap;
}

export interface ConditionContrast {
  readonly name: string;
  readonly rows: readonly Readonly<Record<string, number>>[];
}

export interface ChannelContrast extends Hypothesis {
  readonly channel: Channel;
  readonly name: string;
}

/** A free response: its course, and the test whether there is any. */
export interface ChannelResponse {
  readonly channel: Channel;
  readonly condition: string;
  /** s after the onset. */
  readonly times: Float64Array;
  /** mol/L */
  readonly values: Float64Array;
  readonly standardErrors: Float64Array;
  readonly test: Hypothesis;
}

/** The response of one channel to one kind of event. */
export interface ChannelEffect {
  readonly channel: Channel;
  readonly condition: string;
  /** Peak of the response to one event of median duration; of a free response its mean in the window; mol/L. */
  readonly value: number;
  readonly standardError: number;
  readonly t: number;
  readonly dof: number;
  /** Two-sided. */
  readonly p: number;
}

export interface LinearModel {
  readonly effects: readonly ChannelEffect[];
  /** Order of the noise model of each long channel, by name; 0 without one. */
  readonly orders: ReadonlyMap<string, number>;
  /** Variance inflation of each condition's canonical column by the others: above 5 its estimate hangs on theirs. */
  readonly inflation: ReadonlyMap<string, number>;
  /** Of the contrasts that were asked for. */
  readonly contrasts: readonly ChannelContrast[];
  /** Of a free response; else empty. */
  readonly responses: readonly ChannelResponse[];
  readonly short: { readonly used: ShortRegressors | "tcca"; readonly leftOut: readonly string[] };
}

/**
 * Responses by a linear model of each long channel,
 *
 *   y = sum_c b_c x_c + short channels + slow cosines + constant + noise,
 *
 * x_c the canonical response to the events of condition c (peak 1, so that b is the peak in mol/L) or the bins of a free one,
 * the noise autoregressive with heavy tails (AR-IRLS). Nothing may have been low-passed before. Degrees of freedom of
 * every t and F are those that estimating the noise leaves (`effectTest`).
 *
 * @param concentration one group and one segment of hbo and hbr, mol/L
 * @throws DataError `no-channels`, `one-recording` (more than one group or segment: noise models do not cross gaps),
 *   `not-finite` (naming the channel), `no-short-channels`, `bad-contrast` (an unknown condition), `bad-window`, and those of
 *   eventDesign, embeddedCourses and arIrls
 * @see Barker, Aarabi & Huppert, Biomed Opt Express 2013;4:1366-79; Santosa et al., Algorithms 2018;11:73
 */
export function linearModel(
  concentration: Recording,
  montage: Montage,
  events: Events,
  options: LinearModelOptions = {},
): LinearModel {
  const { short, long } = splitByDistance(concentration, montage);
  const [group, ...others] = long.groups;
  if (!group) throw new DataError("no-channels", "the recording has no pair more than 15 mm apart");
  if (others.length > 0 || group.segments.length !== 1) {
    throw new DataError("one-recording", "a noise model does not cross gaps: one group and one segment at a time", {
      found: `${long.groups.length} groups, ${group.segments.length} segments`,
    });
  }
  const { rate, channels } = group;
  const { start, data } = group.segments[0] as (typeof group.segments)[number];
  const n = data.length / channels.length;
  const how = options.short ?? (short.groups.length > 0 ? "mean" : "none");
  const { coursesFor, leftOut } =
    how === "tcca" ? embedded(concentration, long, short, options.embedding) : shortCourses(short, montage, how);
  const design = eventDesign(events, {
    sampleTimes: Array.from({ length: n }, (_, t) => start + t / rate),
    clock: concentration.clock,
    repetitionTime: 1 / rate,
    derivatives: options.derivatives ?? "none",
    ...(options.response === undefined || options.response === "canonical"
      ? {}
      : { responses: responseFamily(options.response, options.form) }),
    highPass: Number.POSITIVE_INFINITY,
    ...(options.toClock ? { toClock: options.toClock } : {}),
  });
  const slow = slowCosines(n, 1 / rate, options.highPass ?? 128);
  const mostOrder = Math.min(Math.floor(n / 4), Math.max(1, Math.round((options.memory ?? 4) * rate)));
  // Channels with the same courses beside the task share a design.
  const shared = new Map<string, { readonly whole: ArDesign; readonly members: number[] }>();
  for (const [row, channel] of channels.entries()) {
    if (!data.subarray(row * n, (row + 1) * n).every(Number.isFinite))
      throw new DataError("not-finite", `channel ${channel.name} has values that are no numbers`);
    const courses = coursesFor(channel);
    const key = courses.map(({ name }) => name).join("\n");
    const same = shared.get(key) ?? { whole: stacked(design, [...courses, ...slow], n, mostOrder), members: [] };
    same.members.push(row);
    shared.set(key, same);
  }
  const fits: { readonly fit: ArIrlsResult; readonly whole: ArDesign }[] = [];
  for (const { whole, members } of shared.values()) {
    // Concentrations are near 1e-6 mol/L: in micromole per litre nothing is lost to rounding.
    const series = members.map((row) => Float64Array.from(data.subarray(row * n, (row + 1) * n), (v) => v * 1e6));
    const found =
      options.noise === "robust"
        ? series.map((y) => ({ ...bisquareFit(whole.x, y, whole.columns), noise: new Float64Array(0), rounds: 0 }))
        : arIrlsAll(whole, series);
    for (const [k, row] of members.entries()) fits[row] = { fit: found[k] as ArIrlsResult, whole };
  }
  const free = options.response === "fir" || options.response === "gaussians";
  const centres = free
    ? Float64Array.from(responseFamily(options.response as ResponseFamily, options.form), ({ centre }) => centre ?? 0)
    : undefined;
  const weights = new Map(
    design.conditions.map(({ name, columns }) => [name, effectWeights(columns, centres, options.form?.window)]),
  );
  const contrasts: ChannelContrast[] = [];
  const responses: ChannelResponse[] = [];
  const effects: ChannelEffect[] = [];
  const orders = new Map<string, number>();
  const inflation = new Map<string, number>();
  for (const [row, channel] of channels.entries()) {
    const { fit, whole } = fits[row] as (typeof fits)[number];
    orders.set(channel.name, fit.noise.length);
    for (const { name, columns } of design.conditions) {
      const found = effectTest(whole, fit, [rowOf({ [name]: 1 }, weights, whole.columns)]);
      const [value, standardError] = [(found.value as number) / 1e6, (found.standardError as number) / 1e6];
      effects.push({
        channel,
        condition: name,
        value,
        standardError,
        t: found.statistic,
        dof: found.dof[1],
        p: found.p,
      });
      if (centres) responses.push(freeResponse(channel, name, columns, centres, fit, whole));
      const worst = Math.max(...columns.map((j) => inflationOf(whole, j)));
      inflation.set(name, Math.max(inflation.get(name) ?? 0, worst));
    }
    for (const { name, rows } of options.contrasts ?? []) {
      const found = effectTest(
        whole,
        fit,
        rows.map((row) => rowOf(row, weights, whole.columns)),
      );
      const { value, standardError } = found;
      contrasts.push({
        ...found,
        ...(value === undefined ? {} : { value: value / 1e6 }),
        ...(standardError === undefined ? {} : { standardError: standardError / 1e6 }),
        channel,
        name,
      });
    }
  }
  return { effects, orders, inflation, contrasts, responses, short: { used: how, leftOut } };
}

/** Short channels and what else was recorded (auxiliary signals), embedded; the same regressors for all long channels. */
function embedded(
  concentration: Recording,
  long: Recording,
  short: Recording,
  options: EmbeddingOptions | undefined,
): { readonly coursesFor: () => readonly NamedCourse[]; readonly leftOut: readonly string[] } {
  const aux = selectChannels(concentration, (channel) => !isOptical(channel));
  const { courses, leftOut } = embeddedCourses(long, { ...short, groups: [...short.groups, ...aux.groups] }, options);
  return { coursesFor: () => courses, leftOut };
}

/** Of a canonical response its first column; of a free one the mean over the bins whose middle lies in the window. */
function effectWeights(
  columns: readonly number[],
  centres: Float64Array | undefined,
  [from, to]: readonly [number, number] = [5, 10],
): ReadonlyMap<number, number> {
  if (!centres) return new Map([[columns[0] as number, 1]]);
  const inside = columns.filter((_, k) => (centres[k] as number) >= from && (centres[k] as number) <= to);
  if (inside.length === 0) {
    throw new DataError("bad-window", "no bin of the response lies in the window of its effect", {
      expected: `within ${centres[0]} to ${centres.at(-1)} s`,
      found: `${from} to ${to} s`,
    });
  }
  return new Map(inside.map((j) => [j, 1 / inside.length]));
}

/** A row over all columns of the design. @throws DataError `bad-contrast` */
function rowOf(
  weights: Readonly<Record<string, number>>,
  effects: ReadonlyMap<string, ReadonlyMap<number, number>>,
  columns: number,
): Float64Array {
  const row = new Float64Array(columns);
  for (const [name, weight] of Object.entries(weights)) {
    const own = effects.get(name);
    if (!own) {
      throw new DataError("bad-contrast", "a contrast names a condition that is not there", {
        expected: [...effects.keys()].join(", "),
        found: name,
      });
    }
    for (const [j, w] of own) row[j] = (row[j] as number) + weight * w;
  }
  return row;
}

function freeResponse(
  channel: Channel,
  condition: string,
  columns: readonly number[],
  times: Float64Array,
  fit: ArIrlsResult,
  whole: ArDesign,
): ChannelResponse {
  const wide = whole.columns;
  const rows = columns.map((j) => Float64Array.from({ length: wide }, (_, k) => (k === j ? 1 : 0)));
  return {
    channel,
    condition,
    times,
    values: Float64Array.from(columns, (j) => (fit.coefficients[j] as number) / 1e6),
    standardErrors: Float64Array.from(columns, (j) => Math.sqrt(fit.covariance[j * wide + j] as number) / 1e6),
    test: effectTest(whole, fit, rows),
  };
}

function stacked(design: Design, more: readonly NamedCourse[], n: number, mostOrder: number): ArDesign {
  const names = [...design.names, ...more.map(({ name }) => name)];
  const x = new Float64Array(n * names.length);
  for (const [t, values] of design.rows.entries()) for (const [j, v] of values.entries()) x[j * n + t] = v;
  for (const [k, { values }] of more.entries()) x.set(values, (design.names.length + k) * n);
  return arDesign(x, n, mostOrder, names);
}

/** 1 / (1 - R^2) of column j given the others (the constant among them): its squares about the mean times (X'X)^-1_jj. */
function inflationOf({ x, rows, columns, basis }: ArDesign, j: number): number {
  const { sd } = summarise(x.subarray(j * rows, (j + 1) * rows));
  let own = 0;
  for (let k = j; k < columns; k++) own += (basis.inverseR[j * columns + k] as number) ** 2;
  return sd * sd * (rows - 1) * own;
}
