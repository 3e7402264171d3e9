import { DataError } from "@quintet/core";
import { dotTest } from "@quintet/kernels";
import { describe, expect, it, test } from "vitest";
import { compareMagnitude, setMagnitude } from "../../../test/magnitude.ts";
import { coilPhantom, nrmse, undersample } from "../../../test/mri-phantom.ts";
import { toImage } from "../forward/fourier.ts";
import { nonCartesianSenseModel, senseModel, sumOverCoils } from "../forward/sense-model.ts";
import { rootSumOfSquares, walshMaps } from "./coil-combine.ts";
import { espirit } from "./espirit.ts";
import { grappa } from "./grappa.ts";
import { cgSense, sparseSense } from "./sense.ts";

const phantom = coilPhantom(64, 64, 8, 0.001);
const unit = { sets: 1, coils: 8, shape: phantom.kspace.shape };
const normalised = phantom.maps.map((v, i) => {
  let square = 0;
  for (let c = 0; c < 8; c++) {
    const at = 2 * (c * 4096 + ((i >> 1) % 4096));
    square += phantom.maps[at]! ** 2 + phantom.maps[at + 1]! ** 2;
  }
  return v / Math.sqrt(square);
});

describe("the signal model", () => {
  it("is a pair of adjoints, on the grid and off it, with two sets", () => {
    const maps = { ...unit, sets: 2, coils: 4, data: phantom.maps };
    expect(dotTest(senseModel(maps, undersample(phantom.kspace, 3, 8).mask))).toBeLessThan(1e-6);
    const trajectory = Float32Array.from({ length: 600 }, (_, i) => 0.49 * Math.sin(i * i));
    const weights = Float32Array.from({ length: 300 }, (_, i) => 1 + (i % 5));
    expect(dotTest(nonCartesianSenseModel(maps, trajectory, weights))).toBeLessThan(1e-6);
  });
  it("off the grid equals the grid at its points", () => {
    const maps = { ...unit, data: phantom.maps };
    const x = Float32Array.from({ length: 2 * 4096 }, (_, i) => Math.cos(i * i));
    const grid = senseModel(maps, phantom.kspace.mask).forward(x);
    const trajectory = Float64Array.from({ length: 2 * 4096 }, (_, i) =>
      i % 2 === 0 ? (((i >> 1) % 64) - 32) / 64 : (Math.floor((i >> 1) / 64) - 32) / 64,
    );
    // 1.2e-5: stated error of the non-uniform transform
    expect(nrmse(nonCartesianSenseModel(maps, trajectory).forward(x), grid)).toBeLessThan(2e-5);
  });
  test.each([
    ["shape-mismatch", { ...unit, data: phantom.maps }, new Uint8Array(7)],
    ["shape-mismatch", { ...unit, coils: 7, data: phantom.maps }, phantom.kspace.mask],
    ["bad-shape", { ...unit, sets: 0, data: phantom.maps }, phantom.kspace.mask],
    ["not-finite", { ...unit, data: phantom.maps.map(() => Number.NaN) }, phantom.kspace.mask],
  ] as const)("refuses %s", (code, maps, mask) => {
    expect(() => senseModel(maps, mask)).toThrow(expect.objectContaining({ code }));
  });
});

describe("coil combination", () => {
  const clean = coilPhantom(64, 64, 8);
  it("root sum of squares of one point is by Pythagoras", () => {
    expect(rootSumOfSquares({ coils: 2, shape: [1, 1, 1], data: Float32Array.of(3, 0, 0, 4) })).toEqual(
      Float32Array.of(5),
    );
  });
  it("Walsh's combination of a noiseless phantom is its root sum of squares, of less bias in noise", () => {
    const images = toImage(clean.kspace);
    const combined = sumOverCoils(walshMaps(images), images.data);
    // sensitivities vary inside the box of 7 voxels
    expect(nrmse(setMagnitude(combined, 1), clean.rss)).toBeLessThan(0.01);
    const noisy = toImage(coilPhantom(64, 64, 8, 0.05).kspace);
    const corner = (x: Float32Array): number => x.slice(0, 8).reduce((a, b) => a + b, 0) / 8;
    expect(corner(setMagnitude(sumOverCoils(walshMaps(noisy), noisy.data), 1))).toBeLessThan(
      corner(rootSumOfSquares(noisy)),
    );
  });
});

