import { DataError, type Events, mapTime, type Seconds, type TimeMap } from "@quintet/core";
import { median } from "../statistics/robust.ts";
import { type HrfDerivatives, type ResponseFunction, responseAt, responseFunctions } from "./hrf.ts";

export interface NamedCourse {
  readonly name: string;
  /** One value per sample or volume. */
  readonly values: ArrayLike<number>;
}

export interface DesignOptions {
  /** When each sample holds, seconds on `clock`; of a BOLD volume its start and the slice-timing reference. */
  readonly sampleTimes: readonly Seconds[];
  readonly clock: string;
  /** From one sample or volume to the next. */
  readonly repetitionTime: Seconds;
  /** Default "none". */
  readonly derivatives?: HrfDerivatives;
  /** Instead of the canonical response and its derivatives. */
  readonly responses?: readonly ResponseFunction[];
  /** Longest period kept, seconds; default 128. `Infinity` leaves drifts in. */
  readonly highPass?: Seconds;
  readonly confounds?: readonly NamedCourse[];
  /** Volumes that must not count: each gets a column of its own. */
  readonly censored?: readonly number[];
  /** Takes the events' clock to `clock` where they differ. */
  readonly toClock?: TimeMap;
}

export interface Condition {
  readonly name: string;
  /** Columns of its responses. */
  readonly columns: readonly number[];
  readonly events: number;
  /** Events outside the scan, left out. */
  readonly outside: number;
  /** Seconds; the median. */
  readonly duration: Seconds;
}

export interface Design {
  readonly names: readonly string[];
  /** [sample][column] */
  readonly rows: readonly Float64Array[];
  readonly conditions: readonly Condition[];
  readonly censored: readonly number[];
}

/**
 * Design matrix of a block or event design.
 *
 * Of each kind of event (`type`) the canonical response, with its derivatives if wanted:
 *
 *   x(t) = (1/s) sum_e [H(t - onset_e) - H(t - onset_e - duration_e)],   H the integral of h  (h itself for an instant)
 *
 * at any onset to 10 ms: nothing is rounded to volumes. s is the peak of the response to one event of the condition's
 * median duration, so that a coefficient is the peak of the response, in the unit of the data. Then confounds, one column
 * per censored volume, slow cosines cos(pi k (n + 1/2) / N), k = 1 .. floor(2 N TR / highPass), and the constant.
 *
 * @throws DataError `clock-mismatch`, `no-events`, `events-outside` (a condition without any event in the scan),
 *   `shape-mismatch` (a confound of another length), `bad-volume`, `bad-high-pass`
 * @see Friston et al., Hum Brain Mapp 1994;2:189-210; Holmes et al., NeuroImage 1997;5:S480 (cosines)
 */
export function eventDesign(events: Events, options: DesignOptions): Design {
  const { sampleTimes, clock, repetitionTime, confounds = [], censored = [], toClock } = options;
  const n = sampleTimes.length;
  if (toClock ? toClock.from !== events.clock || toClock.to !== clock : events.clock !== clock) {
    throw new DataError("clock-mismatch", "events and samples must be on one clock, or a map must join them", {
      expected: clock,
      found: toClock ? `${events.clock} and a map ${toClock.from} -> ${toClock.to}` : events.clock,
    });
  }
  if (events.list.length === 0) throw new DataError("no-events", "a design needs events");
  const responses = options.responses ?? responseFunctions(options.derivatives ?? "none");
  const columns: NamedCourse[] = [];
  const conditions: Condition[] = [];
  const end = (sampleTimes.at(-1) as number) + repetitionTime;
  for (const name of [...new Set(events.list.map(({ type }) => type))].sort()) {
    const own = events.list
      .filter(({ type }) => type === name)
      .map(({ onset, duration }) => ({ onset: toClock ? mapTime(toClock, onset) : onset, duration }));
    const inside = own.filter(
      ({ onset, duration }) => onset + duration > (sampleTimes[0] as number) - 32 && onset < end,
    );
    if (inside.length === 0) {
      throw new DataError("events-outside", `no event "${name}" lies within the scan`, {
        expected: `${(sampleTimes[0] as number).toFixed(1)} to ${end.toFixed(1)} s`,
        found: `${own.length} events, the first at ${own[0]?.onset} s`,
      });
    }
    const duration = median(inside.map((event) => event.duration));
    const scale = responses[0]?.locked ? 1 : peakOf(responses[0] as ResponseFunction, duration);
    conditions.push({
      name,
      columns: responses.map((_, k) => columns.length + k),
      events: inside.length,
      outside: own.length - inside.length,
      duration,
    });
    for (const response of responses) {
      columns.push({
        name: response === responses[0] && !response.locked ? name : `${name}_${response.name}`,
        values: sampleTimes.map(
          (t) => inside.reduce((sum, e) => sum + responseAt(response, t - e.onset, e.duration), 0) / scale,
        ),
      });
    }
  }
  columns.push(...confounds, ...spikes(censored, n), ...slowCosines(n, repetitionTime, options.highPass ?? 128));
  columns.push({ name: "constant", values: new Float64Array(n).fill(1) });
  for (const { name, values } of columns) {
    if (values.length !== n || !Array.from(values).every(Number.isFinite))
      throw new DataError("shape-mismatch", `course ${name} must have a finite value for each sample`, {
        expected: `${n}`,
        found: `${values.length}`,
      });
  }
  return {
    names: columns.map(({ name }) => name),
    rows: sampleTimes.map((_, t) => Float64Array.from(columns, ({ values }) => values[t] as number)),
    conditions,
    censored: [...censored],
  };
}

function peakOf(response: ResponseFunction, duration: Seconds): number {
  let peak = 0;
  for (let t = 0; t <= duration + 32; t += 0.05) peak = Math.max(peak, responseAt(response, t, duration));
  return peak;
}

function spikes(censored: readonly number[], n: number): NamedCourse[] {
  return [...new Set(censored)].map((volume, k) => {
    if (!(Number.isInteger(volume) && volume >= 0 && volume < n))
      throw new DataError("bad-volume", "a censored volume must be there", {
        expected: `0 to ${n - 1}`,
        found: `${volume}`,
      });
    const values = new Float64Array(n);
    values[volume] = 1;
    return { name: `motion_outlier${String(k).padStart(2, "0")}`, values };
  });
}

/** The cosines of a high-pass filter, without the constant. @throws DataError `bad-high-pass` */
export function slowCosines(n: number, repetitionTime: Seconds, highPass: Seconds): NamedCourse[] {
  if (!(highPass > 2 * repetitionTime))
    throw new DataError("bad-high-pass", "the longest period kept must be longer than two volumes", {
      found: `${highPass} s`,
    });
  const count = Math.floor((2 * n * repetitionTime) / highPass);
  return Array.from({ length: Math.min(count, n - 1) }, (_, k) => ({
    name: `cosine${String(k).padStart(2, "0")}`,
    values: Float64Array.from({ length: n }, (_, t) => Math.cos((Math.PI * (k + 1) * (t + 0.5)) / n)),
  }));
}
