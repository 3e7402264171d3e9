import { smallXdf } from "../fixtures/signals/xdf.ts";
import { readXdf } from "../packages/io/src/xdf/xdf.ts";
import type { FuzzTarget } from "./target.ts";

export const xdfTargets: readonly FuzzTarget[] = [
  {
    name: "xdf",
    fixtures: () => [{ name: "small.xdf", bytes: smallXdf() }],
    read: (bytes, file) => readXdf(bytes, { file }),
  },
];
