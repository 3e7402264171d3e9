import {
  binOfDetectors,
  circleRadius,
  DataError,
  detectorsPerRing,
  type ListMode,
  type Millimetres,
  ringCount,
  type SinogramLayout,
} from "@quintet/core";

/**
 * Which pairs of detectors a list-mode scan is of, as a sinogram of single pairs: tangential bins as far from the middle, and
 * rings as far apart, as any coincidence of it (prompt or delayed), and, without delayed events, all pairs whose line comes within
 * `reachOfImage` of the axis.
 *
 * A scanner accepts pairs within a fan that the list does not state. Randoms fill it: where the list has delayed events, the
 * farthest event tells it. Without them the events only tell where the head is, and what all pairs see of the image must not
 * end there: a voxel on the rim of a fan is seen by few lines, and what they add up to is then unlike its mean.
 *
 * @param reachOfImage from the axis, mm
 * @throws DataError `no-events`, `bad-event`
 */
export function listModeLayout(events: ListMode, reachOfImage: Millimetres = 0): SinogramLayout {
  const { scanner, a, b, timeDifference } = events;
  const [n, rings] = [detectorsPerRing(scanner), ringCount(scanner)];
  if (a.length === 0) throw new DataError("no-events", "the list holds no coincidences");
  const full: SinogramLayout = { scanner, views: n / 2, bins: n - 1, span: 1, maxRingDifference: rings - 1 };
  // Distance from the middle, in bins, of detectors that lie `turn` apart.
  const away = Int32Array.from({ length: n }, (_, turn) => {
    const found = turn === 0 ? undefined : binOfDetectors(full, 0, turn);
    return found ? Math.abs(found.bin - (full.bins >> 1)) : -1;
  });
  const least = events.delayed?.includes(1) ? 0 : reachOfImage;
  const needed = (n / Math.PI) * Math.asin(Math.min(1, least / circleRadius(scanner)));
  let [reach, difference] = [Math.ceil(needed), 0];
  for (let i = 0; i < a.length; i++) {
    const [da, db] = [a[i] as number, b[i] as number];
    if (da >= n * rings || db >= n * rings) {
      throw new DataError("bad-event", `event ${i} names a detector that ${scanner.name} does not have`, {
        expected: `0 to ${n * rings - 1}`,
        found: `${da}, ${db}`,
      });
    }
    reach = Math.max(reach, away[((db % n) - (da % n) + n) % n] as number);
    difference = Math.max(difference, Math.abs(Math.floor(da / n) - Math.floor(db / n)));
  }
  const timed = timeDifference && scanner.timeOfFlight;
  return {
    ...full,
    bins: Math.min(full.bins, 2 * reach + 1),
    maxRingDifference: difference,
    ...(timed ? { timeOfFlight: { bins: timed.bins, width: timed.width } } : {}),
  };
}
