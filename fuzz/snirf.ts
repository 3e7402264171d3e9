import { readFileSync } from "node:fs";
import { smallKSpace } from "../fixtures/raw-mri/k-space.ts";
import { opticalRecording } from "../fixtures/signals/recordings.ts";
import { eeglabFromMat } from "../packages/io/src/eeglab/eeglab.ts";
import type { Hdf5Group } from "../packages/io/src/hdf5/hdf5-tree.ts";
import { matFromHdf5 } from "../packages/io/src/mat/mat73.ts";
import { writeMrd } from "../packages/io/src/mrd/write-mrd.ts";
import { readHdf5, writeHdf5 } from "../packages/io/src/node/hdf5.ts";
import { readMrd } from "../packages/io/src/node/mrd.ts";
import { readSnirf } from "../packages/io/src/node/snirf.ts";
import { snirfTree } from "../packages/io/src/snirf/write-snirf.ts";
import type { FuzzTarget } from "./target.ts";

/** One optode pair only: HDF5 spends a kilobyte on every group. */
function smallTree(): Hdf5Group {
  const made = opticalRecording();
  const [light] = made.recording.groups;
  if (light === undefined) throw new Error("the fixture has an optical group");
  const group = {
    ...light,
    channels: light.channels.slice(0, 2),
    segments: [{ start: 0, data: new Float64Array(80).map((_, i) => 1 + i) }],
  };
  return snirfTree({
    recording: { ...made.recording, groups: [group] },
    montage: { ...made.montage, sensors: made.montage.sensors.slice(0, 3) },
  });
}

/** MATLAB -v7.3 as h5py writes it: user block, object references, compressed samples. */
const eeglab = new URL("../fixtures/signals/eeglab-73.set", import.meta.url);

export const snirfTargets: readonly FuzzTarget[] = [
  {
    name: "snirf",
    wasm: true,
    fixtures: async () => [
      { name: "small.snirf", bytes: await writeHdf5(smallTree()) },
      { name: "small.set", bytes: new Uint8Array(readFileSync(eeglab)) },
      // Rows with parts of their own lengths go through the same library (fuzz/raw-mri.ts has what lies behind it).
      { name: "small.mrd", bytes: writeMrd(smallKSpace()) },
    ],
    read: async (bytes, file) => {
      if (file.endsWith(".mrd")) return readMrd(bytes, { file });
      return file.endsWith(".set")
        ? eeglabFromMat(matFromHdf5(await readHdf5(bytes, { file }), { file }), { file })
        : readSnirf(bytes, { file });
    },
  },
];
