import { describe, expect, test } from "vitest";
import { tofCentre, tofWeight } from "../joseph/joseph.ref.ts";
import {
  comptonCrossSection,
  electronEnergy,
  kleinNishina,
  type Place,
  type ScatterScene,
  scatteredEnergy,
  singleScatterReference,
} from "./single-scatter.ref.ts";
import { singleScatter } from "./single-scatter.ts";

describe("Compton scattering of annihilation photons", () => {
  test("known answers: 511 keV forward, 255.5 at 90 degrees, 170.3 back", () => {
    expect([1, 0, -1].map(scatteredEnergy)).toBeAllclose([510.99895, 255.499475, 170.332983], { rtol: 1e-8 });
  });
  test("the differential cross section integrates to the total", () => {
    const n = 20000;
    let sum = 0;
    for (let i = 0; i < n; i++) sum += (kleinNishina(-1 + (2 * i + 1) / n) * 2 * Math.PI * 2) / n;
    expect(sum).toBeCloseTo(comptonCrossSection(electronEnergy), 6);
    // 0.2865 barn at 511 keV (r_e^2 = 0.0794079 barn)
    expect(comptonCrossSection(electronEnergy) * 0.0794079).toBeCloseTo(0.2866, 3);
  });
});

/** A cylinder of water with a hot spot off its axis, 12 mm voxels; scatter from every voxel. */
const shape = [16, 16, 6] as const;
const size = [12, 12, 12] as const;
const origin: Place = [-90, -90, -30];
const activity = new Float32Array(16 * 16 * 6);
const attenuation = new Float32Array(activity.length);
const at: number[] = [];
for (let k = 0; k < 6; k++) {
  for (let j = 0; j < 16; j++) {
    for (let i = 0; i < 16; i++) {
      const [x, y] = [origin[0] + 12 * i, origin[1] + 12 * j];
      const v = i + 16 * (j + 16 * k);
      if (Math.hypot(x, y) > 80) continue;
      attenuation[v] = 0.0096;
      activity[v] = Math.hypot(x - 30, y) < 25 ? 5 : 1;
      at.push(x, y, origin[2] + 12 * k);
    }
  }
}
const scene: ScatterScene = {
  shape,
  size,
  origin,
  activity,
  attenuation,
  efficiency: (energy) => (energy > 430 ? 1 : energy > 350 ? 0.4 : 0),
  points: Float64Array.from(at),
  strengths: new Float64Array(at.length / 3).fill(0.0096 * 12 ** 3),
};
const ring = Array.from({ length: 12 }, (_, i) => [0, 1].map((z) => [(Math.PI * i) / 6, 30 * z - 15] as const)).flat();
const detectors = {
  places: Float64Array.from(ring.flatMap(([angle, z]) => [200 * Math.cos(angle), 200 * Math.sin(angle), z])),
  normals: Float64Array.from(ring.flatMap(([angle]) => [-Math.cos(angle), -Math.sin(angle), 0])),
};
const three = (values: Float64Array, i: number): Place => [values[3 * i]!, values[3 * i + 1]!, values[3 * i + 2]!];
const tof = { bins: 7, width: 40, sigma: 25 };

describe("singleScatter", () => {
  const plain = singleScatter(scene, detectors);
  const timed = singleScatter(scene, detectors, tof);
  const pairs = [
    [0, 12],
    [0, 9],
    [3, 10],
    [5, 18],
    [2, 7],
  ] as const;
  test.each([
    ["without TOF", plain, 1, () => 1],
    ["with TOF", timed, 7, (along: number, bin: number) => tofWeight(along, tofCentre(bin, tof), tof.width, tof.sigma)],
  ] as const)("agrees with the reference %s", (_, got, bins, share) => {
    const largest = Math.max(...got);
    for (const [a, b] of pairs) {
      const pair = {
        a: three(detectors.places, a),
        b: three(detectors.places, b),
        normalA: three(detectors.normals, a),
        normalB: three(detectors.normals, b),
      };
      const expected = singleScatterReference(scene, pair, { step: 4, bins, share });
      expect(got.subarray((a * 24 + b) * bins, (a * 24 + b + 1) * bins)).toBeAllclose(expected, {
        rtol: 0.01,
        atol: 0.01 * largest,
      });
    }
  });
  test("invariants: a pair is the same either way round with time reversed; TOF bins sum to non-TOF; linear in activity", () => {
    for (let a = 0; a < 24; a += 5) {
      for (let b = 0; b < 24; b++) {
        const there = timed.subarray((a * 24 + b) * 7, (a * 24 + b + 1) * 7);
        expect(timed.slice((b * 24 + a) * 7, (b * 24 + a + 1) * 7).reverse()).toEqual(there);
        // seven bins of 40 mm hold all but what lies beyond 140 mm
        expect([there.reduce((s, v) => s + v, 0)]).toBeAllclose([plain[a * 24 + b]!], { rtol: 0.003, atol: 1e-6 });
      }
    }
    const twice = singleScatter({ ...scene, activity: activity.map((v) => 2 * v) }, detectors);
    expect(twice).toBeAllclose(
      plain.map((v) => 2 * v),
      { rtol: 1e-5 },
    );
  });
  test("refusals", () => {
    expect(() => singleScatter({ ...scene, strengths: new Float64Array(2) }, detectors)).toThrow(
      expect.objectContaining({ code: "shape-mismatch" }),
    );
  });
});
