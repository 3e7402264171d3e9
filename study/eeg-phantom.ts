/**
 * Spikes of the phantom's hidden focus: how many are found, and how far from the focus their sources lie.
 *
 *   npm run study -- eeg-phantom [--seeds 1,2,3,4]
 *
 * The phantom's EEG is of dipoles in one homogeneous sphere (0.33 S/m); sources are sought in that sphere ("same head") and in four
 * spheres with a skull ("other head"), at the half rise of the average over the true spikes; and of the kind that the detector found,
 * where it found one. Distances in mm to the dipole that was simulated.
 *
 * `detection` is the limit: the share of the spikes found at 0.25 to 1 false ones a minute by the envelope of every channel (k moved),
 * by the envelope of one channel that is a beamformer with the spikes' own map, and by the matched filter that knows their map and their
 * course (`matchSpikes` with the average at the true times): nothing that does not know them can do better in Gaussian noise.
 */
import { parseArgs } from "node:util";
import { apply, type Channel, type Point, type Recording } from "@quintet/core";
import { fitSphere, mapFilter, spherePotential } from "@quintet/kernels";
import {
  averageReference,
  clusterSpikes,
  detectSpikes,
  dipoleAt,
  type Evoked,
  epochAverage,
  estimateSources,
  filterRecording,
  matchSpikes,
  restCovariance,
  type SourceHead,
  sourceData,
  sphereGrid,
  sphereHead,
} from "@quintet/modalities/eeg";
import { simulateStudy } from "@quintet/twin";

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { seeds: { type: "string", default: "1,2,3,4" } } });
  for (const seed of values.seeds.split(",").map(Number)) {
    const { eeg, truth } = simulateStudy({ seed, resolution: 4 });
    if (truth.focus === null) continue;
    const plain = averageReference(eeg.recording);
    const clean = filterRecording(plain, { low: 1, high: 40 });
    const focus = apply(truth.poses.cap.matrix, truth.focus.centre);
    const times = truth.eeg.spikes;
    const found = Object.fromEntries(
      [2.5, 3.65].map((threshold) => {
        const spikes = detectSpikes(plain, { threshold });
        const hits = times.filter((t) => spikes.some(({ time }) => Math.abs(time - t) < 0.15)).length;
        const wrong = spikes.filter(({ time }) => times.every((t) => Math.abs(time - t) >= 0.15)).length;
        return [
          threshold,
          {
            hits,
            wrong,
            kinds: spikes.length > 0 ? clusterSpikes(clean, spikes).map(({ members }) => members.length) : [],
          },
        ];
      }),
    );
    const minutes =
      (plain.groups[0]?.segments[0]?.data.length ?? 0) /
      (plain.groups[0]?.channels.length ?? 1) /
      (plain.groups[0]?.rate ?? 1) /
      60;
    const events = { clock: clean.clock, list: times.map((onset) => ({ onset, duration: 0, type: "spike" })) };
    const evoked = epochAverage(clean, events, { window: [-0.3, 0.5], baseline: [-0.3, -0.1] });
    console.log(
      JSON.stringify({ study: "eeg-phantom", seed, detection: detection(plain, clean, evoked, times, minutes) }),
    );
    const names = evoked.channels.map(({ name }) => name);
    const spheres = sphereHead(eeg.montage, names);
    const heads = { "same head": homogeneous(spheres), "other head": spheres };
    const { centre, radius } = fitSphere(spheres.electrodes);
    const grid = sphereGrid(eeg.montage.space, centre, 0.86 * radius, 8);
    const apart = (p: Point): number =>
      Math.round(10 * Math.hypot(p[0] - focus[0], p[1] - focus[1], p[2] - focus[2])) / 10;
    for (const [name, head] of Object.entries(heads)) {
      const data = sourceData(evoked, head);
      const noise = restCovariance(clean, times, data.channels, evoked.n);
      const dipole = dipoleAt(data, 0, grid.places, noise);
      const zero = evoked.times.findIndex((t) => t >= -1e-9);
      const largest = (method: "sloreta" | "dspm"): number => {
        const { amplitudes } = estimateSources(data, grid.places, noise, { method });
        const top = amplitudes.reduce(
          (best, a, i) => ((a[zero] as number) > (amplitudes[best]?.[zero] as number) ? i : best),
          0,
        );
        return apart(grid.places[top] as Point);
      };
      console.log(
        JSON.stringify({
          study: "eeg-phantom",
          seed,
          focus: `${truth.focus.side} ${truth.focus.lobe}`,
          eccentricity: Number((Math.hypot(...focus.map((v, k) => v - (centre[k] as number))) / radius).toFixed(2)),
          head: name,
          spikes: times.length,
          found,
          dipole: apart(dipole.position),
          ellipsoid: dipole.axes.map(({ length }) => Number(length.toFixed(1))),
          goodness: Number(dipole.goodness.toFixed(3)),
          sloreta: largest("sloreta"),
          dspm: largest("dspm"),
        }),
      );
    }
  }
}

