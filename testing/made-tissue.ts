/** The made head's own tissues as the five labels of a segmented head, and overlaps with them. */
import { type HeadTissue, headTissues } from "@quintet/modalities/mri";
import { type PhantomHead, tissueNames } from "@quintet/twin";

export type Test = (value: number) => boolean;
export const is =
  (label: number): Test =>
  (value) =>
    value === label;

/** 1 where neither holds a voxel. */
export function dice(a: ArrayLike<number>, inA: Test, b: ArrayLike<number>, inB: Test): number {
  let [both, sum] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    const [p, q] = [inA(a[i] as number), inB(b[i] as number)];
    both += Number(p && q);
    sum += Number(p) + Number(q);
  }
  return sum === 0 ? 1 : (2 * both) / sum;
}

const tissueOf: Readonly<Record<string, number>> = {
  soft: 1,
  fat: 1,
  vitreous: 1,
  bone: 2,
  marrow: 2,
  csf: 3,
  grey: 4,
  "deep-grey": 4,
  white: 5,
};

/** The largest share of each voxel, as `headTissues`. */
export function truthOf({ fractions }: PhantomHead): Uint8Array {
  const n = fractions.csf.length;
  const share = new Float64Array(6);
  return Uint8Array.from({ length: n }, (_, i) => {
    share.fill(0);
    share[0] = 1;
    for (const name of tissueNames) {
      const [label, part] = [tissueOf[name] ?? 0, fractions[name][i] as number];
      share[label] = (share[label] as number) + part;
      share[0] = (share[0] as number) - part;
    }
    let best = 0;
    for (let k = 1; k < 6; k++) if ((share[k] as number) > (share[best] as number)) best = k;
    return best;
  });
}

export function fiveDice(found: ArrayLike<number>, truth: ArrayLike<number>): Record<string, number> {
  return Object.fromEntries(
    (Object.keys(headTissues) as (HeadTissue | "air")[])
      .filter((name) => name !== "air")
      .map((name) => [name, dice(found, is(headTissues[name]), truth, is(headTissues[name]))]),
  );
}
