import { DataError, type Seconds, type TimeMap, type TimeMapPiece } from "@quintet/core";
import { clockRanges, type Range } from "./clock-resets.ts";
import { robustLine } from "./robust-line.ts";

/** Exchanges of two clocks over a network, as in NTP. */
export interface ClockProbes {
  /** On the device's clock, s. */
  readonly times: ArrayLike<Seconds>;
  /** Host's clock minus the device's at these times: ((t1 - t0) + (t2 - t3)) / 2 seen from the host, s. */
  readonly offsets: ArrayLike<Seconds>;
  /** Round-trip times (t3 - t0) - (t2 - t1), s; empty when they were not kept. */
  readonly roundTrips: ArrayLike<Seconds>;
}

export interface ProbeFit {
  readonly map: TimeMap;
  /** Offset minus the line, s, per probe. */
  readonly residuals: Float64Array;
  readonly used: readonly boolean[];
  /** Stretches between resets of the device's clock. */
  readonly ranges: readonly Range[];
}

/** A probe's offset is off by at most half of what its journey took longer than the fastest one. */
const tickFloor: Seconds = 1e-6;

/**
 * A device's clock on the host's by exchanged probes: a robust line through the offsets of each stretch between resets,
 * probes weighted by 1 / (q^2 + ((rtt - least rtt) / 2)^2), q half the spread of the round trips.
 *
 * What the two directions differ by cannot be seen in any probe: it moves the offset by up to half of the round trip.
 * It stays a bound beside sigma: |bias| <= the used probes' mean rtt / 2.
 *
 * @throws DataError `too-few-probes`, `shape-mismatch`
 * @see Mills, RFC 5905 (NTPv4), sections 8 and 11
 */
export function probeMap(from: string, to: string, probes: ClockProbes): ProbeFit {
  const { times, offsets, roundTrips } = probes;
  const n = times.length;
  if (offsets.length !== n || (roundTrips.length !== 0 && roundTrips.length !== n))
    throw new DataError("shape-mismatch", "each probe has a time, an offset and a round trip", {
      found: `${n}, ${offsets.length}, ${roundTrips.length}`,
    });
  const ranges = n > 1 ? clockRanges(times, offsets) : [{ first: 0, last: n - 1 }];
  const residuals = new Float64Array(n).fill(Number.NaN);
  const used = new Array<boolean>(n).fill(false);
  const pieces: TimeMapPiece[] = [];
  let bound = 0;
  for (const [k, { first, last }] of ranges.entries()) {
    const count = last - first + 1;
    if (count < 3) continue;
    const x = Float64Array.from({ length: count }, (_, i) => times[first + i] as number);
    const y = Float64Array.from(
      { length: count },
      (_, i) => (times[first + i] as number) + (offsets[first + i] as number),
    );
    const trips = roundTrips.length === 0 ? undefined : Float64Array.from(x, (_, i) => roundTrips[first + i] as number);
    const line = robustLine({ x, y, ...(trips === undefined ? {} : { weights: tripWeights(trips) }) });
    const next = ranges[k + 1];
    const until = next === undefined ? Number.POSITIVE_INFINITY : (times[next.first] as number);
    pieces.push({ ...line.piece, until });
    let [sum, kept] = [0, 0];
    for (let i = 0; i < count; i++) {
      residuals[first + i] = line.residuals[i] as number;
      used[first + i] = line.used[i] === true;
      if (trips === undefined || line.used[i] !== true) continue;
      sum += (trips[i] as number) / 2;
      kept++;
    }
    if (kept > 0) bound = Math.max(bound, sum / kept);
  }
  const last = pieces.at(-1);
  if (last === undefined)
    throw new DataError("too-few-probes", "three probes between two resets make a line with an error", {
      found: `${n}`,
    });
  pieces[pieces.length - 1] = { ...last, until: Number.POSITIVE_INFINITY };
  const map: TimeMap = {
    from,
    to,
    method: "probes",
    pieces: pieces as [TimeMapPiece, ...TimeMapPiece[]],
    ...(bound > 0 ? { biasBound: bound } : {}),
  };
  return { map, residuals, used, ranges };
}

function tripWeights(trips: Float64Array): Float64Array {
  const sorted = trips.toSorted();
  const least = sorted[0] as number;
  const spread = Math.max(((sorted[Math.floor(sorted.length / 2)] as number) - least) / 2, tickFloor);
  return trips.map((trip) => spread ** 2 / (spread ** 2 + ((trip - least) / 2) ** 2));
}
