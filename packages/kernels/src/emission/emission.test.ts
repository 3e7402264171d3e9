import { describe, expect, test } from "vitest";
import { dotTest, type LinearOperator } from "../iterate/linear-operator.ts";
import { seededRandom } from "../random/random.ts";
import { bsrem, kappaImage } from "./bsrem.ts";
import type { EmissionOperator, EmissionPart, EmissionSubset } from "./emission-data.ts";
import { kernelMatrix, withKernel } from "./kernel-matrix.ts";
import { bowsherNeighbours, neighbours26 } from "./neighbourhood.ts";
import { osem, runToEnd } from "./osem.ts";
import { relativeDifferencePrior } from "./relative-difference.ts";

/** A matrix of chosen rows; each row a line. */
function matrix(rows: readonly Float32Array[]): LinearOperator {
  const domain = rows[0]!.length;
  return {
    domain,
    range: rows.length,
    forward: (x) => Float32Array.from(rows, (row) => row.reduce((sum, a, j) => sum + a * x[j]!, 0)),
    adjoint: (y) =>
      Float32Array.from({ length: domain }, (_, j) => rows.reduce((sum, row, i) => sum + row[j]! * y[i]!, 0)),
  };
}

/** The same with counts beside it; `arrays`: what several operators share. */
function holding(operator: LinearOperator, arrays?: readonly [Float32Array, Float32Array]): EmissionOperator {
  return {
    ...operator,
    counted(withBackground) {
      const [y, b] = arrays
        ? arrays.map((array) => array.subarray(0, operator.range))
        : [new Float32Array(operator.range), new Float32Array(operator.range)];
      return {
        counts: y!,
        ...(withBackground ? { background: b! } : {}),
        shared: arrays !== undefined,
        update(image) {
          let [logarithms, unexplained] = [0, 0];
          const ratios = operator.forward(image).map((p, i) => {
            const e = p + (withBackground ? b![i]! : 0);
            if (!(e > 0)) unexplained += y![i]!;
            else if (y![i]! > 0) logarithms += y![i]! * Math.log(e);
            return e > 0 ? y![i]! / e : 0;
          });
          return { back: operator.adjoint(ratios), logarithms, unexplained };
        },
      };
    },
  };
}

/** 60 lines through 27 voxels (3 x 3 x 3), about a third of them on each line. */
const random = seededRandom(5);
const rows = Array.from({ length: 60 }, () =>
  Float32Array.from({ length: 27 }, () => (random.uniform() < 0.35 ? random.uniform() : 0)),
);
const truth = Float32Array.from({ length: 27 }, (_, j) => (j % 5 === 0 ? 40 : 10));
const factor = Float32Array.from(rows, () => 0.3 + random.uniform());
const background = Float32Array.from(rows, () => 5 + 5 * random.uniform());
const mean = matrix(rows)
  .forward(truth)
  .map((p, i) => factor[i]! * p + background[i]!);
const counts = mean.map((m) => random.poisson(m));

/** Every `count`-th line. */
function cut(count: number, y = counts, with_ = { factor: true, background: true }): EmissionSubset[] {
  return Array.from({ length: count }, (_, s) => {
    const take = (values: Float32Array): Float32Array => values.filter((_v, i) => i % count === s);
    return {
      parts: [
        {
          operator: matrix(rows.filter((_r, i) => i % count === s)),
          counts: [take(y)],
          ...(with_.factor ? { factor: [take(factor)] } : {}),
          ...(with_.background ? { background: [take(background)] } : {}),
        },
      ],
    };
  });
}

/** The same subsets by operators that hold their counts. */
const held = (subsets: readonly EmissionSubset[], arrays?: Parameters<typeof holding>[1]): readonly EmissionSubset[] =>
  subsets.map(({ parts }) => ({ parts: parts.map((part) => ({ ...part, operator: holding(part.operator, arrays) })) }));
const sum = (values: Float32Array): number => values.reduce((a, b) => a + b, 0);

