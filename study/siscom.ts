/**
 * SISCOM on simulated pairs: how often a focus is named and in place, how often one is named without a focus.
 *
 *   npm run study -- siscom [seeds=100]
 *
 * JSON lines, one per condition. `named`: the first cluster with p <= siscomAlpha; `placed`: its centre within 8 mm of the truth.
 */
import { siscom, siscomFocus } from "@quintet/modalities/spect";
import { type PairOptions, simulatedPair } from "../testing/siscom-pair.ts";

export async function main(args: readonly string[]): Promise<void> {
  const seeds = Number(args[0] ?? 100);
  const noises = (args[1] ?? "0.03,0.05,0.08").split(",").map(Number);
  const smoothings = (args[2] ?? "0,8").split(",").map(Number);
  const variants: Partial<PairOptions>[] = [{}, { countLike: true }, { misregistration: 1 }];

  for (const noise of noises)
    for (const variant of variants)
      for (const smoothingFwhm of smoothings)
        for (const focus of [true, false]) {
          let [named, placed, first, opposite] = [0, 0, 0, 0];
          const distances: number[] = [];
          const smoothness: number[] = [];
          for (let seed = 1; seed <= seeds; seed++) {
            const pair = simulatedPair(seed, { focus, noise, ...variant });
            const result = siscom(pair.ictal, pair.interictal, pair.brain, { smoothingFwhm });
            const found = siscomFocus(result);
            smoothness.push(...result.fwhm);
            if (found) named++;
            if ((result.search.below[0]?.p ?? 1) <= 0.05) opposite++;
            const top = result.search.above[0];
            if (!pair.focus || !top) continue;
            const away = (at: readonly number[]): number =>
              Math.hypot(...pair.focus!.centre.map((x, k) => x - (at[k] as number)));
            distances.push(away(top.centre));
            if (away(top.centre) <= 8) first++;
            if (found && away(found.centre) <= 8) placed++;
          }
          const middle = distances.sort((a, b) => a - b)[distances.length >> 1];
          const mean = smoothness.reduce((a, b) => a + b, 0) / smoothness.length;
          console.log(
            JSON.stringify({
              noise,
              ...variant,
              smoothingFwhm,
              focus,
              seeds,
              named,
              placed,
              first,
              hypoNamed: opposite,
              middle,
              fwhm: mean,
            }),
          );
        }
}
