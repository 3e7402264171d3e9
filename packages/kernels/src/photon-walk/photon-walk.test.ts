import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadKernels } from "../pool/node.ts";
import { unregisterKernels } from "../wasm/wasm.ts";
import { fresnel } from "./photon-walk.ref.ts";
import { photonWalk } from "./photon-walk.ts";
import type { OpticalMedium, PhotonScene, PhotonSource, PhotonWalk } from "./scene.ts";

const air: OpticalMedium = { absorption: 0, scattering: 0, anisotropy: 0, index: 1 };
const pencil = { inward: [0, 0, 1], radius: 0, beam: "pencil" } as const;

/** One voxel, as wide as no photon walks. */
function slab(thickness: number, medium: OpticalMedium): PhotonScene {
  return { shape: [1, 1, 1], size: [4000, 4000, thickness], labels: Uint8Array.of(1), media: [air, medium] };
}
const onSlab: PhotonSource = { position: [2000, 2000, -1], ...pencil };

const tissue: OpticalMedium = { absorption: 0.02, scattering: 1, anisotropy: 0, index: 1.4 };
const forward: OpticalMedium = { absorption: 0.005, scattering: 4, anisotropy: 0.8, index: 1.37 };
/** 20 x 20 x 10 voxels of two media with a hollow, in part beyond the source. */
const layered: PhotonScene = {
  shape: [20, 20, 10],
  size: [2, 2, 1.5],
  labels: Uint8Array.from({ length: 4000 }, (_, v) => (v < 400 ? (v % 20 < 3 ? 0 : 1) : v > 3000 ? 2 : 1)),
  media: [air, tissue, forward],
};
const optode: PhotonSource = { position: [18, 20, 0], inward: [0, 0, 1], radius: 2, beam: "lambert" };
const detectors = [
  { position: [28, 20, 0], radius: 3 },
  { position: [20, 20, 15], radius: 4 },
] as const;
const wanted = { photons: 3000, seed: 5, fluence: true, gates: 3, gate: 150 };

const whole = (walk: PhotonWalk): number =>
  [...walk.escaped, ...walk.absorbed].reduce((sum, v) => sum + v, walk.specular + walk.missed + walk.roulette);

beforeAll(() => loadKernels({ threads: 2 }));
afterAll(unregisterKernels);