describe("osem", () => {
  test("known answer by hand: one voxel, two lines", () => {
    // e = (2 x, 3 x), y = (4, 11): the most likely x is 15 / 5 = 3, reached in one update
    const subset = {
      parts: [{ operator: matrix([Float32Array.of(2), Float32Array.of(3)]), counts: [Float32Array.of(4, 11)] }],
    };
    const fit = runToEnd(osem([subset], { iterations: 1, logLikelihood: true }));
    expect(fit.image).toBeAllclose([3], { rtol: 1e-6 });
    // of the start, x = 1: 4 ln 2 + 11 ln 3 - 5
    expect(fit.history[0]!.logLikelihood).toBeCloseTo(4 * Math.log(2) + 11 * Math.log(3) - 5, 6);
  });
  test("MLEM: the likelihood never falls, x stays positive", () => {
    const { image, history } = runToEnd(osem(cut(1), { iterations: 60, logLikelihood: true }));
    const levels = history.map(({ logLikelihood }) => logLikelihood as number);
    for (const [i, level] of levels.slice(1).entries())
      expect(level).toBeGreaterThan(levels[i]! - 1e-6 * Math.abs(levels[i]!));
    expect(Math.min(...image)).toBeGreaterThanOrEqual(0);
  });
  test("without background every update keeps the counts: sum f A x = sum y", () => {
    const y = matrix(rows)
      .forward(truth)
      .map((p) => random.poisson(p));
    const { history } = runToEnd(osem(cut(1, y, { factor: false, background: false }), { iterations: 8 }));
    for (const { expected } of history.slice(1)) expect(expected / sum(y)).toBeCloseTo(1, 6);
  });
  test("noiseless data: the truth comes back, with subsets too", () => {
    for (const count of [1, 4]) {
      const { image } = runToEnd(osem(cut(count, mean), { iterations: 4000 / count }));
      expect(image).toBeAllclose(truth, { rtol: 0.01 });
    }
  });
  test("pieces, parts and shared factors change nothing; the same input gives the same bits", () => {
    const whole = runToEnd(osem(cut(1), { iterations: 5 }));
    const parts = [0, 1].map((h) => {
      const [from, to] = [30 * h, 30 * h + 30];
      const pieces = (values: Float32Array): Float32Array[] => [
        values.subarray(from, from + 10),
        values.subarray(from + 10, to),
      ];
      return {
        operator: matrix(rows.slice(from, to)),
        counts: pieces(counts),
        factor: pieces(factor),
        background: pieces(background),
      };
    });
    const split = runToEnd(osem([{ parts }], { iterations: 5 }));
    expect(split.image).toBeAllclose(whole.image, { rtol: 1e-5 });
    expect(runToEnd(osem([{ parts }], { iterations: 5 })).image).toEqual(split.image);
    // each line twice, as two TOF bins: [line][tof], one factor for both
    const twice = rows.flatMap((row) => [row, row]);
    const tof = (values: Float32Array): Float32Array =>
      Float32Array.from({ length: 120 }, (_, i) => values[i >> 1]! / 2);
    const shared = {
      operator: matrix(twice.map((row) => row.map((a) => a / 2))),
      counts: [tof(counts)],
      factor: [factor],
      background: [tof(background)],
      shared: { length: 1, times: 2 },
    };
    expect(runToEnd(osem([{ parts: [shared] }], { iterations: 5 })).image).toBeAllclose(whole.image, { rtol: 1e-5 });
  });
  test.each([
    ["no terms", { factor: false, background: false }],
    ["a factor that is 0 for some lines", { factor: true, background: false }],
    ["a background", { factor: false, background: true }],
    ["both", { factor: true, background: true }],
  ])("operators that hold the counts give the same image and history, each its own or shared: %s", (_, with_) => {
    const halves = (values: Float32Array): Float32Array[] => [values.subarray(0, 10), values.subarray(10)];
    const plain = cut(2, counts, with_).map(({ parts }) => {
      const [{ operator, counts: y, factor: f, background: b }] = parts as [EmissionPart];
      const unseen = f?.[0]?.map((value, i) => (i % 9 === 4 ? 0 : value));
      return {
        parts: [
          {
            operator,
            counts: halves(y[0]!),
            ...(unseen ? { factor: halves(unseen) } : {}),
            ...(b ? { background: halves(b[0]!) } : {}),
          },
        ],
      };
    });
    const options = { iterations: 6, logLikelihood: true };
    const expected = runToEnd(osem(plain, options));
    for (const arrays of [undefined, [new Float32Array(30), new Float32Array(30)] as const]) {
      const { image, history, unexplained } = runToEnd(osem(held(plain, arrays), options));
      expect(image).toBeAllclose(expected.image, { rtol: 1e-5, atol: 1e-6 });
      expect(unexplained).toBe(expected.unexplained);
      for (const [i, step] of history.entries()) {
        expect(step.expected / expected.history[i]!.expected).toBeCloseTo(1, 6);
        expect(step.logLikelihood! / expected.history[i]!.logLikelihood!).toBeCloseTo(1, 6);
      }
    }
  });
  test("operators that hold the counts take factors that time-of-flight bins share", () => {
    const twice = matrix(rows.flatMap((row) => [row, row]).map((row) => row.map((a) => a / 2)));
    const double = (values: Float32Array): Float32Array =>
      Float32Array.from({ length: 120 }, (_, i) => values[i >> 1]! / 2);
    const part = {
      counts: [double(counts)],
      factor: [factor],
      background: [double(background)],
      shared: { length: 1, times: 2 },
    };
    const [plain, direct] = [twice, holding(twice)].map((operator) =>
      runToEnd(osem([{ parts: [{ ...part, operator }] }], { iterations: 5 })),
    );
    expect(direct!.image).toBeAllclose(plain!.image, { rtol: 1e-5 });
  });
  test("list mode: one event a count and the sensitivity given is the same as the histogram", () => {
    const binned = runToEnd(osem(cut(1), { iterations: 10 }));
    const hit = Array.from(counts).flatMap((n, i) => Array.from({ length: n }, () => i));
    const take = (values: Float32Array): Float32Array => Float32Array.from(hit, (i) => values[i]!);
    const events: EmissionSubset = {
      parts: [
        {
          operator: matrix(hit.map((i) => rows[i]!)),
          counts: [new Float32Array(hit.length).fill(1)],
          factor: [take(factor)],
          background: [take(background)],
        },
      ],
      sensitivity: matrix(rows).adjoint(factor),
    };
    expect(runToEnd(osem([events], { iterations: 10 })).image).toBeAllclose(binned.image, { rtol: 1e-4 });
    expect(runToEnd(bsrem([events], { iterations: 10, relaxation: 0 })).image).toBeAllclose(binned.image, {
      rtol: 1e-4,
    });
  });
  test("blind voxels are 0 and counted, counts that nothing explains too", () => {
    const operator = matrix([Float32Array.of(1, 0), Float32Array.of(0, 0)]);
    const fit = runToEnd(osem([{ parts: [{ operator, counts: [Float32Array.of(6, 2)] }] }], { iterations: 2 }));
    expect([...fit.image, fit.blind, fit.unexplained, fit.counts]).toEqual([6, 0, 1, 2, 8]);
  });
  test("may be stopped after any part", () => {
    const steps = osem(cut(4), { iterations: 100 });
    expect(steps.next().value).toMatchObject({ iteration: 0, subset: 0, fraction: 1 / 400 });
    expect(steps.return(undefined as never).done).toBe(true);
  });
  const [good] = cut(1);
  const part = good!.parts[0]!;
  test.each([
    ["no-data", [], {}],
    ["no-data", [{ parts: [] }], {}],
    ["shape-mismatch", [{ parts: [{ ...part, counts: [new Float32Array(3)] }] }], {}],
    ["shape-mismatch", [{ parts: [{ ...part, factor: [new Float32Array(3)] }] }], {}],
    ["bad-counts", [{ parts: [{ ...part, counts: [counts.map((n) => n - 500)] }] }], {}],
    ["bad-factor", [{ parts: [{ ...part, factor: [factor.map(() => Number.NaN)] }] }], {}],
    ["bad-background", [{ parts: [{ ...part, background: [background.map((b) => -b)] }] }], {}],
    ["bad-start", [good!], { start: new Float32Array(3) }],
    ["blind", [good!], { start: new Float32Array(27) }],
    ["blind", [{ parts: [{ ...part, factor: [new Float32Array(60)] }] }], {}],
    ["bad-iterations", [good!], { iterations: 0 }],
  ] as const)("refusal: %s", (code, subsets, options) => {
    expect(() => runToEnd(osem(subsets, { iterations: 1, ...options }))).toThrow(expect.objectContaining({ code }));
  });
});