const ks = Array.from({ length: 12 }, (_, k) => 1.5 * 1.08 ** k);
const sds = Array.from({ length: 40 }, (_, k) => 1 + 0.15 * k);

function detection(plain: Recording, clean: Recording, evoked: Evoked, times: readonly number[], minutes: number) {
  const judged = (found: readonly { readonly time: number }[]) => ({
    hits: times.filter((t) => found.some(({ time }) => Math.abs(time - t) < 0.15)).length,
    wrong: found.filter(({ time }) => times.every((t) => Math.abs(time - t) >= 0.15)).length / minutes,
  });
  const matched = matchSpikes(clean, evoked, { threshold: sds[0] as number });
  const focal = seenBy(plain, evoked);
  const curves = {
    envelope: ks.map((threshold) => ({ threshold, ...judged(detectSpikes(plain, { threshold })) })),
    beamformed: ks.map((threshold) => ({ threshold, ...judged(detectSpikes(focal, { threshold })) })),
    matched: sds.map((threshold) => ({ threshold, ...judged(matched.found.filter(({ score }) => score > threshold)) })),
  };
  const at = (curve: (typeof curves)["matched"], limit: number) => {
    const first = curve.findIndex((_, k) => curve.slice(k).every(({ wrong }) => wrong <= limit));
    const point = curve[first];
    return point ? [Number(point.threshold.toFixed(2)), `${point.hits}/${times.length}`] : [];
  };
  return {
    detectability: Number(matched.detectability.toFixed(2)),
    ...Object.fromEntries(
      Object.entries(curves).map(([name, curve]) => [
        name,
        Object.fromEntries([0.1, 0.25, 0.5, 1].map((limit) => [limit, at(curve, limit)])),
      ]),
    ),
  };
}

/** One channel: the recording through the beamformer of the average's map. */
function seenBy(recording: Recording, { channels, times, mean }: Evoked): Recording {
  const zero = times.findIndex((t) => t >= -1e-9);
  const [group] = recording.groups;
  const [segment] = group?.segments ?? [];
  if (!group || !segment) return recording;
  const n = segment.data.length / group.channels.length;
  const banded = filterRecording(recording, { low: 1, high: 40 }).groups[0]?.segments[0]?.data ?? segment.data;
  const rows = channels.map((_, c) => banded.subarray(c * n, (c + 1) * n));
  const map = channels.map((_, c) => mean[c * times.length + zero] as number);
  const weights = mapFilter([rows], map);
  const data = Float64Array.from({ length: n }, (_, t) =>
    rows.reduce((sum, row, c) => sum + (weights[c] as number) * (row[t] as number), 0),
  );
  const channel: Channel = { name: "focus", kind: "eeg", unit: "V", sensors: ["focus"] };
  return {
    ...recording,
    groups: [{ rate: group.rate, channels: [channel], segments: [{ start: segment.start, data }] }],
  };
}

/** The phantom's own head: one shell. */
function homogeneous(spheres: SourceHead): SourceHead {
  const { centre, radius } = fitSphere(spheres.electrodes);
  const metres = (p: Point): Point => [(p[0] - centre[0]) / 1000, (p[1] - centre[1]) / 1000, (p[2] - centre[2]) / 1000];
  const electrodes = spheres.electrodes.map(metres);
  return {
    ...spheres,
    leadField: (places) => {
      const rows = electrodes.map(() => new Float64Array(3 * places.length));
      for (const [i, place] of places.entries()) {
        const lead = spherePotential(electrodes, metres(place), [{ radius: radius / 1000, conductivity: 0.33 }]);
        for (const [e, row] of rows.entries()) row.set(lead.subarray(3 * e, 3 * e + 3), 3 * i);
      }
      return rows;
    },
  };
}
