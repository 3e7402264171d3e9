import { affineOf, apply, type Evidence, type LabelVolume, type Measure } from "@quintet/core";
import { seededRandom } from "@quintet/kernels";
import { describe, expect, test } from "vitest";
import * as door from "./index.ts";
import {
  applyNorms,
  buildNorms,
  concordance,
  labelOf,
  measuresTsv,
  namedFinding,
  regionAt,
  regionName,
  regionPriors,
  regionProbabilities,
} from "./index.ts";

/** Four blocks of 20 x 20 x 20 mm: left/right of x = 0, front/back of y = 0; 2-mm voxels, centre of voxel 0 at -19. */
function blocks(): LabelVolume {
  const n = 20;
  const data = new Uint8Array(n * n * 10);
  for (let z = 0; z < 10; z++)
    for (let y = 0; y < n; y++)
      for (let x = 0; x < n; x++) data[(z * n + y) * n + x] = 1 + (x < 10 ? 0 : 1) + (y < 10 ? 0 : 2);
  return {
    shape: [n, n, 10],
    affine: affineOf([2, 0, 0, -19, 0, 2, 0, -19, 0, 0, 2, -9]),
    space: "subject:T1w",
    data,
    names: new Map([
      [1, "left back"],
      [2, "right back"],
      [3, "left front"],
      [4, "right front"],
    ]),
  };
}

const evidence = (part: Partial<Evidence>): Evidence => ({
  modality: "spect",
  kind: "siscom-hyperperfusion",
  region: "",
  side: "left",
  score: 4,
  scoreName: "z",
  note: "",
  chance: 0.005,
  ...part,
});

describe("region names", () => {
  test.each([
    ["left superior-frontal", "left", "superior-frontal"],
    ["brainstem", "midline", "brainstem"],
    ["right pallidum", "right", "pallidum"],
  ])("%s", (label, side, region) => {
    expect(regionName(label)).toEqual({ side, region });
    expect(labelOf({ side: side as "left", region })).toBe(label);
  });
});

describe("regionProbabilities", () => {
  test("on the border of two blocks each has half; deep inside one has all", () => {
    const border = regionProbabilities([-13, 0, 0], 3, blocks());
    expect(border.get("left back")).toBeCloseTo(0.5, 9);
    expect(border.get("left front")).toBeCloseTo(0.5, 9);
    expect(regionProbabilities([-10, 10, 0], 2, blocks()).get("left front")).toBeCloseTo(1, 6);
  });
  test("x < 0 is left", () => {
    expect(regionAt([-12, -12, 0], 3, blocks())).toBe("left back");
    expect(regionAt([12, 12, 0], 3, blocks())).toBe("right front");
    expect(regionAt([90, 90, 0], 3, blocks())).toBeUndefined();
  });
  test("shares add to 1, priors too", () => {
    const sum = (shares: ReadonlyMap<string, number>): number => [...shares.values()].reduce((a, b) => a + b, 0);
    expect(sum(regionProbabilities([-3, 4, 2], 6, blocks()))).toBeCloseTo(1, 12);
    expect([...regionPriors(blocks()).values()]).toEqual([0.25, 0.25, 0.25, 0.25]);
  });
  test("the definition on a turned grid; labels of one name add up", () => {
    const c = Math.cos(0.4);
    const s = Math.sin(0.4);
    const turned: LabelVolume = {
      ...blocks(),
      affine: affineOf([2 * c, -2 * s, 0.1, -12, 2 * s, 2 * c, 0, -22, 0, 0.2, 2, -9]),
      names: new Map([...blocks().names, [4, "left back"]]),
    };
    const position = [1, -2, 3] as const;
    const sums = new Map<string, number>();
    let total = 0;
    for (const [i, label] of turned.data.entries()) {
      const [x, y, z] = apply(turned.affine, [i % 20, Math.floor(i / 20) % 20, Math.floor(i / 400)]);
      const d2 = (x - position[0]) ** 2 + (y - position[1]) ** 2 + (z - position[2]) ** 2;
      if (d2 > 18 ** 2) continue;
      const name = turned.names.get(label) as string;
      sums.set(name, (sums.get(name) ?? 0) + Math.exp(-d2 / 72));
      total += Math.exp(-d2 / 72);
    }
    const shares = regionProbabilities(position, 6, turned);
    expect(shares.size).toBe(3);
    for (const [name, sum] of sums) expect(shares.get(name)).toBeCloseTo(sum / total, 12);
  });
  test("an error of 0 is refused", () => {
    expect(() => regionProbabilities([0, 0, 0], 0, blocks())).toThrow(/above 0 mm/);
  });
});

