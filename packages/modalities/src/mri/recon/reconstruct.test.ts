import { apply, type Point, type Readout } from "@quintet/core";
import { fftN } from "@quintet/kernels";
import { describe, expect, it, test } from "vitest";
import { nrmse } from "../../../test/mri-phantom.ts";
import { type RawPhantomOptions, rawPhantom } from "../../../test/raw-phantom.ts";
import { ghostRatio } from "../correct/k-space/epi-ghost.ts";
import { reconstruct } from "./reconstruct.ts";

const image = (options: RawPhantomOptions, more: Parameters<typeof reconstruct>[1] = {}) => {
  const { kspace, truth, object } = rawPhantom(options);
  const made = reconstruct(kspace, more);
  return { ...made, first: made.images[0]!, truth, object };
};

describe("fully sampled", () => {
  it("gives the truth back: oversampling away, coils by root sum of squares", () => {
    const { first, truth } = image({});
    expect(first.volume.shape).toEqual([64, 64, 1]);
    expect(first.method).toBe("fft");
    // float32 transforms there and back
    expect(nrmse(first.volume.data, truth)).toBeLessThan(1e-6);
  });
  it("an odd matrix without oversampling keeps its centre", () => {
    const { first, truth } = image({ matrix: [45, 37], oversampling: 1 });
    expect(nrmse(first.volume.data, truth)).toBeLessThan(1e-6);
  });
  it("averages repeated lines and whitens: the noise is 1 over the root of the averages", () => {
    const plain = image({ noise: 0.02, noiseReadouts: 4 });
    const averaged = image({ noise: 0.02, noiseReadouts: 4, averages: 4 });
    expect(plain.noise!.samples).toBe(512);
    expect(plain.first.quality.noiseFrom).toBe("noise readouts");
    const gain = averaged.first.quality.signalToNoise! / plain.first.quality.signalToNoise!;
    // sqrt(4); 5 %: the covariance of 512 samples and the coils' own weights
    expect(gain).toBeGreaterThan(1.9);
    expect(gain).toBeLessThan(2.1);
  });
  it("noise beyond the image tells the signal to noise when no noise was measured", () => {
    const known = image({ noise: 0.02, noiseReadouts: 4 }).first.quality;
    const guessed = image({ noise: 0.02 }).first.quality;
    expect(guessed.noiseFrom).toBe("readout beyond the image");
    // 10 %: the covariance of 8 coils from 512 samples, and 2,000 numbers beyond the image
    expect(Math.abs(guessed.signalToNoise! / known.signalToNoise! - 1)).toBeLessThan(0.1);
  });
});

describe("lines left out", () => {
  it.each([
    [2, "grappa", 0.04],
    [2, "sense", 0.03],
    [4, "espirit", 0.12],
  ] as const)("R = %d by %s", (acceleration, method, limit) => {
    const { first, truth } = image({ acceleration, reference: 24 }, { method });
    const zero = image({ acceleration, reference: 24 }, { method: "fft" });
    expect(first.quality.acceleration).toEqual([acceleration, 1]);
    expect(nrmse(first.volume.data, truth)).toBeLessThan(limit);
    expect(nrmse(first.volume.data, truth)).toBeLessThan(nrmse(zero.first.volume.data, truth) / 3);
  });
  it("auto finds the acceleration in the measured lines, whatever the header says", () => {
    const { kspace } = rawPhantom({ acceleration: 3, reference: 24 });
    const encodings = [{ ...kspace.encodings[0]!, acceleration: [2, 1] as const }];
    const [first] = reconstruct({ ...kspace, encodings }).images;
    expect(first).toMatchObject({ method: "grappa", quality: { acceleration: [3, 1], missingLines: 0 } });
  });
  it("half of k-space is completed", () => {
    const errors = (["pocs", "homodyne", "zero"] as const).map((partial) => {
      const { first, truth } = image({ share: 0.625, coils: 4 }, { partial });
      return nrmse(first.volume.data, truth);
    });
    expect(errors[0]!).toBeLessThan(0.7 * errors[2]!);
    expect(errors[1]!).toBeLessThan(errors[2]!);
  });
  it("a few lost lines are no acceleration: the image comes with their number", () => {
    const { first, problems } = image({ without: [10, 41] });
    expect(first).toMatchObject({ method: "fft", quality: { missingLines: 2 } });
    expect(problems.join()).toMatch(/2 lines of k-space are missing/);
  });
});

