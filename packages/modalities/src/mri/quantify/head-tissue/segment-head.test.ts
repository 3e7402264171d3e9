import { seededRandom } from "@quintet/kernels";
import { phantomHead, t1wImage } from "@quintet/twin";
import { describe, expect, test } from "vitest";
import { fiveDice, truthOf } from "../../../../../../testing/made-tissue.ts";
import { headTissueNames, headTissues } from "./head-tissues.ts";
import { segmentHead } from "./segment-head.ts";

test("five tissues with their labels", () => {
  expect([...headTissueNames]).toEqual([
    [1, "scalp"],
    [2, "skull"],
    [3, "csf"],
    [4, "grey"],
    [5, "white"],
  ]);
  expect(headTissues.air).toBe(0);
});

describe("the made head at 2 mm", () => {
  const made = phantomHead({ seed: 1, variation: 0, resolution: 2 });
  const t1 = t1wImage(made, seededRandom(1), { bias: 0.15, noise: 0.025 });
  const found = segmentHead(t1);
  const { labels, probabilities, brain, head } = found;
  const truth = truthOf(made);
  test.each([
    // bone tables of 1.7 mm and half-filled sulci at 2 mm: study/head.ts has the Dice at 1 mm
    ["scalp", 0.93],
    ["skull", 0.8],
    ["csf", 0.8],
    ["grey", 0.9],
    ["white", 0.96],
  ] as const)("%s: Dice above %d", (name, least) => {
    const value = fiveDice(labels.data, truth)[name];
    expect(value).toBeGreaterThan(least);
  });
  test("brain in skull in scalp, all in the head: no brain or CSF touches scalp or air", () => {
    expect(labels.data.every((l, i) => l === 0 || head.data[i] === 1 || brain.data[i] === 1)).toBe(true);
    const [nx, ny] = labels.shape;
    let touching = 0;
    for (let i = 0; i < labels.data.length; i++) {
      if (labels.data[i] < headTissues.csf) continue;
      for (const step of [1, -1, nx, -nx, nx * ny, -nx * ny])
        if (labels.data[i + step] <= headTissues.scalp) touching++;
    }
    expect(touching).toBe(0);
  });
  test("shares add to 1 where there is tissue, to 0 elsewhere", () => {
    const { scalp, skull, csf, grey, white } = probabilities;
    const sum = scalp.data.map((p, i) => p + skull.data[i] + csf.data[i] + grey.data[i] + white.data[i]);
    expect(sum).toBeAllclose(
      labels.data.map((l) => Number(l > 0)),
      { atol: 1e-5 },
    );
  });
  test("nothing is doubted", () => {
    expect(found.qc.filter(({ verdict }) => verdict !== "ok")).toEqual([]);
  });
});
