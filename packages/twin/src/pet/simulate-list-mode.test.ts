import { identityAffine, type SinogramLayout } from "@quintet/core";
import { scatterEstimate } from "@quintet/modalities/pet";
import { expect, test } from "vitest";
import { smallScanner } from "../../../../testing/small-scanner.ts";
import { centredGrid, petPhantom } from "./phantoms.ts";
import { simulateListMode } from "./simulate-list-mode.ts";
import { simulateScan } from "./simulate-scan.ts";

const scanner = smallScanner({ detectors: 24, radius: 115 }, { crystals: 2, pitch: 20 });
const layout: SinogramLayout = { scanner, views: 12, bins: 17, span: 1, maxRingDifference: 1 };
const phantom = petPhantom(centredGrid([16, 16, 4], [10, 10, 10]), { radius: 60, height: 40 });
const how = { window: { low: 430, high: 610, resolution: 0.12 }, detectors: 12, rings: 2 };
const given = scatterEstimate(phantom.activity, phantom.attenuation, layout, how);

test("the phantom's own scatter, given or computed: the same counts", () => {
  const request = { seed: 3, trues: 2e4, efficiencySpread: 0.1 };
  const [computed, taken] = [how, given].map((scatter) => simulateScan(phantom, layout, { ...request, scatter }));
  expect(taken!.prompts.data).toEqual(computed!.prompts.data);
  expect(taken!.truth.scatter).not.toBe("none");
});
test("refusal: a head that moves, with the scatter of one place", () => {
  const moved = [{ duration: 1 }, { duration: 1, map: identityAffine() }];
  const attempt = () => simulateListMode(phantom, layout, moved, { seed: 3, trues: 100, scatter: given });
  expect(attempt).toThrow(expect.objectContaining({ code: "bad-scatter" }));
});
