import { affineOf, type Mask, type Volume } from "@quintet/core";
import { seededRandom } from "@quintet/kernels";
import { describe, expect, test } from "vitest";
import * as door from "./index.ts";

test("the door of the MRI wing", () => {
  expect(Object.keys(door).sort()).toEqual([
    "activation",
    "addHardware",
    "alff",
    "attenuationMap",
    "bemSurfaces",
    "boldMask",
    "boldQc",
    "brainMask",
    "cgSense",
    "cleanSeries",
    "coilCombinations",
    "convertAttenuation",
    "correctBias",
    "correctGhost",
    "correctSliceTiming",
    "corticalShare",
    "distortionHint",
    "dvars",
    "emissionLike",
    "epiGeometry",
    "espirit",
    "estimateMotion",
    "flipReversed",
    "framewiseDisplacement",
    "framewiseDisplacementRms",
    "ghostPhase",
    "ghostRatio",
    "grappa",
    "headAttenuation",
    "headMask",
    "headTissueNames",
    "headTissues",
    "headWithDeepNuclei",
    "hemisphereMask",
    "hemispheres",
    "homodyne",
    "importedCortex",
    "intracranialMask",
    "meanFrame",
    "midGreyCortex",
    "motionRegressors",
    "motionThreshold",
    "noiseCovariance",
    "nonCartesianSenseModel",
    "partialFourier",
    "partialMethods",
    "percentSeries",
    "pocs",
    "prewhiten",
    "qc",
    "rampRegridding",
    "reconMethods",
    "reconstruct",
    "regionMarkers",
    "regionalHomogeneity",
    "regridRamp",
    "removeOversampling",
    "resampleBold",
    "rootSumOfSquares",
    "seedConnectivity",
    "segmentHead",
    "senseModel",
    "shiftOfPhaseDifference",
    "smoothBold",
    "sparseSense",
    "sphereSeed",
    "standardContrasts",
    "sumOverCoils",
    "templateMarkers",
    "temporalSnr",
    "tissueOfRegion",
    "tissueSegmentation",
    "tissueVolumes",
    "tissues",
    "toImage",
    "toKSpace",
    "trapezoidPositions",
    "walshMaps",
    "withDeepNuclei",
    "withRegions",
  ]);
});

/**
 * A head of nested ellipsoids on `step` mm: scalp (fat), skull, CSF, a grey shell, white inside with a large ventricle.
 * `stripped` leaves out what is not brain.
 */
function head(
  step: number,
  { noise = 3, stripped = false, gain = (_: readonly number[]): number => 1 } = {},
): {
  t1: Volume;
  brain: Uint8Array;
  tissue: Uint8Array;
} {
  const half = [Math.ceil(95 / step), Math.ceil(115 / step), Math.ceil(95 / step)] as const;
  const shape = half.map((h) => 2 * h + 1) as [number, number, number];
  const affine = affineOf([-step, 0, 0, half[0] * step, 0, step, 0, -half[1] * step, 0, 0, step, -half[2] * step]);
  const n = shape[0] * shape[1] * shape[2];
  const random = seededRandom(1);
  const [data, brain, tissue] = [new Float32Array(n), new Uint8Array(n), new Uint8Array(n)];
  const value = [0, 30, 75, 110]; // csf 30, grey 75, white 110
  for (let i = 0; i < n; i++) {
    const p = [
      half[0] * step - step * (i % shape[0]),
      -half[1] * step + step * (Math.floor(i / shape[0]) % shape[1]),
      -half[2] * step + step * Math.floor(i / (shape[0] * shape[1])),
    ] as const;
    const depth = (shrink: number): number =>
      Math.hypot(p[0] / (84 - shrink), p[1] / (100 - shrink), p[2] / (84 - shrink));
    const kind =
      depth(20) < 1 ? (Math.hypot(p[0], p[1], p[2]) < 24 ? 1 : depth(30) < 1 ? 3 : 2) : depth(15) < 1 ? 1 : 0;
    brain[i] = depth(20) < 1 ? 1 : 0;
    tissue[i] = brain[i] ? kind : 0;
    const outer = depth(15) < 1 ? 30 : depth(7) < 1 ? 8 : depth(0) < 1 ? 130 : 0;
    const still = brain[i] ? value[kind] : stripped ? 0 : outer;
    data[i] =
      still === 0 ? (stripped ? 0 : Math.abs(noise * random.normal())) : still * gain(p) + noise * random.normal();
  }
  const t1: Volume = {
    shape,
    affine,
    space: "subject:T1w",
    unit: "{arbitrary}",
    clock: "mri",
    frames: [{ start: 0, duration: 0 }],
    data,
  };
  return { t1, brain, tissue };
}

