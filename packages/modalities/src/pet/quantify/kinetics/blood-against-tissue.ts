import { DataError } from "@quintet/core";
import { curveAt } from "@quintet/kernels";
import type { InputFunction } from "./input-function.ts";
import type { KineticData } from "./kinetic-data.ts";

/** No organ takes up more than its flow brings, and no brain has a flow of 3 mL/cm3/min. Chosen here, far outside life. */
const mostK1 = 3;
/** The vessels alone make a region some per cent of blood. Chosen here, far outside life. */
const leastShare = 1e-3;

/**
 * Blood and tissue must be able to belong together: C(t) <= K1 int C_p with the largest K1 there can be, and a region's
 * peak is not below a thousandth of the plasma's. Where not, one of the two is in another unit than it says.
 *
 * @throws DataError `disagreement`
 */
export function checkBloodAgainstTissue({ values, time, region }: KineticData, { plasma }: InputFunction): void {
  const tissue = Math.max(...values);
  const [brought = 0] = curveAt(plasma, time.slice(-1)).integral;
  const peak = Math.max(...plasma.value);
  if (!(tissue > 0 && peak > 0)) return;
  if (tissue <= mostK1 * brought && tissue >= leastShare * peak) return;
  const ratio = tissue > mostK1 * brought ? "more than blood could bring it" : "next to nothing of the blood's";
  throw new DataError("disagreement", `${region} holds ${ratio}: are the units of blood and tissue what they say?`, {
    expected: `a peak between ${(leastShare * peak).toPrecision(2)} and ${(mostK1 * brought).toPrecision(2)} Bq/mL`,
    found: `${tissue.toPrecision(3)} Bq/mL in tissue, ${peak.toPrecision(3)} in plasma`,
  });
}