describe("photonWalk", () => {
  test("van de Hulst's slab: Rd 0.09739 and Tt 0.66096 within 3 standard errors", () => {
    const walk = photonWalk(slab(0.2, { absorption: 1, scattering: 9, anisotropy: 0.75, index: 1 }), onSlab, [], {
      photons: 200_000,
      seed: 1,
    });
    for (const [side, known] of [
      [4, 0.09739],
      [5, 0.66096],
    ] as const) {
      const error = walk.escapedErrors[side] as number;
      expect(error).toBeLessThan(8e-4);
      expect(Math.abs((walk.escaped[side] as number) - known)).toBeLessThan(3 * error);
    }
    expect(whole(walk)).toBeCloseTo(1, 12);
  });

  test("Giovanelli's half space of index 1.5: 0.2600 with what its surface turns back", () => {
    const medium = { absorption: 1, scattering: 9, anisotropy: 0, index: 1.5 };
    const walk = photonWalk(slab(4000, medium), onSlab, [], { photons: 100_000, seed: 2 });
    expect(walk.specular).toBeCloseTo(0.04, 12);
    const error = walk.escapedErrors[4] as number;
    expect(Math.abs((walk.escaped[4] as number) + walk.specular - 0.26)).toBeLessThan(3 * error);
  });

  test("by hand: what does not scatter is absorbed by Beer and Lambert and comes out ahead", () => {
    const clear = { absorption: 0.5, scattering: 0, anisotropy: 0, index: 1 };
    const split: PhotonScene = {
      shape: [1, 1, 4],
      size: [10, 10, 1],
      labels: new Uint8Array(4).fill(1),
      media: [air, clear],
    };
    const source: PhotonSource = { position: [5, 5, -3], ...pencil };
    const walk = photonWalk(split, source, [{ position: [5, 5, 4], radius: 1 }], {
      photons: 10,
      seed: 1,
      fluence: true,
    });
    expect(walk.escaped).toBeAllclose([0, 0, 0, 0, 0, Math.exp(-2)], { rtol: 1e-14 });
    expect(walk.absorbed[1]).toBeCloseTo(1 - Math.exp(-2), 14);
    expect(walk.detectors[0]?.paths[1]).toBeCloseTo(4, 12);
    // (exp(-k / 2) - exp(-(k + 1) / 2)) / 0.5 mm of path in 100 mm^3
    const fluence = [0, 1, 2, 3].map((k) => (Math.exp(-k / 2) - Math.exp(-(k + 1) / 2)) / 0.5 / 100);
    expect(walk.fluence).toBeAllclose(fluence, { rtol: 1e-7 });
  });

  test("the compiled form walks as the reference does, with every kind of face, source and sum", () => {
    const fast = photonWalk(layered, optode, detectors, wanted);
    unregisterKernels();
    const slow = photonWalk(layered, optode, detectors, wanted);
    return loadKernels({ threads: 2 }).then(() => {
      for (const key of ["escaped", "absorbed"] as const) expect(fast[key]).toBeAllclose(slow[key], { atol: 1e-9 });
      expect([fast.specular, fast.missed, fast.roulette]).toBeAllclose([slow.specular, slow.missed, slow.roulette], {
        atol: 1e-9,
      });
      expect(slow.missed).toBe(0);
      expect(slow.detectors[0]?.weight).toBeGreaterThan(0.001);
      for (const [d, caught] of fast.detectors.entries()) {
        expect(caught.gates).toBeAllclose(slow.detectors[d]?.gates as Float64Array, { atol: 1e-9 });
        expect(caught.paths).toBeAllclose(slow.detectors[d]?.paths as Float64Array, { rtol: 1e-7, atol: 1e-9 });
      }
      expect(fast.fluence).toBeAllclose(slow.fluence, { rtol: 1e-5, atol: 1e-9 });
      expect(whole(fast)).toBeCloseTo(1, 12);
    });
  });

  test("invariants: no bit hangs on the number of threads; voxels of one medium are none", async () => {
    const two = photonWalk(layered, optode, detectors, { ...wanted, photons: 20_000 });
    await loadKernels({ threads: 1 });
    const one = photonWalk(layered, optode, detectors, { ...wanted, photons: 20_000 });
    await loadKernels({ threads: 2 });
    expect(one).toEqual(two);
    const box = (n: number): PhotonScene => ({
      shape: [n, n, n],
      size: [40 / n, 40 / n, 40 / n],
      labels: new Uint8Array(n ** 3).fill(1),
      media: [air, tissue],
    });
    const [coarse, fine] = [1, 20].map((n) =>
      photonWalk(box(n), { position: [20.3, 20.7, -1], ...pencil }, [], { photons: 2000, seed: 3 }),
    );
    expect(fine?.escaped).toBeAllclose(coarse?.escaped as Float64Array, { atol: 1e-9 });
  });

  test("absorbed weight is absorption x fluence, and weight per gate sums to the weight", () => {
    const walk = photonWalk(layered, optode, detectors, { ...wanted, photons: 20_000 });
    const voxel = 2 * 2 * 1.5;
    for (const m of [1, 2]) {
      const own = walk.fluence.reduce((sum, phi, v) => sum + (layered.labels[v] === m ? phi * voxel : 0), 0);
      expect((layered.media[m]?.absorption as number) * own).toBeCloseTo(walk.absorbed[m] as number, 6);
    }
    for (const { gates, weight } of walk.detectors) expect(gates.reduce((s, v) => s + v, 0)).toBeCloseTo(weight, 12);
  });

  test("Fresnel by hand: 0.04 straight on from 1 to 1.5, all of it beyond the critical angle, nothing at equal index", () => {
    expect(fresnel(1, 1.5, 1)).toBeCloseTo(0.04, 12);
    expect(fresnel(1.5, 1, 0.7)).toBe(1);
    expect(fresnel(1.4, 1.4, 0.3)).toBeCloseTo(0, 15);
  });

  test.each([
    ["bad-grid", { ...layered, labels: new Uint8Array(3) }, optode, {}],
    ["bad-grid", { ...layered, size: [2, 0, 2] as const }, optode, {}],
    ["bad-medium", { ...layered, media: [air] }, optode, {}],
    ["bad-medium", { ...layered, media: [air, tissue] }, optode, {}],
    ["bad-medium", { ...layered, media: [air, { ...tissue, absorption: -1 }, tissue] }, optode, {}],
    ["bad-medium", { ...layered, media: [air, { ...tissue, anisotropy: 1 }, tissue] }, optode, {}],
    ["bad-medium", { ...layered, media: [air, { ...tissue, index: Number.NaN }, tissue] }, optode, {}],
    ["bad-source", layered, { ...optode, inward: [0, 0, 2] as const }, {}],
    ["bad-source", layered, { ...optode, radius: -1 }, {}],
    ["bad-photons", layered, optode, { photons: 0 }],
    ["bad-photons", layered, optode, { photons: 2e8 }],
    ["bad-photons", layered, optode, { seed: 0.5 }],
    ["bad-photons", layered, optode, { gates: 0 }],
  ])("refuses %s", (code, scene, source, options) => {
    expect(() => photonWalk(scene, source, detectors, { photons: 10, seed: 1, ...options })).toThrow(
      expect.objectContaining({ code }),
    );
  });
});