function dice(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [both, sum] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    if (a[i] && b[i]) both++;
    sum += (a[i] ? 1 : 0) + (b[i] ? 1 : 0);
  }
  return (2 * both) / sum;
}
const asMask = (t1: Volume, data: Uint8Array): Mask => ({ shape: t1.shape, affine: t1.affine, space: t1.space, data });

describe("brainMask", () => {
  const { t1, brain } = head(2);
  const found = door.brainMask(t1);
  test("finds the brain of a made head: Dice 0.96 (a rim 1.5 mm off; the work is done on 2 mm)", () => {
    expect(dice(found.data, brain)).toBeGreaterThan(0.96);
    expect(found.alreadyStripped).toBe(false);
    expect(found.enhanced).toBe(false);
    expect(found.qc.map(({ name, verdict }) => [name, verdict])).toEqual([
      ["brain-volume", "ok"],
      ["brain-at-image-edge", "ok"],
      ["bright-border", "ok"],
    ]);
  });
  test("an image of the brain alone keeps what it has", () => {
    const bare = head(2, { stripped: true });
    const mask = door.brainMask(bare.t1);
    expect(mask.alreadyStripped).toBe(true);
    expect(dice(mask.data, bare.brain)).toBeGreaterThan(0.99);
  });
  test("3-mm voxels in another scale", () => {
    const coarse = head(3);
    const louder = { ...coarse.t1, data: coarse.t1.data.map((x) => 50 * x) };
    expect(dice(door.brainMask(louder).data, coarse.brain)).toBeGreaterThan(0.93);
  });
  test("headMask holds scalp, skull and brain", () => {
    const mask = door.headMask(t1);
    const volume = (mask.data.reduce((n, m) => n + m, 0) * 8) / 1000;
    expect(volume / ((4 / 3) * Math.PI * 84 * 100 * 84 * 1e-3)).toBeCloseTo(1, 1);
    expect(brain.every((inside, i) => inside === 0 || mask.data[i] === 1)).toBe(true);
  });
  test.each([
    ["not-finite", { ...t1, data: t1.data.map((x, i) => (i === 9 ? Number.NaN : x)) }],
    ["constant-data", { ...t1, data: t1.data.map(() => 5) }],
    ["grid-mismatch", { ...t1, frames: [...t1.frames, ...t1.frames] }],
    ["no-head", { ...t1, data: t1.data.map((_, i) => (i % 997 === 0 ? 1 : 0) * (i % 31)) }],
  ])("refused: %s", (code, image) => {
    expect(() => door.brainMask(image)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(`${code}|constant-data`) }),
    );
  });
});

describe("emissionLike", () => {
  test("by hand: pure grey 100, white 30, CSF 5, half grey half white 65, outside 0", () => {
    const grid = {
      shape: [5, 1, 1] as const,
      affine: affineOf([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]),
      space: "subject:T1w",
    };
    const share = (values: readonly number[]): Volume<"{probability}"> => ({
      ...grid,
      unit: "{probability}",
      clock: "mri",
      frames: [{ start: 0, duration: 0 }],
      data: Float32Array.from(values),
    });
    const probabilities = {
      grey: share([1, 0, 0, 0.5, 0]),
      white: share([0, 1, 0, 0.5, 0]),
      csf: share([0, 0, 1, 0, 0]),
    };
    const labels = { ...grid, data: new Uint8Array(5), names: new Map<number, string>() };
    const image = door.emissionLike({ probabilities, labels, means: [], sds: [] });
    expect(image.data).toBeAllclose([100, 30, 5, 65, 0], { rtol: 1e-6 });
  });
});