const all = neighbours26([3, 3, 3], [2, 2, 2]);

describe("relativeDifferencePrior", () => {
  test("known answer by hand: two voxels", () => {
    const line = neighbours26([2, 1, 1], [2, 3, 4]);
    const prior = relativeDifferencePrior(line, { strength: 0.5, edge: 2, floor: 1 });
    // 0.5 (5 - 2)^2 / (5 + 2 + 2 * 3 + 1)
    expect(prior.value(Float32Array.of(5, 2))).toBeCloseTo((0.5 * 9) / 14, 12);
  });
  test.each([
    ["all", all, undefined],
    ["kappa", all, truth],
    ["Bowsher", bowsherNeighbours(all, truth, 6), undefined],
  ])("gradient against central differences: %s", (_, neighbours, kappa) => {
    const prior = relativeDifferencePrior(neighbours, { strength: 0.7, floor: 0.01, ...(kappa ? { kappa } : {}) });
    const x = truth.map((value) => value * (0.5 + random.uniform()));
    const gradient = prior.gradient(x);
    for (let j = 0; j < 27; j += 4) {
      const at = (h: number): number => prior.value(x.map((value, k) => (k === j ? Math.fround(value) + h : value)));
      // steps that float32 holds; the error of the difference is h^2
      expect(gradient[j]).toBeCloseTo((at(0.0625) - at(-0.0625)) / 0.125, kappa ? -1 : 2);
    }
  });
  test("a constant costs nothing; Bowsher with all 26 is all", () => {
    const flat = new Float32Array(27).fill(3);
    const [full, chosen] = [all, bowsherNeighbours(all, truth, 26)].map((n) =>
      relativeDifferencePrior(n, { strength: 1, floor: 0.1 }),
    );
    expect(full!.value(flat)).toBe(0);
    expect(chosen!.value(truth)).toBeCloseTo(full!.value(truth), 10);
  });
  test("Bowsher: an edge that the anatomy has costs nothing", () => {
    const step = Float32Array.from({ length: 27 }, (_, j) => (j % 3 < 1 ? 1 : 9));
    const guided = relativeDifferencePrior(bowsherNeighbours(all, step, 3), { strength: 1, floor: 0.1 });
    expect(guided.value(step)).toBe(0);
    expect(relativeDifferencePrior(all, { strength: 1, floor: 0.1 }).value(step)).toBeGreaterThan(1);
  });
  test.each([
    ["not-positive", () => relativeDifferencePrior(all, { strength: -1, floor: 1 })],
    ["not-positive", () => relativeDifferencePrior(all, { strength: 1, floor: 0 })],
    ["shape-mismatch", () => relativeDifferencePrior(all, { strength: 1, floor: 1, kappa: new Float32Array(2) })],
    ["not-positive", () => neighbours26([2, 2, 2], [1, 0, 1])],
    ["shape-mismatch", () => bowsherNeighbours(all, new Float32Array(2), 3)],
    ["bad-count", () => bowsherNeighbours(all, truth, 0)],
    [
      "not-finite",
      () =>
        bowsherNeighbours(
          all,
          truth.map(() => Number.NaN),
          3,
        ),
    ],
  ])("refusal: %s", (code, attempt) => {
    expect(attempt).toThrow(expect.objectContaining({ code }));
  });
});

