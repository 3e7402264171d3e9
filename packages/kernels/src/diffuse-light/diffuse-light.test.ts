import { describe, expect, test } from "vitest";
import { boundaryFactor, diffuseLight } from "./diffuse-light.ts";

const air = { absorption: 0, scattering: 0, anisotropy: 0, index: 1 };
const tissue = { absorption: 0.02, scattering: 1, anisotropy: 0, index: 1.4 };
const n = [40, 32, 20] as const;
const half = {
  shape: n,
  size: [2, 2, 2] as const,
  labels: new Uint8Array(n[0] * n[1] * n[2]).fill(1),
  media: [air, tissue],
};

describe("diffuseLight", () => {
  test("no mismatch has the factor 1, index 1.4 a reflectance of 0.493 (Haskell et al.)", () => {
    expect(boundaryFactor(1)).toBeCloseTo(1, 9);
    const a = boundaryFactor(1.4);
    expect((a - 1) / (a + 1)).toBeCloseTo(0.493, 3);
  });

  test("by hand: one voxel keeps what its six faces and its tissue do not take", () => {
    const one = { ...half, shape: [1, 1, 1] as const, labels: Uint8Array.of(1) };
    const out = 6 * (4 / (3 + 2 * boundaryFactor(1.4))) + 0.02 * 8;
    expect(diffuseLight(one).fluence([1, 1, 1])).toBeAllclose([1 / out], { rtol: 1e-6 });
  });

  test("a half space 20 and 30 mm from the source: within 4 % of the analytic fluence, decaying as a mesh of 2 mm does", () => {
    const light = diffuseLight(half);
    const [source, d, zb] = [[25, 32, 3] as const, 1 / 3, (2 / 3) * boundaryFactor(1.4)];
    // phi'' = mu^2 phi has exp(-m x) in steps of h with sinh(m h / 2) = mu h / 2: 1 % less than mu here.
    const mu = Math.asinh(Math.sqrt(0.02 / d));
    const phi = light.fluence(source);
    for (const rho of [20, 30]) {
      const analytic = (z: number): number => {
        const [r1, r2] = [Math.hypot(rho, z - 3), Math.hypot(rho, z + 3 + 2 * zb)];
        return (Math.exp(-mu * r1) / r1 - Math.exp(-mu * r2) / r2) / (4 * Math.PI * d);
      };
      for (const z of [5, 9]) expect(Math.abs(light.at(phi, [25 + rho, 32, z]) / analytic(z) - 1)).toBeLessThan(0.04);
    }
  });

  test("invariants: what is born is absorbed or leaves; there and back are alike; the slope by a voxel's absorption is -V phi phi", () => {
    const labels = half.labels.map((_, v) => (v % 7 === 0 ? 2 : v > 20_000 ? 0 : 1));
    const media = [air, tissue, { ...tissue, absorption: 0.01, scattering: 0.4 }];
    const [p, q] = [
      [21, 30, 5],
      [41, 36, 7],
    ] as const;
    const light = diffuseLight({ ...half, labels, media });
    const [there, back] = [light.fluence(p), light.fluence(q)];
    expect([light.at(there, q)]).toBeAllclose([light.at(back, p)], { rtol: 1e-5 });
    const v = 15 + n[0] * (16 + n[1] * 4);
    const step = 1e-4;
    const changed = (by: number): number => {
      const other = { ...(media[labels[v]!] as typeof tissue) };
      const own = diffuseLight({
        ...half,
        labels: labels.map((label, i) => (i === v ? 3 : label)),
        media: [...media, { ...other, absorption: other.absorption + by }],
      });
      return own.at(own.fluence(p), q);
    };
    const slope = (changed(step) - changed(-step)) / (2 * step);
    expect([slope]).toBeAllclose([-8 * there[v]! * back[v]!], { rtol: 1e-2 });
    const closed = diffuseLight({
      ...half,
      media: [
        { ...air, index: 1.4 },
        { ...tissue, index: 1.4 },
      ],
    });
    const total = closed.fluence([40, 32, 20]).reduce((s, phi) => s + 0.02 * 8 * phi, 0);
    expect(total).toBeLessThan(1);
    expect(total).toBeGreaterThan(0.8);
  });

  test.each([
    ["bad-grid", () => diffuseLight({ ...half, labels: new Uint8Array(3) })],
    ["bad-grid", () => diffuseLight({ ...half, labels: new Uint8Array(half.labels.length) })],
    ["bad-medium", () => diffuseLight({ ...half, media: [air, { ...tissue, scattering: 0 }] })],
    ["bad-source", () => diffuseLight(half).fluence([-50, 0, 0])],
  ])("refuses %s", (code, act) => expect(act).toThrow(expect.objectContaining({ code })));
});
