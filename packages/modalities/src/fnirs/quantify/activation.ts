import { type Channel, DataError, type Montage, type Seconds } from "@quintet/core";
import { type ChannelRow, studentTwoSided, summarise } from "@quintet/kernels";
import { pairMidpoint, pairName } from "../correct/pairs.ts";
import type { BlockResponse } from "./block-average.ts";

export interface ActivationOptions {
  /** Seconds after onset over which the response is averaged; default 5 .. 10. */
  readonly window?: readonly [Seconds, Seconds];
}

/** Amplitude of one channel's response with its test against zero. */
export interface Activation extends ChannelRow {
  /** "S1-D2". */
  readonly pair: string;
  readonly kind: Channel["kind"];
  readonly eventType: string;
  readonly n: number;
  readonly standardError: number;
  readonly t: number;
  /** Two-sided, Student with n - 1 degrees of freedom; not corrected for the number of channels. */
  readonly p: number;
}

/**
 * Response amplitude of every channel: the mean over `window` in each trial, then mean, standard error and t over trials.
 *
 *   t = mean / (sd / sqrt n),   n - 1 degrees of freedom
 *
 * @throws DataError `bad-window` when no sample lies in the window
 */
export function activation(response: BlockResponse, { window = [5, 10] }: ActivationOptions = {}): Activation[] {
  return response.channels.map((channel, index) => {
    const { n, mean, standardError } = summarise(amplitudes(response, index, window));
    const t = mean / standardError;
    return {
      channel: channel.name,
      pair: pairName(channel),
      kind: channel.kind,
      eventType: response.type,
      measure: `${channel.kind}-amplitude`,
      value: mean,
      unit: "mol/L",
      standardError,
      n,
      t,
      p: n > 1 ? studentTwoSided(t, n - 1) : Number.NaN,
      method: `mean ${window[0]} to ${window[1]} s after "${response.type}", block average over ${n} trials`,
    };
  });
}

/** One number per trial: the channel's mean over the window. */
function amplitudes(
  { times, trials }: BlockResponse,
  channel: number,
  [from, to]: readonly [Seconds, Seconds],
): number[] {
  const slack = 1e-9;
  const inside = [...times.keys()].filter(
    (i) => (times[i] as number) >= from - slack && (times[i] as number) <= to + slack,
  );
  if (inside.length === 0) {
    throw new DataError("bad-window", "no sample of the response lies in the window", {
      expected: `inside ${times[0]} .. ${times.at(-1)} s`,
      found: `${from} .. ${to} s`,
    });
  }
  return trials.map((trial) => {
    let sum = 0;
    for (const i of inside) sum += trial[channel * times.length + i] as number;
    return sum / inside.length;
  });
}

export interface Lateralisation {
  readonly eventType: string;
  readonly kind: "hbo" | "hbr" | "hbt";
  /** Mean amplitude over the channels of each side, mol/L. */
  readonly left: number;
  readonly right: number;
  /** left - right, mol/L, with its standard error over trials and Student's t. */
  readonly difference: number;
  readonly standardError: number;
  readonly t: number;
  readonly p: number;
  /** (L - R) / (|L| + |R|): 1 all left, -1 all right. Unstable when both are near 0: read it with t. */
  readonly index: number;
  readonly channels: { readonly left: number; readonly right: number };
  readonly n: number;
}

/** Nearer to the midline than this a channel belongs to no side, mm. */
const midline = 5;

/**
 * Which side answers: mean amplitude of the channels left (x < 0) and right of the midline, trial by trial.
 * Bad channels are left out; give a response of long channels only.
 *
 * @throws DataError `no-channels` (a side without channels), `no-position`, `bad-window`
 */
export function lateralisation(
  response: BlockResponse,
  montage: Montage,
  { window = [5, 10], kind = "hbo" }: ActivationOptions & { readonly kind?: "hbo" | "hbr" | "hbt" } = {},
): Lateralisation {
  const sides: { readonly left: number[]; readonly right: number[] } = { left: [], right: [] };
  response.channels.forEach((channel, index) => {
    if (channel.kind !== kind || channel.status === "bad") return;
    const x = pairMidpoint(montage, channel)[0];
    if (x < -midline) sides.left.push(index);
    else if (x > midline) sides.right.push(index);
  });
  if (sides.left.length === 0 || sides.right.length === 0) {
    throw new DataError("no-channels", `one side of the head has no ${kind} channel`, {
      found: `${sides.left.length} left, ${sides.right.length} right`,
    });
  }
  const perTrial = (channels: readonly number[]): number[] => {
    const rows = channels.map((channel) => amplitudes(response, channel, window));
    return response.trials.map((_, trial) => rows.reduce((sum, row) => sum + (row[trial] as number), 0) / rows.length);
  };
  const [left, right] = [perTrial(sides.left), perTrial(sides.right)];
  const { mean, standardError, n } = summarise(left.map((l, trial) => l - (right[trial] as number)));
  const [l, r] = [summarise(left).mean, summarise(right).mean];
  const t = mean / standardError;
  return {
    eventType: response.type,
    kind,
    left: l,
    right: r,
    difference: mean,
    standardError,
    t,
    p: n > 1 ? studentTwoSided(t, n - 1) : Number.NaN,
    index: (l - r) / (Math.abs(l) + Math.abs(r)),
    channels: { left: sides.left.length, right: sides.right.length },
    n,
  };
}
