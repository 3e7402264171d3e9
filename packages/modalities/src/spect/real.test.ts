import type { AttenuationMap } from "@quintet/core";
import { readProjections } from "@quintet/io/node";
import { expect, test } from "vitest";
import { describeRealData } from "../../../../testing/real-data.ts";
import {
  bodyOutline,
  directionEvidence,
  linearResponse,
  reconstruct,
  spectGrid,
  spectProjector,
  uniformAttenuation,
} from "./index.ts";

// Simulated projections (SimSET) of a cylinder with cold spheres from STIR's recon_test_pack. There is no image of the truth: what is held against the
// counts is the model's own projection. The response is that of STIR's parameter files.
describeRealData("SimSET phantom, 120 views", ["spect/stir_spectub/input.hs", "spect/stir_spectub/input.s"], (path) => {
  const response = linearResponse(0.0163, 1.466);

  test.each(["without attenuation", "water in the outline"])(
    "MLEM over all views, %s: projected counts are the measured within a thousandth",
    async (how) => {
      const { projections } = await readProjections(path);
      const grid = spectGrid(projections);
      const map = (): AttenuationMap => uniformAttenuation(grid, bodyOutline(projections), 140.5);
      const attenuation = how === "without attenuation" ? "none" : map();
      const steps = reconstruct(
        projections,
        grid,
        { response, attenuation, scatter: "none", factor: "none" },
        { algorithm: "mlem", iterations: 2, subsets: 1 },
      );
      let end = steps.next();
      while (!end.done) end = steps.next();
      const projector = spectProjector(projections, grid, { response, attenuation });
      const expected = projector.forward(end.value.image.data).reduce((sum, y) => sum + y, 0);
      projector.close();
      const measured = projections.data.reduce((sum, y) => sum + y, 0);
      expect(measured).toBeGreaterThan(2.5e7);
      expect(Math.abs(expected / measured - 1)).toBeLessThan(1e-3);
      expect(end.value.fit.unexplained / measured).toBeLessThan(1e-3);
    },
  );

  test("the header's direction is the one the counts speak for", async () => {
    const { projections } = await readProjections(path);
    const { stated, reversed } = directionEvidence(projections, response);
    expect(stated - reversed).toBeGreaterThan(1000);
  });
});
