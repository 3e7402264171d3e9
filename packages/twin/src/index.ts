export type { TissueName } from "./head/head.ts";
export { tissueNames } from "./head/head.ts";
export type { PhantomHead, PhantomHeadOptions } from "./head/phantom-head.ts";
export { phantomHead } from "./head/phantom-head.ts";
export type { Lobe, Region } from "./head/regions.ts";
export { brainstemLabel, regionLabel, regionNames, regions } from "./head/regions.ts";