describe("parallel imaging", () => {
  // the calibration lines are the same at each acceleration
  const found = espirit(undersample(phantom.kspace, 4, 24));
  it.each([
    // A third above what was found. Without noise GRAPPA leaves 0.017, 0.019, 0.092 (its kernel reaches beyond the edge
    // of k-space, where the phantom's spectrum has not died away) and SENSE 0.002, 0.007, 0.054 (its damping).
    [2, 0.024, 0.006, 0.015],
    [3, 0.028, 0.014, 0.03],
    [4, 0.13, 0.075, 0.1],
  ])("R = %d: error against the truth", (acceleration, grappaError, senseError, espiritError) => {
    const kspace = undersample(phantom.kspace, acceleration, 24);
    const filled = grappa(kspace, { acceleration: [acceleration, 1] });
    const ofGrappa = nrmse(rootSumOfSquares(toImage(filled.kspace)), phantom.rss);
    const maps = { ...unit, data: normalised };
    const sense = cgSense(senseModel(maps, kspace.mask), kspace.data);
    const ofSense = nrmse(setMagnitude(sense.image, 1), phantom.rss);
    const own = cgSense(senseModel(found, kspace.mask), kspace.data);
    const ofEspirit = nrmse(setMagnitude(own.image, 1), phantom.rss);
    const zero = nrmse(rootSumOfSquares(toImage(kspace)), phantom.rss);
    console.log(
      `R = ${acceleration}: NRMSE zero-filled ${zero.toFixed(4)}, GRAPPA ${ofGrappa.toFixed(4)}, SENSE ${ofSense.toFixed(4)}, ESPIRiT-SENSE ${ofEspirit.toFixed(4)}`,
    );
    expect(ofGrappa).toBeLessThan(grappaError);
    expect(ofSense).toBeLessThan(senseError);
    expect(ofEspirit).toBeLessThan(espiritError);
    expect(filled.left).toBe(0);
  });

  it("ESPIRiT finds the true sensitivities where there is signal", () => {
    let [aligned, n] = [0, 0];
    for (let i = 0; i < 4096; i++) {
      if (phantom.object[i]! < 0.1) continue;
      let [re, im] = [0, 0];
      for (let c = 0; c < 8; c++) {
        const at = 2 * (c * 4096 + i);
        re += found.data[at]! * normalised[at]! + found.data[at + 1]! * normalised[at + 1]!;
        im += found.data[at + 1]! * normalised[at]! - found.data[at]! * normalised[at + 1]!;
      }
      aligned += Math.hypot(re, im);
      n++;
    }
    expect(aligned / n).toBeGreaterThan(0.995);
  });

  it("a sparse prior beats the damped solution at a random eighth", () => {
    const mask = phantom.kspace.mask.map((_, i) => {
      const [x, y] = [(i % 64) - 32, Math.floor(i / 64) - 32];
      return Number(Math.max(Math.abs(x), Math.abs(y)) < 12 || Math.abs(Math.sin(12.9898 * i) * 43758.5453) % 1 < 0.1);
    });
    const data = phantom.kspace.data.map((v, i) => v * mask[(i >> 1) % 4096]!);
    const model = senseModel({ ...unit, data: normalised }, mask);
    const errorOf = (image: Float32Array): number => compareMagnitude(setMagnitude(image, 1), phantom.rss).nrmse;
    const damped = errorOf(cgSense(model, data).image);
    for (const prior of ["wavelet", "tv"] as const) {
      const sparse = sparseSense(model, data, phantom.kspace.shape, { prior, lipschitz: 1 });
      expect(errorOf(sparse.image)).toBeLessThan(damped);
    }
  });

  test.each([
    ["no-calibration", () => grappa(undersample(phantom.kspace, 4, 0), { acceleration: [4, 1] })],
    ["bad-option", () => grappa(phantom.kspace, { acceleration: [1, 1] })],
    ["bad-option", () => espirit(phantom.kspace, { singular: 2 })],
    ["no-calibration", () => espirit(undersample(phantom.kspace, 4, 0))],
    ["nothing-measured", () => espirit({ ...phantom.kspace, mask: new Uint8Array(4096) })],
    ["bad-option", () => walshMaps(toImage(phantom.kspace), 0)],
  ] as const)("refuses %s", (code, call) => {
    expect(call).toThrow(DataError);
    expect(call).toThrow(expect.objectContaining({ code }));
  });
});
