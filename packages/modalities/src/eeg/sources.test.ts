import type { Channel, Montage, Point, Recording, Sensor, Surface, Volume } from "@quintet/core";
import { seededRandom } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { beforeAll, describe, expect, test } from "vitest";
import { lattice } from "../../../../testing/sphere-head.ts";
import { icosphere } from "../mri/quantify/sphere.ts";
import {
  boundaryElementHead,
  type ChannelMaps,
  clusterSpikes,
  detectSpikes,
  dipoleAt,
  estimateSources,
  mapWeights,
  noiseCovariance,
  sourceData,
  sourceGrid,
  sourceVolume,
  sphereGrid,
  sphereHead,
  weighSources,
} from "./index.ts";

const names = Array.from({ length: 40 }, (_, i) => `E${i + 1}`);
const montage: Montage = {
  space: "head",
  sensors: lattice(40, -0.3, 90).map((position, i): Sensor => ({ name: names[i]!, kind: "electrode", position })),
};
const channels = names.map((name): Channel => ({ name, kind: "eeg", unit: "V", sensors: [name] }));
const ball = (radius: number, subdivisions = 2): Surface => {
  const { vertices, faces } = icosphere(subdivisions);
  return { space: "head", vertices: Float32Array.from(vertices, (v) => radius * v), faces: Uint32Array.from(faces) };
};
const head = sphereHead(montage, names);
const truth: Point = [30, -20, 40];
const moment: Point = [2e-8, -1e-8, 3e-8];
/** A dipole that rises and falls over 40 samples of 4 ms with 0.5 uV of white noise, and 400 samples of that noise. */
function simulated(place: Point, seed: number, size = 1, sigma = 5e-7): { maps: ChannelMaps; noise: Float64Array[] } {
  const random = seededRandom(seed);
  const lead = head.leadField([place]);
  const times = Float64Array.from({ length: 41 }, (_, t) => 0.004 * (t - 20));
  const mean = new Float64Array(40 * 41);
  for (let c = 0; c < 40; c++) {
    const gain = size * moment.reduce((s, q, k) => s + q * lead[c]![k]!, 0);
    for (let t = 0; t < 41; t++) mean[c * 41 + t] = gain * Math.exp(-(((t - 20) / 5) ** 2)) + sigma * random.normal();
  }
  const noise = names.map(() => Float64Array.from({ length: 400 }, () => 5e-7 * random.normal()));
  return { maps: { channels, times, mean }, noise };
}
const { maps, noise } = simulated(truth, 5);
const covariance = noiseCovariance(noise);
const data = sourceData(maps, head);
const grid = sphereGrid("head", [0, 0, 20], 50, 10);
const apart = (a: Point, b: Point): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

describe("sources of a dipole in spheres", () => {
  const clean = sourceData(simulated(truth, 5, 1, 0).maps, head);
  /** Of the signal without noise, and of the noise. */
  const together = covariance.covariance.map((row, i) =>
    row.map((v, j) => v + clean.rows[i]!.reduce((sum, x, t) => sum + (x * clean.rows[j]![t]!) / 41, 0)),
  );
  // The grid holds the true place. Without noise sLORETA and eLORETA have no bias; the beamformer has 5 % of regularisation. In noise a
  // sixth of the map's largest value the peak moves to a neighbour, over the cube's diagonal at most.
  test.each([
    ["sloreta", 0, 17.4],
    ["eloreta", 0, 17.4],
    ["lcmv", 10.1, 17.4],
    ["dspm", 45, 45],
    ["minimum-norm", 45, 45],
  ] as const)("%s: the largest amplitude within %f mm, in noise within %f, at the peak", (method, without, most) => {
    const options = method === "lcmv" ? { method, covariance: together } : { method };
    const exact = estimateSources(clean, grid.places, covariance, options).peak;
    expect(apart(exact.place, truth)).toBeLessThanOrEqual(without);
    expect(exact.time).toBeCloseTo(0, 9);
    const { peak, amplitudes, unit } = estimateSources(data, grid.places, covariance, options);
    expect(apart(peak.place, truth)).toBeLessThan(most);
    expect(Math.abs(peak.time)).toBeLessThan(0.013);
    expect(amplitudes.length).toBe(grid.places.length);
    expect(unit).toBe(method === "minimum-norm" || method === "eloreta" ? "A m" : "1");
    const volume = sourceVolume(
      grid,
      amplitudes.map((a) => a[20]!),
      0,
    );
    expect(volume.data[grid.index[peak.source]!]).toBeCloseTo(amplitudes[peak.source]![20]!, 4);
  });

  test("a dipole fit finds the place, and its ellipsoid holds it", () => {
    const fit = dipoleAt(data, 0, grid.places, covariance);
    expect(apart(fit.position, truth)).toBeLessThan(6);
    const off = fit.position.map((v, k) => v - truth[k]!);
    const along = fit.axes.map(({ direction, length }) => direction.reduce((s, v, k) => s + v * off[k]!, 0) / length);
    expect(Math.hypot(...along)).toBeLessThan(1);
    expect(fit.goodness).toBeGreaterThan(0.9);
  });

  test("with normals: fixed moments along them; loose ones lie between fixed and free", () => {
    const normals = grid.places.map((): Point => {
      const size = Math.hypot(...moment);
      return [moment[0] / size, moment[1] / size, moment[2] / size];
    });
    const at = (loose: number): number =>
      estimateSources(data, grid.places, covariance, { normals, loose, method: "dspm" }).peak.value;
    const free = estimateSources(data, grid.places, covariance, { method: "dspm" }).peak.value;
    expect(at(1)).toBeCloseTo(free, 6);
    const [fixed, loose] = [at(0), at(0.2)];
    expect(fixed).toBeGreaterThan(loose);
    expect(loose).toBeGreaterThan(free);
  });

  test("turning head and source together changes nothing", () => {
    const turn = ([x, y, z]: Point): Point => [-y, x, z];
    const turned = sphereHead(
      { space: "head", sensors: montage.sensors.map((s) => ({ ...s, position: turn(s.position!) })) },
      names,
    );
    const places = grid.places.map(turn);
    const other = estimateSources(sourceData(maps, turned), places, covariance);
    const own = estimateSources(data, grid.places, covariance);
    expect(other.peak.source).toBe(own.peak.source);
    expect(other.peak.value).toBeCloseTo(own.peak.value, 6);
  });
});

