import { discontinuousEdf, smallBdf } from "../fixtures/signals/edf.ts";
import { eegGroup, eegRecording, someEvents } from "../fixtures/signals/recordings.ts";
import { readEdf } from "../packages/io/src/edf/edf.ts";
import { writeBdf, writeEdf } from "../packages/io/src/edf/write-edf.ts";
import type { FuzzTarget } from "./target.ts";

const recording = eegRecording([eegGroup(128, ["Fp1", "Cz"], [[0, 256]]), eegGroup(32, ["Pz"], [[0, 64]])]);

export const edfTargets: readonly FuzzTarget[] = [
  {
    name: "edf",
    fixtures: () => [
      { name: "discontinuous.edf", bytes: discontinuousEdf() },
      { name: "status.bdf", bytes: smallBdf() },
      { name: "written.edf", bytes: writeEdf(recording, someEvents) },
      { name: "written.bdf", bytes: writeBdf(recording, someEvents) },
    ],
    read: (bytes, file) => readEdf(bytes, { file }),
  },
];