describe("concordance", () => {
  const spect = evidence({ position: [-10, 10, 0], positionError: 4 });
  const pet = evidence({ modality: "pet", position: [-12, 12, 0], positionError: 4, chance: 0.04 });
  const wrong = evidence({ modality: "eeg", position: [10, -10, 0], positionError: 6, chance: 0.04 });

  test("two modalities in one block outrank one in another; the mean position is weighted", () => {
    const rows = concordance([spect, pet, wrong], ["mri", "pet", "spect", "eeg"], blocks());
    expect(rows[0]).toMatchObject({ region: "front", side: "left", pointing: 2, available: 4, rank: 1 });
    expect(rows[0]?.position).toBeAllclose([-11, 11, 0], { atol: 1e-9 });
    expect(rows[0]?.positionError).toBeCloseTo(4 / Math.SQRT2, 9);
  });
  test("joint chance: 0.005 x 0.04 x the quarter of the brain in which agreement would have been luck", () => {
    const [first] = concordance([spect, pet], ["pet", "spect"], blocks());
    expect(first?.chance).toBeCloseTo(0.005 * 0.04 * 0.25, 9);
    expect(namedFinding([first as never])).toBe(first);
  });
  test("weak evidence of one modality names nothing", () => {
    expect(namedFinding(concordance([wrong], ["eeg"], blocks()))).toBeUndefined();
    expect(namedFinding(concordance([], ["eeg"], blocks()))).toBeUndefined();
  });
  test("a doubtful cluster in a small region does not outrank the same scan's certain one in a large region", () => {
    const regions = blocks();
    const small = { ...regions, data: regions.data.map((v, i) => (v === 3 && Math.floor(i / 400) > 4 ? 1 : v)) };
    const certain = evidence({ position: [-10, -10, 0], positionError: 3, chance: 1e-25 });
    const doubtful = evidence({ position: [-10, 10, -6], positionError: 2, chance: 2.4e-5 });
    const [first, second] = concordance([doubtful, certain], ["spect"], small);
    expect([first?.region, second?.region]).toEqual(["back", "front"]);
    // by hand: 57.56 / (57.56 + 10.64) of one voice, all of it in a region of 0.375 of the volume
    expect(first?.score).toBeCloseTo(Math.log((0.844 + 0.01) / (0.375 + 0.01)), 1);
  });
  test("two signs of one modality at one place have its whole voice", () => {
    const two = [spect, { ...spect, kind: "other", chance: 0.001 }];
    const [one] = concordance([{ ...spect, chance: 0 }], ["spect"], blocks());
    expect(concordance(two, ["spect"], blocks())[0]?.score).toBeCloseTo(one?.score as number, 2);
  });
  test("evidence that only lateralises points at its side", () => {
    const rows = concordance(
      [evidence({ region: "hemisphere", side: "right", modality: "fnirs" })],
      ["fnirs"],
      blocks(),
    );
    expect(new Set(rows.map((r) => r.side))).toEqual(new Set(["right"]));
  });
  test("mirrored evidence gives mirrored rows", () => {
    const mirror = (e: Evidence): Evidence =>
      e.position ? { ...e, position: [-e.position[0], e.position[1], e.position[2]] } : e;
    const [a] = concordance([spect, pet], ["pet", "spect"], blocks());
    const [b] = concordance([mirror(spect), mirror(pet)], ["pet", "spect"], blocks());
    expect(b?.side).toBe("right");
    expect(b?.score).toBeCloseTo(a?.score as number, 9);
  });
});

