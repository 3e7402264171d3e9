import type { DataError } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { type PhotonScene, tracePhotonPairs } from "./photon-pairs.ts";

const mu = 0.0096;
const tiny: PhotonScene = {
  radius: 60,
  height: 120,
  attenuation: mu,
  detector: { radius: 400, height: 1e6 },
  least: 1,
};

describe("tracePhotonPairs", () => {
  test("pairs leave unscattered as often as exp(-mu chord) averaged over places and directions", () => {
    const pairs = 4e4;
    let [whole, all] = [0, 0];
    tracePhotonPairs(tiny, { pairs, seed: 2 }, ({ scatters }) => {
      all++;
      if (scatters[0] + scatters[1] === 0) whole++;
    });
    // Both photons together see the whole chord through the place: a lattice of places and directions.
    const [n, steps] = [14, Array.from({ length: 14 }, (_, i) => (i + 0.5) / 14)];
    let expected = 0;
    for (const u of steps) {
      for (const v of steps) {
        for (const w of steps) {
          for (const t of steps) {
            const [x, z, cosine, turn] = [60 * Math.sqrt(u), 120 * (v - 0.5), 2 * w - 1, 2 * Math.PI * t];
            const sine = Math.sqrt(1 - cosine * cosine);
            const dx = sine * Math.cos(turn);
            const half = Math.sqrt((x * dx) ** 2 - sine * sine * (x * x - 3600));
            const along = [(-x * dx - half) / sine ** 2, (-x * dx + half) / sine ** 2] as const;
            const ends = [-60 - z, 60 - z].map((d) => d / cosine).sort((p, q) => p - q) as [number, number];
            const chord = Math.min(along[1], ends[1]) - Math.max(along[0], ends[0]);
            expected += Math.exp(-mu * chord) / n ** 4;
          }
        }
      }
    }
    // Five standard errors of a share, and what the lattice may be off (1e-3, from twice as fine a one).
    expect(Math.abs(whole / pairs - expected)).toBeLessThan(5 * Math.sqrt((expected * (1 - expected)) / pairs) + 1e-3);
    expect(all).toBeGreaterThan(whole);
  });

  test("energy after one scattering follows Klein-Nishina: a 511 keV photon keeps 65.6 % on average", () => {
    let [sum, squares, n] = [0, 0, 0];
    tracePhotonPairs({ ...tiny, attenuation: 0.0005 }, { pairs: 2e5, seed: 3 }, ({ scatters, energy }) => {
      for (const side of [0, 1] as const) {
        if (scatters[side] !== 1) continue;
        sum += energy[side];
        squares += energy[side] ** 2;
        n++;
      }
    });
    const mean = sum / n;
    const error = Math.sqrt((squares / n - mean ** 2) / n);
    // sigma_s / sigma of 511 keV by the closed forms of Klein and Nishina (Evans 1955): the mean scattered share of energy.
    const share = (() => {
      let [top, below] = [0, 0];
      for (let i = 0; i < 20000; i++) {
        const c = -1 + (2 * i + 1) / 20000;
        const p = 1 / (2 - c);
        const w = p * p * (p + 1 / p - (1 - c * c));
        top += w * p;
        below += w;
      }
      return top / below;
    })();
    expect(share).toBeCloseTo(0.6555, 3);
    // The thin cylinder's second scatterings and its geometry take no energy: five standard errors.
    expect(Math.abs(mean - 510.99895 * share)).toBeLessThan(5 * error + 0.005 * mean);
  });

  test("without attenuation nothing scatters and both ways add up to the chord", () => {
    let n = 0;
    tracePhotonPairs({ ...tiny, attenuation: 0 }, { pairs: 500, seed: 4 }, ({ scatters, path, angle, z }) => {
      n++;
      expect(scatters).toEqual([0, 0]);
      const [a, b] = [0, 1].map((i) => [
        400 * Math.cos(angle[i] as number),
        400 * Math.sin(angle[i] as number),
        z[i],
      ]) as [[number, number, number], [number, number, number]];
      const chord = Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
      expect(Math.abs(path[0] + path[1] - chord)).toBeLessThan(1e-6 * chord);
    });
    expect(n).toBeGreaterThan(490);
  });

  test("the same seed gives the same photons; the emitted activity is the phantom's", () => {
    const run = (seed: number): number[] => {
      const out: number[] = [];
      tracePhotonPairs(tiny, { pairs: 200, seed }, ({ energy }) => out.push(...energy));
      return out;
    };
    expect(run(5)).toEqual(run(5));
    expect(run(5)).not.toEqual(run(6));
    const sphere = { centre: [10, 0, 0], radius: 20, contrast: 4 } as const;
    const activity = tracePhotonPairs({ ...tiny, spheres: [sphere] }, { pairs: 4e4, seed: 7 }, () => undefined);
    const truth = Math.PI * 60 ** 2 * 120 + (3 * 4 * Math.PI * 20 ** 3) / 3;
    // A share of drawn places: known to about 1 % of 4e4.
    expect(Math.abs(activity / truth - 1)).toBeLessThan(0.03);
  });

  test.each([
    ["a detector inside the cylinder", { detector: { radius: 50, height: 100 } }],
    ["a sphere that sticks out", { spheres: [{ centre: [50, 0, 0], radius: 20, contrast: 2 }] }],
    ["attenuation below 0", { attenuation: -1 }],
  ] as const)("refused: %s", (_, wrong) => {
    expect(() => tracePhotonPairs({ ...tiny, ...wrong }, { pairs: 1, seed: 1 }, () => undefined)).toThrow(
      expect.objectContaining({ code: "bad-scene" }) as DataError,
    );
  });
});
