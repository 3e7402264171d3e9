import { homerNirs } from "../fixtures/signals/homer.ts";
import { nirxHeader, nirxLight } from "../fixtures/signals/nirx.ts";
import { readHomerNirs } from "../packages/io/src/nirs/homer-nirs.ts";
import { nirxFromFiles } from "../packages/io/src/nirx/nirx.ts";
import type { FuzzTarget } from "./target.ts";

const text = new TextEncoder();

export const nirsTargets: readonly FuzzTarget[] = [
  {
    name: "nirs",
    fixtures: () => [
      { name: "plain.nirs", bytes: homerNirs() },
      { name: "compressed.nirs", bytes: homerNirs({}, { compress: true }) },
    ],
    read: (bytes, file) => readHomerNirs(bytes, { file }),
  },
  {
    name: "nirx",
    fixtures: () => [
      { name: "x.hdr", bytes: text.encode(nirxHeader()) },
      { name: "x.wl1", bytes: text.encode(nirxLight[0]) },
    ],
    // One of the two is damaged at a time.
    read: (bytes, file) => {
      const damaged = new TextDecoder().decode(bytes);
      const [hdr, light] = file === "x.hdr" ? [damaged, nirxLight[0]] : [nirxHeader(), damaged];
      return nirxFromFiles({ hdr, light: [light, nirxLight[1]] }, { file });
    },
  },
];
