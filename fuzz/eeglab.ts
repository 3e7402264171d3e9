import { eeglabFdt, eeglabSet } from "../fixtures/signals/eeglab.ts";
import { readEeglab } from "../packages/io/src/eeglab/eeglab.ts";
import type { FuzzTarget } from "./target.ts";

const withFdt = eeglabSet({ data: "x.fdt" });

export const eeglabTargets: readonly FuzzTarget[] = [
  {
    name: "eeglab",
    fixtures: () => [
      { name: "inline.set", bytes: eeglabSet() },
      { name: "compressed.set", bytes: eeglabSet({ compress: true, wrapped: false }) },
      { name: "outside.set", bytes: withFdt },
      { name: "outside.fdt", bytes: eeglabFdt() },
    ],
    read: (bytes, file) =>
      file.endsWith(".fdt") ? readEeglab(withFdt, { file, fdt: bytes }) : readEeglab(bytes, { file, fdt: eeglabFdt() }),
  },
];
