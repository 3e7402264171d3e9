import { readVolume } from "@quintet/io/node";
import { loadKernels } from "@quintet/kernels/node";
import { beforeAll, expect, test } from "vitest";
import { describeRealData } from "../../../../testing/real-data.ts";
import { brainMask, tissueSegmentation } from "./index.ts";

/** ms; about 6 s each on a machine of one's own, several times that on a shared one. */
const patience = 240_000;

function dice(a: ArrayLike<number>, b: ArrayLike<number>, cut: number): number {
  let [both, sum] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    const [p, q] = [a[i] > 0, b[i] > cut];
    if (p && q) both++;
    sum += (p ? 1 : 0) + (q ? 1 : 0);
  }
  return (2 * both) / sum;
}

describeRealData("Colin27", ["mri/mricron/ch2.nii.gz", "mri/mricron/ch2bet.nii.gz"], (ch2, ch2bet) => {
  beforeAll(() => loadKernels());
  test(
    "the brain mask agrees with the stripped image that comes with it: Dice at least 0.95",
    async () => {
      const mask = brainMask(await readVolume(ch2));
      const value = dice(mask.data, (await readVolume(ch2bet)).data, 0);
      console.log(`Colin27 brain mask: Dice ${value.toFixed(4)}, ${mask.volume.toFixed(0)} mL`);
      expect(value).toBeGreaterThanOrEqual(0.95);
    },
    patience,
  );
});

const mni = (name: string): string => `mri/mni152_09a/mni_icbm152_${name}_tal_nlin_sym_09a_converted.nii.gz`;
describeRealData("MNI152 2009a", [mni("t1"), mni("gm"), mni("wm")], (t1Path, greyPath, whitePath) => {
  beforeAll(() => loadKernels());
  test(
    "tissue classes against the template's maps at half: grey at least 0.85, white at least 0.88",
    async () => {
      const t1 = await readVolume(t1Path);
      const mask = brainMask(t1);
      expect(mask.alreadyStripped).toBe(true);
      const { labels } = tissueSegmentation(t1, mask);
      const score = async (path: string, label: number): Promise<number> => {
        const map = (await readVolume(path)).data;
        const top = map.reduce((a, b) => Math.max(a, b), 0);
        return dice(
          labels.data.map((l) => (l === label ? 1 : 0)),
          map,
          top / 2,
        );
      };
      const [grey, white] = [await score(greyPath, 2), await score(whitePath, 3)];
      console.log(`MNI152 tissue classes: grey Dice ${grey.toFixed(4)}, white ${white.toFixed(4)}`);
      expect(grey).toBeGreaterThanOrEqual(0.85);
      expect(white).toBeGreaterThanOrEqual(0.88);
    },
    patience,
  );
});
