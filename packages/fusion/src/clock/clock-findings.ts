import type { Seconds, TimeMap } from "@quintet/core";

/** Something about a stream's time that its reader should know. */
export interface ClockFinding {
  readonly kind: "drift" | "reset" | "gap" | "duplicate" | "wrap-around";
  /** On the stream's clock. */
  readonly time: Seconds;
  readonly text: string;
}

/** Two quartz clocks of 50 ppm each stay within this. */
const usualDrift = 100e-6;

/** Drift beyond two ordinary quartz clocks, and resets, of a map. */
export function mapFindings(map: TimeMap): readonly ClockFinding[] {
  const drifts = map.pieces.flatMap(({ rate, anchor }): readonly ClockFinding[] => {
    const drift = rate - 1;
    if (!(Math.abs(drift) > usualDrift)) return [];
    return [
      {
        kind: "drift",
        time: anchor,
        text: `runs ${Math.abs(drift * 1e6).toFixed(0)} ppm ${drift > 0 ? "slow" : "fast"} against ${map.to}`,
      },
    ];
  });
  const resets = map.pieces.slice(0, -1).map(({ until, offset, rate, anchor }, k): ClockFinding => {
    const next = map.pieces[k + 1] as (typeof map.pieces)[number];
    const jump = next.offset + next.rate * (until - next.anchor) - (offset + rate * (until - anchor));
    return { kind: "reset", time: until, text: `the clock jumped by ${(-jump).toFixed(3)} s` };
  });
  return [...drifts, ...resets];
}

/** Pauses between the segments of a recording, as samples that are missing. */
export function gapFindings(
  segments: readonly { readonly start: Seconds; readonly samples: number }[],
  rate: number,
): readonly ClockFinding[] {
  return segments.slice(1).flatMap((segment, k): readonly ClockFinding[] => {
    const before = segments[k] as (typeof segments)[number];
    const end = before.start + before.samples / rate;
    const missing = Math.round((segment.start - end) * rate);
    return missing === 0 ? [] : [{ kind: "gap", time: end, text: `${missing} samples are missing` }];
  });
}

/** The same mark twice within a millisecond. */
export function duplicateFindings(
  marks: readonly { readonly onset: Seconds; readonly type: string }[],
): readonly ClockFinding[] {
  const last = new Map<string, Seconds>();
  return marks
    .toSorted((a, b) => a.onset - b.onset)
    .flatMap(({ onset, type }): readonly ClockFinding[] => {
      const before = last.get(type);
      last.set(type, onset);
      if (before === undefined || onset - before > 1e-3) return [];
      return [{ kind: "duplicate", time: onset, text: `the mark ${type} stands twice` }];
    });
}

/**
 * A tick counter of 16, 24 or 32 bits that began again at 0: a step back of almost its whole range.
 *
 * @param ticks counter values in the order they came
 * @returns the values as if the counter had more bits, and where it wrapped
 */
export function unwrapCounter(
  ticks: ArrayLike<number>,
  tick: Seconds,
): { readonly ticks: Float64Array; readonly findings: readonly ClockFinding[] } {
  const out = Float64Array.from(ticks);
  const findings: ClockFinding[] = [];
  let added = 0;
  for (let i = 1; i < ticks.length; i++) {
    const back = (ticks[i - 1] as number) - (ticks[i] as number);
    const bits = [16, 24, 32].find((n) => back > 0.9 * 2 ** n && back < 2 ** n);
    if (bits !== undefined) {
      added += 2 ** bits;
      findings.push({
        kind: "wrap-around",
        time: ((ticks[i] as number) + added) * tick,
        text: `its ${bits}-bit counter began again`,
      });
    }
    out[i] = (ticks[i] as number) + added;
  }
  return { ticks: out, findings };
}