describe("boundary elements in the wing", () => {
  beforeAll(async () => {
    await loadKernels();
  });

  test("sources are found in a head of surfaces; places on a grid keep their distance", () => {
    const surfaces = [ball(78.3), ball(82.8), ball(90)] as const;
    const own = boundaryElementHead(surfaces, montage, names);
    const places = sourceGrid(surfaces[0], { spacing: 14 });
    expect(places.places.every((p) => Math.hypot(...p) < 74)).toBe(true);
    const { peak } = estimateSources(sourceData(maps, own), places.places, covariance);
    // The data are of spheres, the model of coarse polyhedra with other conductivities.
    expect(apart(peak.place, truth)).toBeLessThan(22);
    expect(own.moved.every((d) => d < 3)).toBe(true);
  });
});

describe("weights from a map", () => {
  const mapAt = (place: Point, low = false): Volume => {
    const [shape, affine] = [
      [20, 20, 20] as const,
      Float64Array.of(10, 0, 0, -95, 0, 10, 0, -95, 0, 0, 10, -95, 0, 0, 0, 1),
    ];
    const values = Float32Array.from({ length: 8000 }, (_, i) => {
      const p: Point = [-95 + 10 * (i % 20), -95 + 10 * (Math.floor(i / 20) % 20), -95 + 10 * Math.floor(i / 400)];
      return (low ? -1 : 1) * Math.exp(-((apart(p, place) / 15) ** 2));
    });
    return { shape, affine, space: "head", unit: "1", frames: [{ start: 0, duration: 1 }], clock: "x", data: values };
  };

  test("are 1 at the map's peak and the floor far from it; low values may count instead", () => {
    const near = grid.places.findIndex((p) => apart(p, truth) < 1);
    for (const weights of [
      mapWeights(mapAt(truth), grid.places),
      mapWeights(mapAt(truth, true), grid.places, { towards: "low" }),
    ]) {
      expect(weights[near]).toBeCloseTo(1, 6);
      expect(Math.min(...weights)).toBeCloseTo(0.1, 6);
    }
    const cut = mapWeights(mapAt(truth), grid.places, { threshold: 0.5 });
    expect([...new Set(cut)].sort()).toEqual([0.1, 1]);
  });

  test("a map of the true place is borne out by the data; one of another place is not", () => {
    const right = weighSources(data, grid.places, covariance, mapWeights(mapAt(truth), grid.places));
    const wrong = weighSources(data, grid.places, covariance, mapWeights(mapAt([-40, 30, 30]), grid.places));
    expect(right.logBayesFactor).toBeGreaterThan(1);
    expect(wrong.logBayesFactor).toBeLessThan(0);
    expect(apart(right.with.peak.place, truth)).toBeLessThanOrEqual(apart(right.without.peak.place, truth));
    expect(right.shares.map).toBeGreaterThan(10 * wrong.shares.map);
    expect(wrong.without.peak).toEqual(right.without.peak);
  });
});

/** Coloured noise of 10 uV in ten channels; spikes of 70 ms at known times on three of them. */
function spiky(seed: number, seconds: number, every: number, size: number): { recording: Recording; times: number[] } {
  const random = seededRandom(seed);
  const [rate, n] = [250, 250 * seconds];
  const data = new Float64Array(40 * n);
  for (let c = 0; c < 40; c++) {
    let slow = 0;
    for (let t = 0; t < n; t++) {
      slow = 0.95 * slow + 3e-6 * random.normal();
      data[c * n + t] = slow + 1e-6 * random.normal();
    }
  }
  const lead = head.leadField([truth]);
  const times: number[] = [];
  for (let at = 4; at < seconds - 4; at += every * (0.8 + 0.4 * random.uniform())) {
    times.push(at);
    for (let t = -20; t < 60; t++) {
      const s = t / rate;
      const shape = Math.exp(-((s / 0.02) ** 2)) - 0.35 * Math.exp(-(((s - 0.1) / 0.05) ** 2));
      const index = Math.round(at * rate) + t;
      for (let c = 0; c < 40; c++) {
        const gain = moment.reduce((q, m, k) => q + m * lead[c]![k]!, 0);
        data[c * n + index] += size * gain * shape;
      }
    }
  }
  return { recording: { clock: "eeg", groups: [{ rate, channels, segments: [{ start: 0, data }] }] }, times };
}

