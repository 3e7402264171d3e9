import { seededRandom } from "@quintet/kernels";
import { phantomHead, t1wImage } from "@quintet/twin";
import { describe, expect, test } from "vitest";
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

describe("the made head", () => {
  const made = phantomHead({ seed: 1, variation: 0, resolution: 2.5 });
  const t1 = t1wImage(made, seededRandom(1), { bias: 0, noise: 0.01 });
  const { labels, probabilities, brain, head } = segmentHead(t1);
  test("all five are there, brain in skull in scalp, all in the head", () => {
    const sizes = new Uint32Array(6);
    for (const label of labels.data) sizes[label]++;
    expect(Math.min(...sizes)).toBeGreaterThan(1000);
    expect(labels.data.every((l, i) => l >= headTissues.csf === (brain.data[i] === 1))).toBe(true);
    expect(labels.data.every((l, i) => l === 0 || head.data[i] === 1 || brain.data[i] === 1)).toBe(true);
  });
  test("shares add to 1 where there is tissue, to 0 elsewhere", () => {
    const { scalp, skull, csf, grey, white } = probabilities;
    const sum = scalp.data.map((p, i) => p + skull.data[i] + csf.data[i] + grey.data[i] + white.data[i]);
    expect(sum).toBeAllclose(
      labels.data.map((l) => Number(l > 0)),
      { atol: 1e-5 },
    );
  });
});