describe("three dimensions and short readouts", () => {
  it("partitions become voxels along the slab, its middle at the stated place", () => {
    const [nx, ny, nz] = [12, 10, 6];
    const object = Float32Array.from({ length: nx * ny * nz }, (_, i) => 1 + Math.sin(i));
    const complex = Float32Array.from({ length: 2 * object.length }, (_, i) => (i % 2 ? 0 : object[i >> 1]!));
    const full = fftN(complex, [nx, ny, nz], [0, 1, 2], { centred: true, norm: "ortho" });
    const { kspace } = rawPhantom({ coils: 1, matrix: [nx, ny], oversampling: 1 });
    const one = kspace.readouts[0]!;
    const readouts = Array.from({ length: ny * nz }, (_, i) => ({
      ...one,
      counters: { ...one.counters, line: i % ny, partition: Math.floor(i / ny) },
      data: full.slice(2 * i * nx, 2 * (i + 1) * nx),
    }));
    const grid = { matrix: [nx, ny, nz] as const, fieldOfView: [24, 20, 18] as const };
    const encoding = {
      ...kspace.encodings[0]!,
      encoded: grid,
      image: grid,
      partitions: { first: 0, last: nz - 1, centre: nz / 2 },
    };
    const [made] = reconstruct({ ...kspace, readouts, encodings: [encoding] }).images;
    expect(made!.volume.data).toBeAllclose(object, { atol: 1e-5 });
    expect(apply(made!.volume.affine, [6, 5, 3])).toEqual([0, 0, 0]);
    expect(apply(made!.volume.affine, [6, 5, 4])).toEqual([0, 0, 3]);
  });
  it("a readout cut before its middle is put in its place and completed", () => {
    const { kspace, truth } = rawPhantom({ coils: 4 });
    const cut = 40;
    const short = (one: Readout): Readout => {
      const kept = one.samples - cut;
      const data = new Float32Array(2 * 4 * kept);
      for (let c = 0; c < 4; c++)
        data.set(one.data.subarray(2 * (c * one.samples + cut), 2 * (c + 1) * one.samples), 2 * c * kept);
      return { ...one, samples: kept, centre: one.centre - cut, data };
    };
    const less = { ...kspace, readouts: kspace.readouts.map(short) };
    const dropped = {
      ...kspace,
      readouts: kspace.readouts.map((one): Readout => ({ ...one, discard: [cut, 0] })),
    };
    const error = (of: typeof kspace, partial: "pocs" | "zero"): number =>
      nrmse(reconstruct(of, { partial }).images[0]!.volume.data, truth);
    expect(error(less, "pocs")).toBeLessThan(0.7 * error(less, "zero"));
    // samples that are there but to be left out are the same as samples that are not there
    expect(error(dropped, "zero")).toBeCloseTo(error(less, "zero"), 6);
  });
});

describe("echo-planar lines", () => {
  const epi = { constant: 0.7, linear: 0.03 };
  const ghost = (volume: { data: Float32Array }, object: Float32Array): number => {
    const inside = Uint8Array.from(object, (v) => Number(v > 0.05));
    return Math.abs(ghostRatio(volume.data, inside, 64, 64)!);
  };
  it("reversed lines are turned and their ghost goes below 1 %", () => {
    const { first, truth, object, ghostPhase } = image({ epi });
    expect(ghostPhase).toMatchObject({ constant: expect.closeTo(0.7, 3), linear: expect.closeTo(0.03, 4) });
    expect(ghost(first.volume, object)).toBeLessThan(0.01);
    expect(nrmse(first.volume.data, truth)).toBeLessThan(1e-3);
  });
  it("a wrong flip shows: lines taken as they were stored, or all turned, leave a ghost above 5 %", () => {
    const { kspace, object } = rawPhantom({ epi });
    const wrong = (reversed: (one: Readout) => boolean): number => {
      const readouts = kspace.readouts
        .filter(({ purpose }) => purpose !== "navigator")
        .map((one) => ({ ...one, reversed: reversed(one) }));
      return ghost(reconstruct({ ...kspace, readouts }).images[0]!.volume, object);
    };
    expect(wrong(() => false)).toBeGreaterThan(0.05);
    expect(wrong(({ reversed }) => !reversed)).toBeGreaterThan(0.05);
  });
  it("without navigators the image comes with a word about its ghost", () => {
    const { kspace } = rawPhantom({ epi });
    const readouts = kspace.readouts.filter(({ purpose }) => purpose !== "navigator");
    expect(reconstruct({ ...kspace, readouts }).problems.join()).toMatch(/no navigator/);
  });
});

