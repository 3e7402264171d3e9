import { identityAffine, invert, multiply } from "@quintet/core";
import { readVolume } from "@quintet/io/node";
import { loadKernels } from "@quintet/kernels/node";
import { expect, test } from "vitest";
import { describeRealData } from "../../../../testing/real-data.ts";
import { contrasts, pointsInside, simulatedPair, targetErrors } from "../../test/simulated-pair.ts";
import { registerRigid } from "./index.ts";

// All four contrasts, 60 and 90 degrees and the real PET and SPECT: study/registration.ts, docs/science/registration.md.
describeRealData(
  "rigid registration of simulated contrasts on ch2",
  ["mri/mricron/ch2.nii.gz", "mri/mricron/ch2bet.nii.gz"],
  (t1Path, brainPath) => {
    test.each([
      ["bold-3mm", { degrees: [5, -7, 10], shift: [8, -10, 6] }],
      ["fdg-2.5mm", { degrees: [3, 2, 90], shift: [5, 5, -5] }],
    ] as const)("%s: mean error at 2000 brain points at most 0.3 mm", { timeout: 300_000 }, async (name, pose) => {
      await loadKernels();
      const t1 = await readVolume(t1Path!);
      const bet = await readVolume(brainPath!);
      const brain = { ...t1, data: Uint8Array.from(bet.data, (v) => (v > 0 ? 1 : 0)) };
      const contrast = contrasts.find((c) => c.name === name)!;
      const { moving, truth } = simulatedPair(t1, brain, contrast, pose, 7);
      const found = await registerRigid(t1, moving, { fixedMask: brain });
      const points = pointsInside(t1, brain, 2000);
      const { mean } = targetErrors(multiply(found.transform.matrix, invert(truth)), identityAffine(), points);
      expect(found.converged).toBe(true);
      expect(mean).toBeLessThanOrEqual(0.3);
    });
  },
);
