import { type Channel, DataError, type Events, type Recording } from "@quintet/core";
import { averageEpochs, cutEpochs, type EpochWindow } from "@quintet/kernels";

const concentrations = new Set<Channel["kind"]>(["hbo", "hbr", "hbt"]);

/** The response to one type of event. */
export interface BlockResponse {
  readonly type: string;
  /** Seconds from the onset. */
  readonly times: Float64Array;
  readonly channels: readonly Channel[];
  /** [trial]: [channel][time], mol/L, each trial's own baseline removed. */
  readonly trials: readonly Float64Array[];
  /** [channel][time], mol/L. */
  readonly mean: Float64Array;
  /** Of the mean, over trials; NaN with one trial. */
  readonly standardError: Float64Array;
  /** Trials averaged. */
  readonly n: number;
  /** Trials left out because their window leaves the recording or crosses a gap. */
  readonly outside: number;
}

export interface BlockOptions {
  /** Seconds around the onset, both ends included; default -2 .. 20. */
  readonly window?: EpochWindow;
  /** Seconds whose mean is 0 in every trial; default from the window's start to 0. */
  readonly baseline?: EpochWindow;
  /** Event types to average; default all. */
  readonly types?: readonly string[];
}

/**
 * Block average: the mean response to each type of event, with its standard error over trials.
 *
 *   y(t) = 1/N sum_i [ c(t_i + t) - mean over baseline of c(t_i + .) ],   SE(t) = sd_i / sqrt N
 *
 * @returns one response per event type in order of first appearance; a type without a whole trial is left out
 * @throws DataError `no-channels` (no concentrations), `clock-mismatch`, `bad-window`, `no-events`
 */
export function blockAverage(concentration: Recording, events: Events, options: BlockOptions = {}): BlockResponse[] {
  const { window = [-2, 20], types } = options;
  const baseline = options.baseline ?? [window[0], 0];
  const wanted = types ?? [...new Set(events.list.map(({ type }) => type))];
  const responses = wanted.flatMap((type): BlockResponse[] => {
    const list = events.list.filter((event) => event.type === type);
    const epochs = cutEpochs(concentration, { ...events, list }, ({ kind }) => concentrations.has(kind), {
      window,
      baseline,
    });
    if (epochs.data.length === 0) return [];
    return [response(type, epochs.times, epochs.channels, epochs.data, epochs.outside.length)];
  });
  if (responses.length === 0) {
    throw new DataError("no-events", "no event has its whole window inside the recording", {
      expected: types ? types.join(", ") : "any event",
      found: `${events.list.length} events`,
    });
  }
  return responses;
}

function response(
  type: string,
  times: Float64Array,
  channels: readonly Channel[],
  trials: readonly Float64Array[],
  outside: number,
): BlockResponse {
  return { type, times, channels, trials, ...averageEpochs(trials), n: trials.length, outside };
}

/**
 * One response out of several runs with the same channels and times: every trial counts once.
 *
 * @throws DataError `shape-mismatch` (other channels, types or times), `no-events` (none given)
 */
export function poolResponses(runs: readonly BlockResponse[]): BlockResponse {
  const [first, ...rest] = runs;
  if (!first) throw new DataError("no-events", "there is no response to pool");
  for (const run of rest) {
    const same =
      run.type === first.type &&
      run.times.length === first.times.length &&
      run.channels.length === first.channels.length &&
      run.channels.every((channel, i) => channel.name === first.channels[i]?.name);
    if (!same) throw new DataError("shape-mismatch", "runs differ in event type, times or channels");
    const apart = Math.max(...run.times.map((t, i) => Math.abs(t - (first.times[i] as number))));
    const step = first.times.length > 1 ? (first.times[1] as number) - (first.times[0] as number) : 1;
    if (apart > 0.05 * step) throw new DataError("shape-mismatch", `runs' times differ by ${apart} s`);
  }
  const outside = runs.reduce((sum, run) => sum + run.outside, 0);
  return response(
    first.type,
    first.times,
    first.channels,
    runs.flatMap(({ trials }) => trials),
    outside,
  );
}