describe("bsrem", () => {
  test("without prior and relaxation, one subset is MLEM", () => {
    const { image } = runToEnd(bsrem(cut(1), { iterations: 7, relaxation: 0 }));
    expect(image).toBeAllclose(runToEnd(osem(cut(1), { iterations: 7 })).image, { rtol: 1e-4 });
  });
  test("relaxed subsets reach the maximum that plain ascent finds, where the gradient is 0", () => {
    const prior = relativeDifferencePrior(all, { strength: 0.5, floor: 0.1 });
    const plain = runToEnd(bsrem(cut(1), { iterations: 1500, prior, relaxation: 0 }));
    const relaxed = runToEnd(bsrem(cut(4), { iterations: 1500, prior, relaxation: 0.05 }));
    // what is left of the cycle between the subsets at alpha = 1 / 76
    expect(relaxed.image).toBeAllclose(plain.image, { rtol: 0.01, atol: 0.05 });
    const projected = matrix(rows).forward(plain.image);
    const score = matrix(rows).adjoint(
      projected.map((p, i) => factor[i]! * (counts[i]! / (factor[i]! * p + background[i]!) - 1)),
    );
    const slope = prior.gradient(plain.image);
    for (let j = 0; j < 27; j++) {
      // 0 inside, pointing below 0 on the border
      if (plain.image[j]! > 0.01) expect(Math.abs(score[j]! - slope[j]!)).toBeLessThan(2e-3);
      else expect(score[j]! - slope[j]!).toBeLessThan(2e-3);
    }
    expect(plain.penalties.at(-1)).toBeLessThan(prior.value(runToEnd(osem(cut(1), { iterations: 1500 })).image));
  });
  test("steps far too long are held by the bound sum y / A'f, and relaxation still leads to the maximum", () => {
    const prior = relativeDifferencePrior(all, { strength: 0.5, floor: 0.1 });
    const seen = matrix(rows).adjoint(factor);
    const most = counts.reduce((sum, y) => sum + y, 0);
    const steps = bsrem(cut(4), { iterations: 4000, prior, step: 40, relaxation: 1 });
    let highest = 0;
    let end = steps.next();
    while (!end.done) {
      for (const [j, x] of end.value.image.entries()) highest = Math.max(highest, (x * seen[j]!) / most);
      end = steps.next();
    }
    expect(highest).toBeLessThanOrEqual(1 + 1e-6);
    const plain = runToEnd(bsrem(cut(1), { iterations: 1500, prior, relaxation: 0 }));
    // the maximum itself lies well inside
    expect(Math.max(...plain.image.map((x, j) => (x * seen[j]!) / most))).toBeLessThan(0.5);
    expect(end.value.image).toBeAllclose(plain.image, { rtol: 0.02, atol: 0.1 });
  });
  test("operators that hold the counts: the same steps, likelihoods and penalties", () => {
    const all = neighbours26([3, 3, 3], [1, 1, 1]);
    const options = { iterations: 12, prior: relativeDifferencePrior(all, { strength: 0.01, floor: 0.01 }) };
    const [plain, direct] = [cut(4), held(cut(4))].map((subsets) => runToEnd(bsrem(subsets, options)));
    expect(direct!.image).toBeAllclose(plain!.image, { rtol: 1e-5 });
    expect(direct!.penalties).toBeAllclose(plain!.penalties, { rtol: 1e-5 });
    const told = ({ history }: typeof plain & object) => history.flatMap((h) => [h.logLikelihood!, h.expected]);
    expect(told(direct!)).toBeAllclose(told(plain!), { rtol: 1e-6 });
  });
  test("kappa of one voxel by hand: sqrt(sum (a f / e)^2 y)", () => {
    const subset = {
      parts: [{ operator: matrix([Float32Array.of(2), Float32Array.of(3)]), counts: [Float32Array.of(4, 11)] }],
    };
    // e = (4, 6) at x = 2
    expect(kappaImage([subset], Float32Array.of(2))).toBeAllclose([Math.sqrt((4 * 4) / 16 + (9 * 11) / 36)], {
      rtol: 1e-6,
    });
  });
  test("refusal: not-positive", () => {
    expect(() => runToEnd(bsrem(cut(1), { iterations: 1, step: 0 }))).toThrow(
      expect.objectContaining({ code: "not-positive" }),
    );
  });
});

