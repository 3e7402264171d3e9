export type { ConcordanceOptions } from "./concordance.ts";
export { concordance, namedFinding } from "./concordance.ts";
export { measureColumns, measuresJson, measuresTsv } from "./measure-table.ts";
export type { Control, Norm, NormTable } from "./norms.ts";
export { applyNorms, buildNorms, fewestControls, measureKey } from "./norms.ts";
export type { RegionName } from "./region-name.ts";
export { labelOf, regionName } from "./region-name.ts";
export type { RegionShares } from "./region-probability.ts";
export { regionAt, regionPriors, regionProbabilities } from "./region-probability.ts";
