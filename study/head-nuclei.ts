/**
 * Deep nuclei of made persons by the regions of the made head without individual traits, warped onto them:
 *
 *   npm run study -- head-nuclei
 *
 * Before and after: Dice of the tissues, of grey matter within 3 voxels of the nuclei, of the voxels that are a nucleus in
 * truth the share called grey; and how well the warped regions themselves overlap.
 */
import { labelsToSubject, registerToTemplate } from "@quintet/fusion/register";
import { dilate, seededRandom } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { headTissues, headWithDeepNuclei, segmentHead } from "@quintet/modalities/mri";
import { phantomHead, t1wImage } from "@quintet/twin";
import { dice, fiveDice, is, type Test, truthOf } from "../testing/made-tissue.ts";

const names = ["caudate", "putamen", "pallidum", "thalamus"];

export async function main(): Promise<void> {
  await loadKernels();
  const template = phantomHead({ seed: 0, variation: 0, resolution: 2, space: "template" });
  const templateT1 = t1wImage(template, seededRandom(0), { bias: 0, noise: 0.01 });
  for (const seed of [3, 4]) {
    const made = phantomHead({ seed, variation: 1, resolution: 1.6 });
    const t1 = t1wImage(made, seededRandom(seed), { bias: 0.15, noise: 0.025 });
    const own = segmentHead(t1);
    const templateMask = { ...template.grid, data: Uint8Array.from(truthOf(template), (label) => Number(label >= 3)) };
    const found = await registerToTemplate(t1, templateT1, { mask: own.brain, templateMask });
    const regions = labelsToSubject({ ...template.regions, space: "template" }, t1, found);
    const after = headWithDeepNuclei(own, regions);
    const { "deep-grey": deep } = made.fractions;
    const named = (name: string): Set<number> =>
      new Set([...made.regions.names].flatMap(([label, own]) => (own.endsWith(` ${name}`) ? [label] : [])));
    for (const [what, { labels }] of [
      ["no atlas", own],
      ["atlas", after],
    ] as const)
      console.log(
        JSON.stringify({
          case: "nuclei",
          seed,
          what,
          ...fiveDice(labels.data, truthOf(made)),
          greyShare: Object.fromEntries(
            names.map((name) => {
              const wanted = named(name);
              let [grey, n] = [0, 0];
              for (let i = 0; i < deep.length; i++) {
                if ((deep[i] as number) <= 0.5 || !wanted.has(made.regions.data[i] as number)) continue;
                n++;
                if (labels.data[i] === headTissues.grey) grey++;
              }
              return [name, grey / n];
            }),
          ),
          greyDiceNearNuclei: diceNear(labels.data, truthOf(made), deep, made.grid.shape),
          warpedLabels: Object.fromEntries(
            names.map((name) => {
              const wanted = named(name);
              const one: Test = (label) => wanted.has(label);
              return [name, dice(regions.data, one, made.regions.data, one)];
            }),
          ),
        }),
      );
  }
}

/** Dice of grey matter within 3 voxels of the deep nuclei. */
function diceNear(
  found: ArrayLike<number>,
  truth: ArrayLike<number>,
  deep: Float32Array,
  shape: readonly [number, number, number],
): number {
  const near = dilate(
    Uint8Array.from(deep, (share) => Number(share > 0.5)),
    shape,
    3,
  );
  const inside = (labels: ArrayLike<number>): Uint8Array =>
    Uint8Array.from(labels, (label, i) => (near[i] === 0 ? 0 : label));
  return dice(inside(found), is(headTissues.grey), inside(truth), is(headTissues.grey));
}
