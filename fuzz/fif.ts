import { fifByHand } from "../fixtures/signals/fif-by-hand.ts";
import { readFifPoints, readFifSurfaces, readFifTransforms } from "../packages/io/src/fif/geometry.ts";
import { readFifLeadField } from "../packages/io/src/fif/lead-field.ts";
import { readFifRecording } from "../packages/io/src/fif/recording.ts";
import type { FuzzTarget } from "./target.ts";

const readers = {
  surfaces: readFifSurfaces,
  transforms: readFifTransforms,
  points: readFifPoints,
  recording: readFifRecording,
  "lead-field": readFifLeadField,
} as const;

const fixtures = {
  surfaces: [fifByHand.surface()],
  transforms: [fifByHand.transform()],
  points: [fifByHand.points()],
  recording: [fifByHand.recording(2), fifByHand.recording(4)],
  "lead-field": [fifByHand.leadField()],
} as const;

export const fifTargets: readonly FuzzTarget[] = (Object.keys(readers) as (keyof typeof readers)[]).map((name) => ({
  name: `fif-${name}`,
  fixtures: () => fixtures[name].map((bytes, i) => ({ name: `${name}-${i}.fif`, bytes })),
  read: (bytes, file) => readers[name](bytes, { file }),
}));
