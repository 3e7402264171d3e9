import { type Channel, DataError, type Events, type Montage, type Recording, type TimeMap } from "@quintet/core";
import {
  type ArDesign,
  type ArIrlsResult,
  arDesign,
  arIrlsAll,
  bisquareFit,
  type Design,
  effectiveDof,
  eventDesign,
  type HrfDerivatives,
  type NamedCourse,
  slowCosines,
  studentTwoSided,
  summarise,
} from "@quintet/kernels";
import { splitByDistance } from "../correct/pairs.ts";
import { type ShortRegressors, shortCourses } from "./short-channels.ts";

export interface LinearModelOptions {
  /** "ar-irls" (default) or robust regression without a noise model, which finds far too much in correlated noise. */
  readonly noise?: "ar-irls" | "robust";
  /** Regressors from short channels; default "mean" where there are any, else "none". */
  readonly short?: ShortRegressors;
  /** Columns beside the canonical response; default "none". */
  readonly derivatives?: HrfDerivatives;
  /** Longest period kept, s; default 128. */
  readonly highPass?: number;
  /** Longest noise model, s of past; default 4. */
  readonly memory?: number;
  readonly toClock?: TimeMap;
}

/** The response of one channel to one kind of event. */
export interface ChannelEffect {
  readonly channel: Channel;
  readonly condition: string;
  /** Peak of the response to one event of median duration, mol/L. */
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
  readonly short: { readonly used: ShortRegressors; readonly leftOut: readonly string[] };
}

/**
 * Responses by a linear model of each long channel,
 *
 *   y = sum_c b_c x_c + short channels + slow cosines + constant + noise,
 *
 * x_c the canonical response to the events of condition c (peak 1, so that b is the peak in mol/L), the noise
 * autoregressive with heavy tails (AR-IRLS). Nothing may have been low-passed before.
 *
 * @param concentration one group and one segment of hbo and hbr, mol/L
 * @throws DataError `no-channels`, `one-recording` (more than one group or segment: noise models do not cross gaps),
 *   `not-finite` (naming the channel), `no-short-channels`, and those of eventDesign and arIrls
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
  const { coursesFor, leftOut } = shortCourses(short, montage, how);
  const design = eventDesign(events, {
    sampleTimes: Array.from({ length: n }, (_, t) => start + t / rate),
    clock: concentration.clock,
    repetitionTime: 1 / rate,
    derivatives: options.derivatives ?? "none",
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
  const effects: ChannelEffect[] = [];
  const orders = new Map<string, number>();
  const inflation = new Map<string, number>();
  for (const [row, channel] of channels.entries()) {
    const { fit, whole } = fits[row] as (typeof fits)[number];
    orders.set(channel.name, fit.noise.length);
    for (const { name, columns } of design.conditions) {
      const j = columns[0] as number;
      const value = (fit.coefficients[j] as number) / 1e6;
      const standardError = Math.sqrt(fit.covariance[j * whole.columns + j] as number) / 1e6;
      const t = value / standardError;
      const alone = Float64Array.from({ length: whole.columns }, (_, k) => (k === j ? 1 : 0));
      const dof = effectiveDof(whole, fit.covariance, fit.noise, fit.dof, alone);
      effects.push({ channel, condition: name, value, standardError, t, dof, p: studentTwoSided(t, dof) });
      if (!inflation.has(name)) inflation.set(name, inflationOf(whole, j));
    }
  }
  return { effects, orders, inflation, short: { used: how, leftOut } };
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
