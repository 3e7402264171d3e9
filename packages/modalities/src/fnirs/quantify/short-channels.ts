import { type Channel, DataError, type Montage, type Recording } from "@quintet/core";
import { type NamedCourse, principalShapes, summarise } from "@quintet/kernels";
import { pairMidpoint, pairName } from "../correct/pairs.ts";

/** How the short channels' courses become regressors of a long one; short channels see the scalp alone. */
export type ShortRegressors = "none" | "mean" | "nearest" | "components";

export interface ShortCourses {
  /** The regressors of one long channel. */
  readonly coursesFor: (channel: Channel) => readonly NamedCourse[];
  /** Short channels that were left out because they hold values that are no numbers, or do not vary. */
  readonly leftOut: readonly string[];
}

/** What the principal components must explain together. */
const explained = 0.95;

/**
 * Regressors out of short channels, each standardised to mean 0 and variance 1:
 *
 *   mean        the mean of the standardised short channels of the long one's kind (HbO for HbO, HbR for HbR)
 *   nearest     the short channel of its kind whose middle lies nearest to its own
 *   components  the first principal components of all short channels, both kinds, until 95 % of the variance
 *
 * @param short one group and one segment of concentrations
 * @throws DataError `no-short-channels` when none is left, `no-position` (nearest)
 * @see Scholkmann et al., Physiol Meas 2014;35:717-34 (nearest); Santosa et al., Algorithms 2020;13:112 (as regressors of
 * the linear model; components)
 */
export function shortCourses(short: Recording, montage: Montage, how: ShortRegressors): ShortCourses {
  if (how === "none") return { coursesFor: () => [], leftOut: [] };
  const [group] = short.groups;
  const data = group?.segments[0]?.data;
  const kept: { readonly channel: Channel; readonly values: Float64Array }[] = [];
  const leftOut: string[] = [];
  for (const [row, channel] of (group?.channels ?? []).entries()) {
    const n = (data as Float32Array).length / (group as { channels: readonly Channel[] }).channels.length;
    const values = (data as Float32Array).subarray(row * n, (row + 1) * n);
    const { mean, sd } = summarise(values);
    if (!(Number.isFinite(mean) && sd > 0)) leftOut.push(channel.name);
    else kept.push({ channel, values: Float64Array.from(values, (v) => (v - mean) / sd) });
  }
  if (kept.length === 0) {
    throw new DataError("no-short-channels", "no short channel is left to take the scalp's signal from", {
      expected: "at least one pair up to 15 mm apart",
      found: leftOut.length > 0 ? `${leftOut.length} whose values are no numbers or do not vary` : "none",
    });
  }
  const ofKind = (kind: Channel["kind"]): typeof kept => kept.filter(({ channel }) => channel.kind === kind);
  if (how === "mean") {
    const means = new Map(
      kept.map(({ channel: { kind } }) => [kind, meanOf(ofKind(kind).map(({ values }) => values))]),
    );
    return { coursesFor: ({ kind }) => named(`short_mean_${kind}`, means.get(kind)), leftOut };
  }
  if (how === "nearest") {
    return {
      coursesFor: (channel) => {
        const here = pairMidpoint(montage, channel);
        const away = (other: Channel): number => {
          const there = pairMidpoint(montage, other);
          return Math.hypot(there[0] - here[0], there[1] - here[1], there[2] - here[2]);
        };
        const [first] = ofKind(channel.kind).sort((a, b) => away(a.channel) - away(b.channel));
        return first ? named(`short_${pairName(first.channel)}`, first.values) : [];
      },
      leftOut,
    };
  }
  const components = principalCourses(kept.map(({ values }) => values));
  const courses = components.map((values, k) => ({ name: `short_component${k + 1}`, values }));
  return { coursesFor: () => courses, leftOut };
}

function named(name: string, values: Float64Array | undefined): NamedCourse[] {
  return values ? [{ name, values }] : [];
}

function meanOf(all: readonly Float64Array[]): Float64Array {
  const sum = new Float64Array((all[0] as Float64Array).length);
  for (const values of all) for (let t = 0; t < sum.length; t++) sum[t] = (sum[t] as number) + (values[t] as number);
  return standardised(sum);
}

/** The components of largest variance until they explain enough of the channels together. */
function principalCourses(all: readonly Float64Array[]): Float64Array[] {
  if (all.length === 1) return [...all];
  const total = all.reduce((sum, values) => sum + dot(values, values), 0);
  const out: Float64Array[] = [];
  let share = 0;
  for (const shape of principalShapes(all, all.length)) {
    if (share >= explained * total) break;
    share += all.reduce((sum, values) => sum + dot(values, shape) ** 2, 0);
    out.push(standardised(shape));
  }
  return out;
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, x, t) => sum + x * (b[t] as number), 0);
}

function standardised(values: Float64Array): Float64Array {
  const { mean, sd } = summarise(values);
  return sd > 0 ? values.map((v) => (v - mean) / sd) : values;
}