describe("norms", () => {
  const volume = (value: number): Measure => ({
    region: "hippocampus",
    side: "left",
    modality: "mri",
    measure: "volume",
    value,
    unit: "mL",
    method: "",
    sources: [],
  });
  const random = seededRandom(5);
  const controls = Array.from({ length: 40 }, (_, i) => {
    const [age, sex] = [50 + i, i % 2 ? "M" : "F"] as const;
    return {
      participant: { label: `${i}`, age, sex },
      measures: [volume(5 - 0.02 * age + (sex === "M" ? 0.3 : 0) + 0.1 * random.normal())],
    };
  });

  test("recovers slope, sex effect and SD, each within 4 standard errors", () => {
    const [norm] = buildNorms(controls, "T1w").norms;
    expect(norm?.n).toBe(40);
    expect(Math.abs((norm?.coefficients[1] as number) + 0.02)).toBeLessThan((4 * 0.1) / Math.sqrt(40 * 133));
    expect(Math.abs((norm?.coefficients[2] as number) - 0.3)).toBeLessThan(4 * 0.1 * Math.sqrt(1 / 10));
    expect(norm?.residualSd).toBeGreaterThan(0.07);
    expect(norm?.residualSd).toBeLessThan(0.13);
  });
  test("the same value in everybody makes no norm, though sums of 0.1 and 3.3 do not come out round", () => {
    const same = controls.map((c) => ({ ...c, measures: [volume(3.3), { ...volume(0.1), region: "amygdala" }] }));
    expect(buildNorms(same, "T1w").norms).toEqual([]);
  });
  test("refuses controls whose age and sex go together: no one could say which of the two made the difference", () => {
    const pairs = controls.map((c) => ({
      ...c,
      participant: { ...c.participant, age: c.participant.sex === "M" ? 30 : 40 },
    }));
    expect(() => buildNorms(pairs, "T1w")).toThrow(expect.objectContaining({ code: "rank-deficient" }));
  });
  describe("with head size", () => {
    const tiv = (value: number): Measure => ({ ...volume(value), region: "intracranial", side: "midline" });
    const sizes = controls.map((_, i) => 1500 + ((i * 37) % 41) * 5);
    const sized = controls.map(({ participant }, i) => ({
      participant,
      measures: [
        volume(1 + 0.002 * (sizes[i] as number) - 0.02 * (participant.age as number) + 0.05 * random.normal()),
        tiv(sizes[i] as number),
      ],
    }));
    const table = buildNorms(sized, "T1w");
    const person = { label: "x", age: 70, sex: "F" } as const;
    const expected = (size: number): number => 1 + 0.002 * size - 0.02 * 70;
    test("a large head with a volume to match is far off by z and not by w", () => {
      const [row] = applyNorms([volume(expected(1900)), tiv(1900)], table, person);
      // 200 mL above the mean head: 0.4 mL, eight residual SD of w, several of z.
      expect(row?.z).toBeGreaterThan(2);
      // Truth on the line: what is left is the error of the fit, less than a prediction SD.
      expect(Math.abs(row?.w as number)).toBeLessThan(1);
    });
    test("w by hand: 0.3 mL below the line is 0.3 over the prediction SD", () => {
      const fit = table.norms.find(({ region }) => region === "hippocampus")?.withHeadSize as door.NormFit;
      const x = [1, 70, 0, 1600];
      const line = x.reduce((sum, v, i) => sum + v * (fit.coefficients[i] as number), 0);
      const leverage = x.reduce(
        (sum, a, i) => sum + x.reduce((row, b, j) => row + a * b * (fit.spread[4 * i + j] as number), 0),
        0,
      );
      const [row] = applyNorms([volume(line - 0.3), tiv(1600)], table, person);
      expect(row?.w).toBeCloseTo(-0.3 / (fit.residualSd * Math.sqrt(1 + leverage)), 9);
      expect(fit.residualSd).toBeGreaterThan(0.03);
      expect(fit.residualSd).toBeLessThan(0.08);
    });
    test("no w without the person's or the controls' head size, for shares, or for the head itself", () => {
      expect(applyNorms([volume(3)], table, person)[0]).not.toHaveProperty("w");
      expect(applyNorms([tiv(1600)], table, person)[0]).not.toHaveProperty("w");
      const plain = buildNorms(controls, "T1w");
      expect(applyNorms([volume(3), tiv(1600)], plain, person)[0]).not.toHaveProperty("w");
      const shares = sized.map((c) => ({ ...c, measures: c.measures.map((m) => ({ ...m, unit: "%" })) }));
      expect(buildNorms(shares, "T1w").norms.some((norm) => "withHeadSize" in norm)).toBe(false);
    });
    test("head sizes that go with age give z alone", () => {
      const bound = sized.map((c) => ({
        ...c,
        measures: [c.measures[0] as Measure, tiv(1000 + 10 * (c.participant.age as number))],
      }));
      const [row] = applyNorms([volume(3), tiv(1600)], buildNorms(bound, "T1w"), person);
      expect(row?.z).toBeDefined();
      expect(row).not.toHaveProperty("w");
    });
  });
  test("z by hand: on the line 0, two prediction SD below it -2", () => {
    const table = buildNorms(controls, "T1w");
    const [norm] = table.norms as [door.Norm];
    const [b0, b1, b2] = norm.coefficients as [number, number, number];
    const line = b0 + b1 * 70 + b2;
    const person = { label: "x", age: 70, sex: "M" } as const;
    expect(applyNorms([volume(line)], table, person)[0]?.z).toBeCloseTo(0, 9);
    const z = applyNorms([volume(line - 2 * norm.residualSd)], table, person)[0]?.z as number;
    expect(z).toBeGreaterThan(-2);
    expect(z).toBeLessThan(-1.9);
  });
  test("no z without a norm, without age, or far outside the controls' ages", () => {
    const table = buildNorms(controls, "T1w");
    expect(
      applyNorms([{ ...volume(3), region: "amygdala" }], table, { label: "x", age: 70, sex: "M" })[0]?.z,
    ).toBeUndefined();
    expect(applyNorms([volume(3)], table, { label: "x" })[0]?.z).toBeUndefined();
    expect(applyNorms([volume(3)], table, { label: "x", age: 20, sex: "F" })[0]?.z).toBeUndefined();
  });
  test("nine controls are refused, so is one without an age", () => {
    expect(() => buildNorms(controls.slice(0, 9), "T1w")).toThrow(/at least 10/);
    expect(() => buildNorms([...controls, { participant: { label: "old" }, measures: [] }], "T1w")).toThrow(/old/);
  });
  test("controls of one sex give no sex term", () => {
    const women = controls.filter(({ participant }) => participant.sex === "F");
    expect(buildNorms(women, "T1w").norms[0]?.coefficients[2]).toBe(0);
  });
});

