/** What is made of binding ratios: the whole putamen, asymmetries, caudate over putamen; each with its gradient by the chain rule. */
import type { Gradient } from "./mean-covariance.ts";
import type { RatioRow } from "./sbr.ts";

/** The whole putamen of each side from its halves, by their voxels. */
export function putamenOf(halves: readonly RatioRow[]): RatioRow[] {
  return (["left", "right"] as const).flatMap((side) => {
    const own = halves.filter((row) => row.side === side && /^(anterior|posterior) putamen$/.test(row.region));
    const [first] = own;
    const n = own.reduce((sum, row) => sum + (row.n ?? 0), 0);
    if (!first || n === 0) return [];
    const share = (row: RatioRow): number => (row.n ?? 0) / n;
    return [
      {
        ...first,
        region: "putamen",
        value: own.reduce((sum, row) => sum + share(row) * row.value, 0),
        gradient: combined(own.map((row) => [share(row), row.gradient])),
        n,
      },
    ];
  });
}

/** a = 200 (L - R) / (L + R) % of every region: da/dL = 400 R / (L + R)^2, da/dR = -400 L / (L + R)^2. */
export function asymmetries(rows: readonly RatioRow[]): RatioRow[] {
  return rows
    .filter(({ side }) => side === "left")
    .flatMap((left) => {
      const right = rows.find(
        (row) => row.side === "right" && row.region === left.region && row.measure === left.measure,
      );
      if (!right || !(left.value > 0 && right.value > 0)) return [];
      const sum = left.value + right.value;
      return [
        {
          ...left,
          side: "midline" as const,
          measure: `${left.measure}-asymmetry`,
          value: (200 * (left.value - right.value)) / sum,
          unit: "%",
          n: (left.n ?? 0) + (right.n ?? 0),
          method: "200 (L - R) / (L + R)",
          gradient: combined([
            [(400 * right.value) / sum ** 2, left.gradient],
            [(-400 * left.value) / sum ** 2, right.gradient],
          ]),
        },
      ];
    });
}

/** q = caudate over putamen, above what it is in health when the putamen has lost more: dq/dc = 1 / p, dq/dp = -c / p^2. */
export function caudateOverPutamen(rows: readonly RatioRow[]): RatioRow[] {
  return (["left", "right"] as const).flatMap((side) => {
    const [caudate, putamen] = ["caudate", "putamen"].map((region) =>
      rows.find((row) => row.region === region && row.side === side),
    );
    // Binding at or below the reference has no ratio to speak of.
    if (!caudate || !putamen || !(caudate.value > 0 && putamen.value > 0)) return [];
    return [
      {
        ...caudate,
        region: "striatum",
        measure: "caudate-putamen-ratio",
        value: caudate.value / putamen.value,
        method: "SBR of the caudate over that of the putamen",
        gradient: combined([
          [1 / putamen.value, caudate.gradient],
          [-caudate.value / putamen.value ** 2, putamen.gradient],
        ]),
      },
    ];
  });
}

/** Sum of gradients, each times a factor. */
export function combined(parts: readonly (readonly [factor: number, gradient: Gradient])[]): Gradient {
  const sum: Record<string, number> = {};
  for (const [factor, gradient] of parts)
    for (const [name, slope] of Object.entries(gradient)) sum[name] = (sum[name] ?? 0) + factor * slope;
  return sum;
}
