import { homerNirs } from "../fixtures/signals/homer.ts";
import { readHomerNirs } from "../packages/io/src/nirs/homer-nirs.ts";
import type { FuzzTarget } from "./target.ts";

export const nirsTargets: readonly FuzzTarget[] = [
  {
    name: "nirs",
    fixtures: () => [
      { name: "plain.nirs", bytes: homerNirs() },
      { name: "compressed.nirs", bytes: homerNirs({}, { compress: true }) },
    ],
    read: (bytes, file) => readHomerNirs(bytes, { file }),
  },
];
