import type { Point } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { type SphereShell, shellFactors, spherePotential } from "./sphere-potential.ts";

const R = 0.09;
const shells = (parts: readonly (readonly [number, number])[]): SphereShell[] =>
  parts.map(([share, conductivity]) => ({ radius: share * R, conductivity }));
const models = {
  one: shells([[1, 0.33]]),
  three: shells([
    [0.87, 0.33],
    [0.92, 0.0042],
    [1, 0.33],
  ]),
  four: shells([
    [0.9, 0.33],
    [0.92, 1],
    [0.97, 0.004],
    [1, 0.33],
  ]),
};
const angles = [0, 30, 60, 90, 150].map((degrees) => (degrees * Math.PI) / 180);
const ring = angles.map((a): Point => [R * Math.sin(a), 0, R * Math.cos(a)]);

/** uV of 10 nA m on the z axis, computed once by another program from the series; digits as given there. */
const known = [
  [
    "one",
    0,
    [0.893125382, 0.77346927, 0.446562691, 0, -0.77346927],
    [0, 0.446562691, 0.77346927, 0.893125382, 0.446562691],
  ],
  [
    "one",
    0.5,
    [2.977084607, 1.281429332, 0.092111318, -0.275882671, -0.450339068],
    [0, 1.579108964, 1.137653348, 0.69232421, 0.183703501],
  ],
  [
    "one",
    0.8,
    [16.373965339, 0.672180879, -0.198121347, -0.308347733, -0.346680308],
    [0, 2.867825194, 1.025287682, 0.515972777, 0.12486935],
  ],
  [
    "three",
    0,
    [0.594536888, 0.514884049, 0.297268444, 0, -0.514884049],
    [0, 0.297268444, 0.514884049, 0.594536888, 0.297268444],
  ],
  [
    "three",
    0.5,
    [1.181050921, 0.736569865, 0.184551941, -0.131262807, -0.365612889],
    [0, 0.653355756, 0.694771987, 0.532264351, 0.167748974],
  ],
  [
    "three",
    0.8,
    [2.856065224, 0.762973261, 0.06593883, -0.173262032, -0.306431056],
    [0, 1.081746182, 0.729069683, 0.463084731, 0.127762938],
  ],
  [
    "four",
    0,
    [0.723761661, 0.626795985, 0.361880831, 0, -0.626795985],
    [0, 0.361880831, 0.626795985, 0.723761661, 0.361880831],
  ],
  [
    "four",
    0.5,
    [1.585609054, 0.948991374, 0.192636418, -0.185717387, -0.416637085],
    [0, 0.887336531, 0.88276879, 0.628606917, 0.182088378],
  ],
  [
    "four",
    0.8,
    [3.841294899, 0.989084457, 0.011028887, -0.239548468, -0.336663354],
    [0, 1.547852581, 0.920429919, 0.523578997, 0.130611938],
  ],
] as const;

describe("spherePotential", () => {
  test.each(known)("%s shells, eccentricity %d: radial and tangential, 1e-9 uV", (model, b, radial, tangential) => {
    const field = spherePotential(ring, [0, 0, b * R], models[model]);
    const component = (k: number): number[] => ring.map((_, i) => (field[3 * i + k] as number) * 1e-8 * 1e6);
    // the numbers are given to nine decimals
    expect(component(2)).toBeAllclose(radial, { atol: 1e-9 });
    expect(component(0)).toBeAllclose(tangential, { atol: 1e-9 });
    expect(component(1)).toBeAllclose([0, 0, 0, 0, 0], { atol: 1e-12 });
  });

  test("factors of four shells; one shell has 1", () => {
    const f = shellFactors(models.four, 30);
    expect([f[0], f[1], f[9], f[29]] as number[]).toBeAllclose(
      [0.81036960266822, 0.58948295322627, 0.10080962705171, 0.03318387616928],
      { atol: 1e-13 },
    );
    expect(shellFactors(models.one, 50)).toBeAllclose(new Float64Array(50).fill(1), { rtol: 1e-12 });
  });

  test("shells of one conductivity are one shell, the series is the closed form", () => {
    const split = shells([
      [0.6, 0.33],
      [0.9, 0.33],
      [1, 0.33],
    ]);
    const place: Point = [0.02, -0.03, 0.035];
    expect(spherePotential(ring, place, split)).toBeAllclose(spherePotential(ring, place, models.one), {
      rtol: 1e-10,
      atol: 1e-9,
    });
  });

  test("turning head and dipole together changes nothing", () => {
    const [s, c] = [Math.sin(0.7), Math.cos(0.7)];
    const turn = ([x, y, z]: Point): Point => [x, c * y - s * z, s * y + c * z];
    const place: Point = [0.01, 0.02, 0.05];
    const plain = spherePotential(ring, place, models.four);
    const turned = spherePotential(ring.map(turn), turn(place), models.four);
    for (let i = 0; i < ring.length; i++) {
      // the lead of a turned dipole is the turned lead
      const lead = turn([plain[3 * i] as number, plain[3 * i + 1] as number, plain[3 * i + 2] as number]);
      expect(turned.subarray(3 * i, 3 * i + 3)).toBeAllclose(lead, { rtol: 1e-10, atol: 1e-8 });
    }
  });

  test("no mean over the sphere: Gauss's rule over the cosine of the polar angle", () => {
    // five points integrate every power up to 9; the potential of a dipole at 0.2 R falls off as 0.2^n
    const x = [0, 0.5384693101056831, -0.5384693101056831, 0.906179845938664, -0.906179845938664];
    const w = [0.5688888888888889, 0.47862867049936647, 0.47862867049936647, 0.23692688505618908, 0.23692688505618908];
    const points = x.map((c): Point => [R * Math.sqrt(1 - c * c), 0, R * c]);
    const field = spherePotential(points, [0, 0, 0.2 * R], models.three);
    const sum = w.reduce((total, weight, i) => total + weight * (field[3 * i + 2] as number), 0);
    const size = Math.abs(field[2] as number) + Math.abs(field[11] as number);
    expect(Math.abs(sum) / size).toBeLessThan(1e-6);
  });

  test.each([
    ["outside-brain", [0, 0, 0.08] as Point, models.three],
    ["bad-shells", [0, 0, 0] as Point, []],
    ["bad-shells", [0, 0, 0] as Point, [models.three[1], models.three[0]] as SphereShell[]],
    [
      "not-converged",
      [0, 0, 0.0899999] as Point,
      shells([
        [0.9999999, 0.33],
        [1, 0.3],
      ]),
    ],
  ])("refusal: %s", (code, place, model) => {
    expect(() => spherePotential(ring, place, model)).toThrow(expect.objectContaining({ code }));
  });
});