describe("spikes by envelope", () => {
  const { recording, times } = spiky(9, 60, 5, 18);
  const found = detectSpikes(recording, { mostChannels: 1 });

  test("those that stand out are found where they are", () => {
    const hit = times.filter((t) => found.some(({ time }) => Math.abs(time - t) < 0.1));
    expect(hit.length).toBe(times.length);
    expect(found.length - hit.length).toBeLessThan(8);
  });

  test("scaling the recording changes nothing; a higher threshold finds fewer", () => {
    const [segment] = recording.groups[0]!.segments;
    const louder = {
      ...recording,
      groups: [{ ...recording.groups[0]!, segments: [{ ...segment!, data: segment!.data.map((v) => 7 * v) }] }],
    };
    expect(detectSpikes(louder, { mostChannels: 1 }).map(({ time }) => time)).toEqual(found.map(({ time }) => time));
    expect(detectSpikes(recording, { threshold: 30, mostChannels: 1 }).length).toBeLessThan(found.length);
  });

  test("clusters hold the spikes; their average has their source", () => {
    const [cluster] = clusterSpikes(recording, found);
    expect(cluster!.members.length).toBeGreaterThan(0.9 * times.length);
    expect(cluster!.halfRise).toBeLessThan(0);
    expect(cluster!.halfRise).toBeGreaterThan(-0.03);
    const baseline = cluster!.average.times.findIndex((t) => t >= -0.1);
    const length = cluster!.average.times.length;
    const rows = channels.map((_, c) => cluster!.average.mean.subarray(c * length, c * length + baseline));
    const { peak } = estimateSources(sourceData(cluster!.average, head), grid.places, noiseCovariance(rows));
    expect(apart(peak.place, truth)).toBeLessThan(15);
  });

  const flat = (seconds: number, rate: number): Recording => ({
    clock: "eeg",
    groups: [{ rate, channels, segments: [{ start: 0, data: new Float64Array(40 * seconds * rate) }] }],
  });
  test("a flat recording has none", () => {
    expect(detectSpikes(flat(10, 250))).toEqual([]);
  });

  test.each<[string, () => unknown]>([
    ["no-channels", () => detectSpikes({ clock: "x", groups: [] })],
    ["rate-too-low", () => detectSpikes(flat(10, 100))],
    ["segment-too-short", () => detectSpikes(flat(3, 250))],
    ["not-positive", () => detectSpikes(flat(10, 250), { threshold: Number.NaN })],
    ["no-spikes", () => clusterSpikes(recording, [])],
  ])("refuses: %s", (code, act) => {
    expect(act).toThrow(expect.objectContaining({ name: "DataError", code }));
  });
});

describe("refusals of sources", () => {
  const bare: Montage = { space: "head", sensors: names.map((name) => ({ name, kind: "electrode" })) };
  const twice = { ...montage, sensors: [...montage.sensors, montage.sensors[0]!] };
  const one = { ...maps, channels: channels.map((c, i): Channel => (i > 0 ? { ...c, status: "bad" } : c)) };
  test.each<[string, () => unknown]>([
    ["no-positions", () => sphereHead(bare, names)],
    ["duplicate-name", () => sphereHead(montage, ["E1", "E1", ...names.slice(2)])],
    ["duplicate-name", () => sphereHead(twice, names)],
    ["duplicate-name", () => sourceData({ ...maps, channels: [channels[1]!, ...channels.slice(1)] }, head)],
    ["too-few-channels", () => sourceData(one, head)],
    ["too-few-channels", () => noiseCovariance(noise.slice(0, 1))],
    ["not-finite", () => sourceData({ ...maps, mean: maps.mean.map((v, i) => (i === 99 ? Number.NaN : v)) }, head)],
    ["rank-deficient", () => noiseCovariance([...noise.slice(0, 39), noise[0]!])],
    ["space-mismatch", () => boundaryElementHead([ball(78), ball(83), ball(90)], { ...montage, space: "x" }, names)],
    ["bad-option", () => estimateSources(data, grid.places, covariance, { depth: -1 })],
    ["not-supported", () => estimateSources(data, grid.places, covariance, { method: "eloreta", weights: [1] })],
    ["too-few-samples", () => estimateSources(data, grid.places, covariance, { method: "lcmv" })],
    ["outside-window", () => dipoleAt(data, 3, grid.places, covariance)],
    ["empty-region", () => sphereGrid("head", [0.5, 0.5, 0.5], 0.1, 10)],
  ])("%s", (code, act) => {
    expect(act).toThrow(expect.objectContaining({ name: "DataError", code }));
  });
});