describe("kernelMatrix", () => {
  const kernel = kernelMatrix([3, 3, 3], truth, { reach: 1, neighbours: 8 });
  test("rows sum to 1, its adjoint is adjoint, an image with the anatomy's values stays nearly itself", () => {
    expect(kernel.forward(new Float32Array(27).fill(2))).toBeAllclose(new Float32Array(27).fill(2), { rtol: 1e-6 });
    expect(dotTest(kernel)).toBeLessThan(1e-6);
    expect(kernelMatrix([3, 3, 3], truth, { reach: 0 }).forward(counts.slice(0, 27))).toEqual(counts.slice(0, 27));
  });
  test("kernel EM: less error than MLEM at equal iterations of noisy data when the anatomy is right", () => {
    const low = mean.map((m) => random.poisson(m / 10) * 10);
    const subsets = cut(1, low);
    const guided = kernel.forward(runToEnd(osem(withKernel(subsets, kernel), { iterations: 100 })).image);
    const control = runToEnd(osem(subsets, { iterations: 100 })).image;
    const off = (image: Float32Array): number => Math.sqrt(image.reduce((s, v, j) => s + (v - truth[j]!) ** 2, 0) / 27);
    expect(off(guided)).toBeLessThan(0.6 * off(control));
    // operators that hold the counts see K alpha too
    const direct = kernel.forward(runToEnd(osem(withKernel(held(subsets), kernel), { iterations: 100 })).image);
    expect(direct).toBeAllclose(guided, { rtol: 1e-5 });
  });
  test.each([
    ["shape-mismatch", () => kernelMatrix([2, 2, 2], truth)],
    ["bad-count", () => kernelMatrix([3, 3, 3], truth, { neighbours: 0 })],
    ["not-positive", () => kernelMatrix([3, 3, 3], truth, { width: 0 })],
    [
      "not-finite",
      () =>
        kernelMatrix(
          [3, 3, 3],
          truth.map(() => Number.NaN),
        ),
    ],
  ])("refusal: %s", (code, attempt) => {
    expect(attempt).toThrow(expect.objectContaining({ code }));
  });
});
