/** What spherical splines do for a recording: bad channels made from the others, and the current source density. */
import { type Channel, DataError, type Montage, type Point, type Recording } from "@quintet/core";
import { currentSourceDensity, fitSphere, type SplineOptions, splineInterpolation } from "@quintet/kernels";
import { isBrain } from "./electrode-name.ts";
import { sumChannels, withGroups } from "./linear-channels.ts";
import { placedChannels } from "./placed-channels.ts";

const fewest = 4;

/**
 * Bad EEG channels from the good ones by spherical splines about the sphere fitted to all placed electrodes. They count as
 * good afterwards; the note `interpolated` names them.
 *
 * @throws DataError `no-positions` (a bad channel without a place, or fewer than four good ones with one)
 */
export function interpolateBad(recording: Recording, montage: Montage, options: SplineOptions = {}): Recording {
  const named: string[] = [];
  const done = withGroups(
    recording,
    (group) => {
      const bad = group.channels.filter((channel) => channel.kind === "eeg" && channel.status === "bad");
      if (bad.length === 0) return group;
      const good = placedChannels(group, montage, (channel) => channel.kind === "eeg" && isBrain(channel));
      const missing = placedChannels(group, montage, (channel) => bad.includes(channel));
      const lost = bad.filter((channel) => !missing.some((place) => place.channel === channel));
      if (lost.length > 0 || good.length < fewest) throw withoutPlaces(lost, good.length);
      const centred = aboutCentre([...good, ...missing].map(({ position }) => position));
      const weights = splineInterpolation(centred.slice(0, good.length), centred.slice(good.length), options);
      const from = good.map(({ index }) => index);
      const sums = missing.map(({ index }, i) => ({ channel: index, from, weights: weights[i] as Float64Array }));
      named.push(...bad.map(({ name }) => name));
      const channels = group.channels.map((channel) =>
        bad.includes(channel) ? { ...channel, status: "good" as const } : channel,
      );
      return { ...sumChannels(group, sums), channels };
    },
    {},
  );
  return { ...done, notes: { ...done.notes, ...(named.length > 0 ? { interpolated: named.join(", ") } : {}) } };
}

/**
 * Current source density of the good, placed EEG channels in V/m2: free of any reference. Channels without a place and bad
 * ones are left out of the density and of the result; other kinds stay.
 *
 * @param headRadius mm; that of the fitted sphere without it
 * @throws DataError `no-positions`
 */
export function sourceDensity(
  recording: Recording,
  montage: Montage,
  { headRadius, ...options }: SplineOptions & { readonly headRadius?: number } = {},
): Recording {
  const done = withGroups(
    recording,
    (group) => {
      const placed = placedChannels(group, montage, (channel) => channel.kind === "eeg" && isBrain(channel));
      if (placed.length === 0) return group;
      if (placed.length < fewest) throw withoutPlaces([], placed.length);
      const positions = placed.map(({ position }) => position);
      const radius = (headRadius ?? fitSphere(positions).radius) / 1000;
      const weights = currentSourceDensity(aboutCentre(positions), radius, options);
      const from = placed.map(({ index }) => index);
      const dense = sumChannels(
        group,
        placed.map(({ index }, i) => ({ channel: index, from, weights: weights[i] as Float64Array })),
      );
      const kept = group.channels.flatMap(({ kind }, index) => (kind !== "eeg" || from.includes(index) ? [index] : []));
      const rows = group.channels.length;
      return {
        ...group,
        channels: kept.map((index): Channel => {
          const channel = group.channels[index] as Channel;
          return channel.kind === "eeg" ? { ...channel, unit: "V/m2" } : channel;
        }),
        segments: dense.segments.map(({ start, data }) => {
          const n = data.length / rows;
          const some = data.slice(0, kept.length * n);
          for (const [row, index] of kept.entries()) some.set(data.subarray(index * n, (index + 1) * n), row * n);
          return { start, data: some };
        }),
      };
    },
    { reference: "none: current source density by spherical splines" },
  );
  const any = done.groups.some(({ channels }) => channels.some(({ unit }) => unit === "V/m2"));
  if (!any) throw withoutPlaces([], 0);
  return done;
}

function aboutCentre(positions: readonly Point[]): Point[] {
  const { centre } = fitSphere(positions);
  return positions.map((p): Point => [p[0] - centre[0], p[1] - centre[1], p[2] - centre[2]]);
}

function withoutPlaces(lost: readonly Channel[], good: number): DataError {
  return new DataError("no-positions", "spherical splines need the places of the electrodes", {
    expected: `${fewest} good EEG channels with a place, and one for each that is made anew`,
    found: lost.length > 0 ? `no place for ${lost.map(({ name }) => name).join(", ")}` : `${good} with a place`,
  });
}