describe("measuresTsv", () => {
  test("by hand; missing cells are n/a, tabs cannot break a row", () => {
    const text = measuresTsv([
      {
        region: "putamen",
        side: "left",
        modality: "spect",
        measure: "sbr",
        value: 2.5,
        unit: "1",
        standardError: 0.1,
        n: 12,
        method: "a\tb",
        sources: ["x.nii"],
      },
      { region: "Cz", modality: "eeg", measure: "alpha", value: Number.NaN, unit: "V2", method: "Welch", sources: [] },
    ]);
    expect(text.split("\n")[1]).toBe("putamen\tleft\tspect\tsbr\t2.5\t1\t0.1\tn/a\tn/a\t12\tn/a\tn/a\ta b\tx.nii");
    expect(text.split("\n")[2]).toBe("Cz\tn/a\teeg\talpha\tn/a\tV2\tn/a\tn/a\tn/a\tn/a\tn/a\tn/a\tWelch\tn/a");
  });
});

test("the door", () => {
  expect(Object.keys(door).sort()).toMatchInlineSnapshot(`
    [
      "applyNorms",
      "buildNorms",
      "concordance",
      "fewestControls",
      "labelOf",
      "measureColumns",
      "measureKey",
      "measuresJson",
      "measuresTsv",
      "namedFinding",
      "regionAt",
      "regionName",
      "regionPriors",
      "regionProbabilities",
      "sublobarRegions",
    ]
  `);
});
