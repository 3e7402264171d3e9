import { describe, expect, it, test } from "vitest";
import { setMagnitude } from "../../../test/magnitude.ts";
import { coilPhantom, nrmse } from "../../../test/mri-phantom.ts";
import type { CartesianKSpace } from "../forward/coil-data.ts";
import { toImage } from "../forward/fourier.ts";
import { homodyne, partialFourier, pocs } from "./partial-fourier.ts";

const phantom = coilPhantom(64, 64, 4);

function lines(from: number, to: number): CartesianKSpace {
  const mask = phantom.kspace.mask.map((_, i) => Number(Math.floor(i / 64) >= from && Math.floor(i / 64) < to));
  return { ...phantom.kspace, mask, data: phantom.kspace.data.map((v, i) => v * mask[(i >> 1) % 4096]!) };
}

describe("partial Fourier", () => {
  it("finds what was left out", () => {
    expect(partialFourier(lines(16, 64), 1)).toEqual({ axis: 1, range: [16, 64], halfBand: 16, fraction: 0.75 });
    expect(partialFourier(lines(0, 64), 1)).toEqual({ axis: 1, range: [0, 64], halfBand: 31, fraction: 1 });
  });
  it.each([
    ["the first quarter", 16, 64],
    ["the last quarter", 0, 49],
  ])("both recover %s: less than half of the zero-filled error", (_, from, to) => {
    const part = lines(from, to);
    const zero = nrmse(setMagnitude(toImage(part).data, 4), phantom.rss);
    expect(nrmse(setMagnitude(homodyne(part, 1), 4), phantom.rss)).toBeLessThan(zero / 2);
    expect(nrmse(setMagnitude(pocs(part, 1), 4), phantom.rss)).toBeLessThan(zero / 2);
  });
  it("POCS leaves fully measured data as they are", () => {
    expect(nrmse(pocs(phantom.kspace, 1, 2), toImage(phantom.kspace).data)).toBeLessThan(1e-6);
  });
  test.each([
    ["no-centre", lines(40, 64)],
    ["nothing-measured", lines(0, 0)],
  ])("refuses %s", (code, kspace) => {
    expect(() => partialFourier(kspace, 1)).toThrow(expect.objectContaining({ code }));
  });
});
