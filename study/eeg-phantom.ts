/**
 * Spikes of the phantom's hidden focus: how many are found, and how far from the focus their sources lie.
 *
 *   npm run study -- eeg-phantom [--seeds 1,2,3,4]
 *
 * The phantom's EEG is of dipoles in one homogeneous sphere (0.33 S/m); sources are sought in that sphere ("same head") and in four
 * spheres with a skull ("other head"), at the half rise of the average over the true spikes; and of the kind that the detector found,
 * where it found one. Distances in mm to the dipole that was simulated.
 */
import { parseArgs } from "node:util";
import { apply, type Point } from "@quintet/core";
import { fitSphere, spherePotential } from "@quintet/kernels";
import {
  averageReference,
  clusterSpikes,
  detectSpikes,
  dipoleAt,
  epochAverage,
  estimateSources,
  filterRecording,
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
    const events = { clock: clean.clock, list: times.map((onset) => ({ onset, duration: 0, type: "spike" })) };
    const evoked = epochAverage(clean, events, { window: [-0.3, 0.5], baseline: [-0.3, -0.1] });
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