describe("where the image lies", () => {
  const turned: Readout["directions"] = [
    [0, 1, 0],
    [0, 0, 1],
    [1, 0, 0],
  ];
  it("the middle voxel at the stated place, the axes along read, phase and slice", () => {
    const { first } = image({ directions: turned, position: [10, -20, 30] });
    expect(apply(first.volume.affine, [32, 32, 0])).toEqual([10, -20, 30]);
    expect(apply(first.volume.affine, [33, 32, 0])).toEqual([10, -18, 30]);
    expect(apply(first.volume.affine, [32, 33, 0])).toEqual([10, -20, 32]);
    expect(first.placed).toBe(true);
  });
  it("slices lie in the order of their places, not of their counting", () => {
    const { first } = image({ slices: [0, 12, 6], coils: 2 });
    expect(first.volume.shape).toEqual([64, 64, 3]);
    expect(apply(first.volume.affine, [32, 32, 1])).toEqual([0, 0, 6]);
    const level = (z: number): number => first.volume.data[z * 4096 + 32 * 64 + 20]!;
    // slice n was made (1 + n) times as bright: places 0, 6, 12 are slices 0, 2, 1
    expect(level(1) / level(0)).toBeCloseTo(3, 4);
    expect(level(2) / level(0)).toBeCloseTo(2, 4);
  });
  it("repetitions become frames at their times", () => {
    const { first } = image({ repetitions: 3, coils: 2 });
    expect(first.volume.frames.map(({ start }) => start)).toEqual([0, 0.16, 0.32]);
    expect(first.volume.frames[1]!.duration).toBeCloseTo(0.16, 12);
  });
  it("a last repetition that was cut off is left out, with a word", () => {
    const { kspace } = rawPhantom({ repetitions: 2, coils: 2 });
    const cut = reconstruct({ ...kspace, readouts: kspace.readouts.slice(0, 100) });
    expect(cut.images[0]!.volume.frames).toHaveLength(1);
    expect(cut.problems.join()).toMatch(/1 of 2 repetitions/);
  });
  it("without directions it says so", () => {
    const zero: Point = [0, 0, 0];
    const { first, problems } = image({ directions: [zero, zero, zero] });
    expect(first.placed).toBe(false);
    expect(problems.join()).toMatch(/does not tell where/);
  });
});

describe("off the grid", () => {
  it("radial spokes are gridded", () => {
    const { kspace, truth } = rawPhantom({ coils: 4, matrix: [32, 32], oversampling: 1 });
    const grid = kspace.readouts.map(({ data }) => data);
    // the Cartesian lines themselves, told by their trajectory
    const readouts = kspace.readouts.map((one, y) => ({
      ...one,
      data: grid[y]!,
      trajectory: {
        axes: 2,
        data: Float32Array.from({ length: 64 }, (_, i) => (i % 2 ? (y - 16) / 32 : ((i >> 1) - 16) / 32)),
      },
    }));
    const encodings = [{ ...kspace.encodings[0]!, trajectory: "other" as const }];
    const [first] = reconstruct({ ...kspace, readouts, encodings }).images;
    const scale = first!.volume.data.reduce((a, b) => a + b, 0) / truth.reduce((a, b) => a + b, 0);
    // 1 %: the ripple of the density compensation
    expect(
      nrmse(
        first!.volume.data.map((v) => v / scale),
        truth,
      ),
    ).toBeLessThan(0.02);
  });
});

describe("refusals", () => {
  const full = rawPhantom({ coils: 2 }).kspace;
  const with0 = (change: object) => ({ ...full, encodings: [{ ...full.encodings[0]!, ...change }] });
  const encoded = full.encodings[0]!.encoded;
  test.each([
    ["no-image-lines", { ...full, readouts: [] }],
    ["line-outside", with0({ encoded: { ...encoded, matrix: [128, 32, 1] } })],
    ["samples-beyond-grid", with0({ encoded: { ...encoded, matrix: [64, 64, 1] } })],
    ["too-large", with0({ encoded: { ...encoded, matrix: [16384, 16384, 1024] } })],
    ["no-trajectory", with0({ trajectory: "spiral" })],
    ["no-calibration", rawPhantom({ acceleration: 2, coils: 2 }).kspace],
    ["no-centre", { ...full, readouts: full.readouts.slice(0, 20) }],
    [
      "mixed-coils",
      { ...full, readouts: [...full.readouts.slice(1), { ...full.readouts[0]!, data: new Float32Array(2 * 3 * 128) }] },
    ],
    ["irregular-slices", rawPhantom({ slices: [0, 5, 12], coils: 2 }).kspace],
  ])("%s", (code, kspace) => {
    expect(() => reconstruct(kspace)).toThrow(expect.objectContaining({ code }));
  });
});