describe("correctBias", () => {
  const gain = (p: readonly number[]): number =>
    Math.exp(0.2 * (p[0] / 64) + 0.15 * (p[1] / 80) ** 2 - 0.1 * (p[2] / 64));
  const { t1, brain } = head(3, { gain });
  const { corrected, field, qc } = door.correctBias(t1, asMask(t1, brain));
  test("a known field of 1.9 from end to end is found within 2 % (RMS) inside the brain", () => {
    const inside = [...brain.keys()].filter((i) => brain[i] !== 0);
    const [nx, ny] = t1.shape;
    const truth = inside.map((i) => {
      const [x, y, z] = [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))];
      const a = t1.affine;
      return Math.log(gain([a[0] * x + a[3], a[5] * y + a[7], a[10] * z + a[11]]));
    });
    const found = inside.map((i) => Math.log(field.data[i]));
    const mean = (x: number[]): number => x.reduce((s, v) => s + v, 0) / x.length;
    const offset = mean(truth) - mean(found);
    const rms = Math.sqrt(mean(found.map((f, n) => (f + offset - truth[n]) ** 2)));
    expect(rms).toBeLessThan(0.02);
    expect(qc[0]?.value).toBeGreaterThan(1.3);
  });
  test("image = corrected * field, input untouched", () => {
    expect(corrected.data.map((x, i) => x * field.data[i])).toBeAllclose(t1.data, { rtol: 1e-6, atol: 1e-5 });
  });
  test("a strong field, as of 7 T, has one degree more, a weaker one three", () => {
    const made = head(5, { gain: ([x]) => Math.exp(x / 90) });
    const mask = asMask(made.t1, made.brain);
    const strong = door.correctBias(made.t1, mask);
    expect(strong.qc[0]?.value).toBeGreaterThan(1.6);
    expect(strong.field.data).toEqual(door.correctBias(made.t1, mask, { degree: 4 }).field.data);
    const weak = head(5, { gain: ([x]) => 1.1 ** (x / 85) });
    const plain = asMask(weak.t1, weak.brain);
    const three = door.correctBias(weak.t1, plain, { degree: 3 });
    expect(door.correctBias(weak.t1, plain).field.data).toEqual(three.field.data);
  });
  test.each([
    ["grid-mismatch", () => door.correctBias(t1, { ...asMask(t1, brain), space: "other" })],
    ["empty-region", () => door.correctBias(t1, asMask(t1, new Uint8Array(brain.length)))],
    ["not-finite", () => door.correctBias({ ...t1, data: t1.data.map(() => Number.NaN) }, asMask(t1, brain))],
    ["bad-degree", () => door.correctBias(t1, asMask(t1, brain), { degree: 0 })],
    ["constant-data", () => door.correctBias({ ...t1, data: t1.data.map(() => 4) }, asMask(t1, brain))],
  ])("refused: %s", (code, run) => {
    expect(run).toThrow(expect.objectContaining({ code }));
  });
});

describe("tissueSegmentation", () => {
  const { t1, brain, tissue } = head(2, { noise: 8 });
  const mask = asMask(t1, brain);
  const found = door.tissueSegmentation(t1, mask);
  test("means, SDs of noise and labels of a made brain", () => {
    expect(found.means).toBeAllclose([30, 75, 110], { atol: 2.5 });
    for (const [k, least] of [0.96, 0.96, 0.99].entries()) {
      const truth = tissue.map((t) => (t === k + 1 ? 1 : 0));
      expect(
        dice(
          found.labels.data.map((l) => (l === k + 1 ? 1 : 0)),
          truth,
        ),
        door.tissues[k],
      ).toBeGreaterThan(least);
    }
  });
  test("shares add to 1 inside the mask and are 0 outside", () => {
    const { csf, grey, white } = found.probabilities;
    expect(csf.data.map((p, i) => p + grey.data[i] + white.data[i])).toBeAllclose(brain, { atol: 1e-5 });
  });
  test("volumes with a standard error that holds the truth within a few SE", () => {
    const rows = door.tissueVolumes(found);
    expect(rows.map(({ region, unit }) => `${region} ${unit}`)).toEqual([
      "CSF mL",
      "grey matter mL",
      "white matter mL",
      "brain with CSF mL",
    ]);
    const truth = [1, 2, 3].map((k) => (tissue.reduce((n, t) => n + (t === k ? 1 : 0), 0) * 8) / 1000);
    for (const k of [0, 1, 2])
      expect(Math.abs(rows[k].value - truth[k])).toBeLessThan(4 * (rows[k].standardError ?? 0) + 2);
  });
  test("neighbours help: at noise 12 the field beats voxels alone", () => {
    const loud = head(3, { noise: 12 });
    const at = (smoothness: number): number =>
      dice(
        door
          .tissueSegmentation(loud.t1, asMask(loud.t1, loud.brain), { smoothness })
          .labels.data.map((l) => (l === 2 ? 1 : 0)),
        loud.tissue.map((t) => (t === 2 ? 1 : 0)),
      );
    expect(at(0.3)).toBeGreaterThan(at(0) + 0.01);
  });
  test("qc gives SNR, CNR and CJV", () => {
    const rows = Object.fromEntries(door.qc(t1, { tissue: found }).map((f) => [f.name, f.value as number]));
    expect(rows["non-finite-voxels"]).toBe(0);
    expect(rows.snr).toBeGreaterThan(110 / 8 - 2);
    expect(rows.cnr).toBeCloseTo(35 / (8 * Math.SQRT2), 0);
  });
  test.each([
    ["grid-mismatch", () => door.tissueSegmentation(t1, { ...mask, space: "other" })],
    ["empty-region", () => door.tissueSegmentation(t1, asMask(t1, new Uint8Array(brain.length)))],
    ["not-finite", () => door.tissueSegmentation({ ...t1, data: t1.data.map(() => Number.NaN) }, mask)],
    ["constant-data", () => door.tissueSegmentation({ ...t1, data: t1.data.map(() => 4) }, mask)],
  ])("refused: %s", (code, run) => {
    expect(run).toThrow(expect.objectContaining({ code }));
  });
});
