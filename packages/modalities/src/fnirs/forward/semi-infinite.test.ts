import { photonWalk } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { beforeAll, describe, expect, test } from "vitest";
import { semiInfinite } from "./semi-infinite.ts";

const medium = { absorption: 0.01, reducedScattering: 1, index: 1.4 };

describe("semiInfinite", () => {
  const known = semiInfinite(medium, { boundary: "groenhuis" });

  test("known answers: mu_eff, A, zb, fluence and reflectance at 10 and 30 mm, DPF 7.3728046", () => {
    expect(known.effectiveAttenuation).toBeCloseTo(0.17320508, 8);
    expect(known.boundaryFactor).toBeCloseTo(3.250697461, 9);
    expect(known.extrapolation).toBeCloseTo(2.167131641, 9);
    expect([known.fluence(10, 0), known.reflectance(10)]).toBeAllclose([1.208641467702628e-3, 1.5900774469860692e-4], {
      rtol: 1e-13,
    });
    expect([known.fluence(30, 0), known.reflectance(30)]).toBeAllclose([3.925083289e-6, 5.815202551e-7], {
      rtol: 1e-9,
    });
    expect(known.pathlength(30)).toBeCloseTo(221.184138, 6);
    expect(known.pathlength(30) / 30).toBeCloseTo(7.3728046, 7);
    const transport = semiInfinite(medium, { boundary: "groenhuis", diffusion: "transport" });
    expect([transport.reflectance(30)]).toBeAllclose([5.642519e-7], { rtol: 1e-6 });
  });

  test("Fresnel's integrals give the published 0.493 at index 1.4, and no mismatch gives 1", () => {
    const a = semiInfinite(medium).boundaryFactor;
    expect((a - 1) / (a + 1)).toBeCloseTo(0.493, 3);
    expect(semiInfinite({ ...medium, index: 1 }).boundaryFactor).toBeCloseTo(1, 9);
  });

  test("the path is the derivative of the reflectance, and the measurement density integrates to it", () => {
    const at = (absorption: number): number =>
      Math.log(semiInfinite({ ...medium, absorption }, { boundary: "groenhuis" }).reflectance(30));
    expect([(at(0.01 - 1e-6) - at(0.01 + 1e-6)) / 2e-6]).toBeAllclose([known.pathlength(30)], { rtol: 1e-7 });
    // Cells of 1.5 mm: what they miss near the optodes is below 2 % here.
    const h = 1.5;
    let sum = 0;
    for (let x = -60; x < 90; x += h)
      for (let y = h / 2; y < 60; y += h)
        for (let z = h / 2 - known.extrapolation; z < 60; z += h)
          sum += 2 * h ** 3 * known.pathDensity(30, x + 0.2, y, z);
    expect([sum]).toBeAllclose([known.pathlength(30)], { rtol: 0.02 });
    // Between source and detector light goes deep: the densest depth at 30 mm lies 5 to 12 mm down.
    const depths = Array.from({ length: 80 }, (_, i) => 0.5 * i);
    const densest = depths.reduce(
      (best, z) => (known.pathDensity(30, 15, 0, z) > known.pathDensity(30, 15, 0, best) ? z : best),
      0,
    );
    expect(densest).toBeGreaterThan(5);
    expect(densest).toBeLessThan(12);
    expect(known.pathDensity(30, 8, 3, 11)).toBeGreaterThan(0);
  });

  test("an impulse's light adds up to the steady reflectance, and its Fourier sum is the modulated one", () => {
    const [step, steps] = [2, 5000];
    const omega = 2 * Math.PI * 1e8 * 1e-12;
    let [sum, cos, sin] = [0, 0, 0];
    for (let i = 0; i < steps; i++) {
      const t = (i + 0.5) * step;
      const r = step * known.timeResolved(30, t);
      sum += r;
      cos += r * Math.cos(omega * t);
      sin += r * Math.sin(omega * t);
    }
    expect([sum]).toBeAllclose([known.reflectance(30)], { rtol: 1e-3 });
    const { amplitude, phase } = known.modulated(30, 1e8);
    expect([Math.hypot(cos, sin), Math.atan2(sin, cos)]).toBeAllclose([amplitude, phase], { rtol: 1e-3 });
    expect([known.modulated(30, 0).amplitude]).toBeAllclose([known.reflectance(30)], { rtol: 1e-12 });
    expect(known.timeResolved(30, 0)).toBe(0);
  });

  test.each([
    [{ ...medium, absorption: 0 }],
    [{ ...medium, absorption: 2 }],
    [{ ...medium, reducedScattering: Number.NaN }],
    [{ ...medium, index: 0.5 }],
  ])("refuses what diffuses no light: %o", (bad) => {
    expect(() => semiInfinite(bad)).toThrow(expect.objectContaining({ code: "bad-medium" }));
  });
});

describe("photons against diffusion", () => {
  beforeAll(() => loadKernels());

  test("20 to 40 mm from the source, and their mean path: within 3 standard errors of it (5 %: the study nirs-dot)", () => {
    const air = { absorption: 0, scattering: 0, anisotropy: 0, index: 1 };
    const tissue = { absorption: 0.02, scattering: 1, anisotropy: 0, index: 1.4 };
    const walk = photonWalk(
      { shape: [1, 1, 1], size: [400, 400, 400], labels: Uint8Array.of(1), media: [air, tissue] },
      { position: [200, 200, -1], inward: [0, 0, 1], radius: 0, beam: "pencil" },
      [20, 40].map((radius) => ({ position: [200, 200, 0], radius })),
      { photons: 60_000, seed: 4 },
    );
    const theory = semiInfinite({ absorption: 0.02, reducedScattering: 1, index: 1.4 });
    let [flux, path] = [0, 0];
    for (let rho = 20.1; rho < 40; rho += 0.2) {
      const ring = 2 * Math.PI * rho * 0.2 * theory.reflectance(rho);
      flux += ring;
      path += ring * theory.pathlength(rho);
    }
    const { weight, error, paths } = walk.detectors[1]!;
    const inside = 1 - walk.specular;
    expect(error / weight).toBeLessThan(0.1);
    expect(Math.abs(weight / inside - flux)).toBeLessThan((3 * error) / inside);
    expect([paths[1]!]).toBeAllclose([path / flux], { rtol: 0.05 });
  });
});
