/** Side files of BIDS under seeded damage: tables, JSON, and the readers of what they mean. */

import { decodeText } from "../packages/io/src/bids/text.ts";
import {
  cell,
  readBloodTsv,
  readChannelsTsv,
  readElectrodesTsv,
  readEventsTsv,
  readJson,
  readOptodesTsv,
  readParticipantsTsv,
  readScansTsv,
  readTsv,
  sidecarProblems,
} from "../packages/io/src/index.ts";
import type { FuzzTarget } from "./target.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

const tables: Readonly<Record<string, string>> = {
  events: "onset\tduration\ttrial_type\tvalue\tchannel\n0.5\t1\tgo\t3\tT7,T8\n2\tn/a\tstop\tn/a\tn/a\n",
  channels: "name\ttype\tunits\tstatus\tsampling_frequency\nT7\tEEG\tuV\tgood\t250\nSkin\tGSR\tuS\tbad\t50\n",
  electrodes: "name\tx\ty\tz\nT7\t-80.5\t0\t1e1\nREF\tn/a\tn/a\tn/a\n",
  optodes:
    "name\ttype\tx\ty\tz\ttemplate_x\ttemplate_y\ttemplate_z\nS1\tsource\t1\t2\t3\tn/a\tn/a\tn/a\nD1\tdetector\tn/a\tn/a\tn/a\t4\t5\t6\n",
  blood: "time\tplasma_radioactivity\tmetabolite_parent_fraction\n0\t0\t1\n60\t12.5\t0.8\n",
  participants:
    "participant_id\tage\tsex\tweight\theight\thandedness\nsub-01\t34\tF\t61\t1.7\tR\nsub-02\t89+\tM\tn/a\t180\tL\n",
  scans: "filename\tacq_time\neeg/sub-01_eeg.edf\t1910-03-02T10:00:00.5\npet/sub-01_pet.nii.gz\tn/a\n",
};
const metadata = {
  time: { Units: "s" },
  plasma_radioactivity: { Units: "kBq/mL" },
  EEGCoordinateSystem: "CTF",
  EEGCoordinateUnits: "cm",
  NIRSCoordinateSystem: "CapTrak",
  NIRSCoordinateUnits: "m",
  AnatomicalLandmarkCoordinates: { NAS: [1, 2, 3], LPA: [4, 5, 6] },
};
const readers: Readonly<Record<string, (table: string, file: string) => unknown>> = {
  events: (table, file) => readEventsTsv(table, { file, clock: "c" }),
  channels: (table, file) => readChannelsTsv(table, { file }),
  electrodes: (table, file) => readElectrodesTsv(table, { file, coordsystem: metadata }),
  optodes: (table, file) => readOptodesTsv(table, { file, coordsystem: metadata }),
  blood: (table, file) => readBloodTsv(table, { file, clock: "c", metadata }),
  participants: (table, file) => readParticipantsTsv(table, { file }),
  scans: (table, file) => readScansTsv(table, { file }),
};

const pet = JSON.stringify({
  Units: "Bq/mL",
  TracerName: "FDG",
  InjectedRadioactivity: 185,
  InjectedRadioactivityUnits: "MBq",
  FrameTimesStart: [0, 10, 20],
  FrameDuration: [10, 10, 30],
  ReconMethodParameterLabels: ["subsets"],
  AnatomicalLandmarkCoordinates: { NAS: [1, 2, 3] },
});

export const bidsTargets: readonly FuzzTarget[] = [
  ...Object.entries(readers).map(
    ([name, read]): FuzzTarget => ({
      name: `bids-${name}`,
      fixtures: () => [{ name: `${name}.tsv`, bytes: text(tables[name] as string) }],
      read: (bytes, file) => {
        const table = decodeText(bytes, file);
        cell(readTsv(table, file), 0, "name");
        return read(table, file);
      },
    }),
  ),
  {
    name: "bids-json",
    fixtures: () => [{ name: "pet.json", bytes: text(pet) }],
    read: (bytes, file) => {
      const sidecar = readJson(decodeText(bytes, file), file);
      const frame = { file, coordsystem: { ...metadata, ...sidecar } };
      const suffixes = ["pet", "spect", "eeg", "nirs", "blood"];
      return [
        readElectrodesTsv(tables.electrodes as string, frame),
        ...suffixes.map((suffix) => sidecarProblems(file, suffix, {}, sidecar)),
      ];
    },
  },
];
