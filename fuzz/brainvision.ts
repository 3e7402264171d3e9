import { eegGroup, eegRecording, someEvents } from "../fixtures/signals/recordings.ts";
import { readBrainVision } from "../packages/io/src/brainvision/brainvision.ts";
import { writeBrainVision } from "../packages/io/src/brainvision/write-brainvision.ts";
import type { FuzzTarget } from "./target.ts";

const recording = eegRecording(
  [
    eegGroup(
      100,
      ["Fp1", "Cz"],
      [
        [0, 300],
        [9, 100],
      ],
    ),
  ],
  "2021-03-02T10:20:30",
);
const parts = writeBrainVision(recording, someEvents, { name: "x", format: "INT_16" });
const part = (name: string): Uint8Array => parts.find((p) => p.name === name)?.bytes ?? new Uint8Array(0);

/** One of the three files is damaged at a time, the other two are whole. */
export const brainVisionTargets: readonly FuzzTarget[] = [
  {
    name: "brainvision",
    fixtures: () => parts,
    read: (bytes, file) => {
      const pick = (name: string): Uint8Array => (name === file ? bytes : part(name));
      return readBrainVision({ vhdr: pick("x.vhdr"), vmrk: pick("x.vmrk"), eeg: pick("x.eeg") }, { file });
    },
  },
];
