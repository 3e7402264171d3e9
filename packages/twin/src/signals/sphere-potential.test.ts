import { describe, expect, test } from "vitest";
import { fitSphere, spherePotential } from "./sphere-potential.ts";

const sphere = { centre: [3, -2, 5], radius: 90 } as const;
const angles = [0, 30, 60, 90, 150].map((degrees) => (degrees * Math.PI) / 180);

/** uV of 10 nA m on the z axis at eccentricity b, electrodes in the x-z plane. */
function row(b: number, moment: readonly [number, number, number]): number[] {
  const [x, y, z] = sphere.centre;
  return angles.map((a) => {
    const electrode = [x + 90 * Math.sin(a), y, z + 90 * Math.cos(a)] as const;
    return 1e6 * spherePotential(sphere, [x, y, z + 90 * b], moment, electrode);
  });
}

describe("spherePotential: homogeneous sphere, 0.33 S/m, exact to the digits of the tabulated Legendre series", () => {
  test.each([
    [0, [0.893125382, 0.77346927, 0.446562691, 0, -0.77346927], [0, 0.446562691, 0.77346927, 0.893125382, 0.446562691]],
    [
      0.5,
      [2.977084607, 1.281429332, 0.092111318, -0.275882671, -0.450339068],
      [0, 1.579108964, 1.137653348, 0.69232421, 0.183703501],
    ],
    [
      0.8,
      [16.373965339, 0.672180879, -0.198121347, -0.308347733, -0.346680308],
      [0, 2.867825194, 1.025287682, 0.515972777, 0.12486935],
    ],
  ])("eccentricity %d", (b, radial, tangential) => {
    expect(row(b, [0, 0, 1e-8])).toBeAllclose(radial, { atol: 2e-9 });
    expect(row(b, [1e-8, 0, 0])).toBeAllclose(tangential, { atol: 2e-9 });
  });

  test("twice the moment is twice the potential; the mean over the sphere is 0", () => {
    const one = spherePotential(sphere, [30, 20, 40], [1e-9, 2e-9, -1e-9], [80, 10, 30]);
    expect(spherePotential(sphere, [30, 20, 40], [2e-9, 4e-9, -2e-9], [80, 10, 30])).toBeCloseTo(2 * one, 12);
    let [sum, size] = [0, 0];
    const n = 4000;
    for (let k = 0; k < n; k++) {
      const z = 1 - (2 * k + 1) / n;
      const [r, turn] = [Math.sqrt(1 - z * z), k * Math.PI * (3 - Math.sqrt(5))];
      const v = spherePotential(
        sphere,
        [20, 10, 30],
        [3e-9, 1e-9, 2e-9],
        [3 + 90 * r * Math.cos(turn), -2 + 90 * r * Math.sin(turn), 5 + 90 * z],
      );
      sum += v;
      size += Math.abs(v);
    }
    expect(Math.abs(sum) / size).toBeLessThan(1e-3); // 4,000 Fibonacci points
  });
});

test("fitSphere finds the sphere that points lie on", () => {
  const points = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
    [-1, 0, 0],
    [0.6, 0.8, 0],
  ].map(([x, y, z]) => [3 + 90 * (x ?? 0), -2 + 90 * (y ?? 0), 5 + 90 * (z ?? 0)] as const);
  const found = fitSphere(points);
  expect(found.centre).toBeAllclose([3, -2, 5], { atol: 1e-6 });
  expect(found.radius).toBeCloseTo(90, 6);
});
