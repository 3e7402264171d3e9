/** PET's own files under seeded damage: Interfile, ECAT, PETSIRD, curves of regions and blood, and what DICOM says of SUV. */
import { readFileSync } from "node:fs";
import { ecatBytes } from "../fixtures/pet/ecat.ts";
import { affineOf, type Sinogram, type SinogramLayout, sinogramSize, type Volume } from "../packages/core/src/index.ts";
import { decodeText } from "../packages/io/src/bids/text.ts";
import {
  dicomSuv,
  interfileImage,
  isInterfileProjections,
  isInterfileSinogram,
  readDft,
  readDicomTags,
  readEcat,
  readInterfileHeader,
  readInterfileImage,
  readInterfileProjections,
  readInterfileSinogram,
  readPetsird,
  readPmodBlood,
  readPmodTac,
  readTacsTsv,
  writeDicomSeries,
  writeInterfileImage,
  writeInterfileProjections,
  writeInterfileSinogram,
} from "../packages/io/src/index.ts";
import type { FuzzFixture, FuzzTarget } from "./target.ts";

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const volume: Volume = {
  unit: "Bq/mL",
  shape: [7, 6, 5],
  affine: affineOf([2, 0, 0, -7, 0, 2, 0, -6, 0, 0, 2, -5]),
  space: "scanner:pet",
  clock: "pet",
  frames: [0, 1].map((t) => ({ start: 60 * t, duration: 60 })),
  data: Float32Array.from({ length: 420 }, (_, i) => 100 + Math.sin(i)),
};
const layout: SinogramLayout = {
  scanner: {
    name: "toy",
    source: "fixture",
    ring: { kind: "polygon", sides: 4, blocks: 1, crystals: 4, pitch: 4, blockPitch: 18, apothem: 60 },
    axial: { blocks: 1, crystals: 3, pitch: 4, blockPitch: 12 },
    depth: 7,
    tilt: 0.2,
    timeOfFlight: { bins: 9, width: 50, fwhm: 400 },
  },
  views: 8,
  bins: 5,
  span: 1,
  maxRingDifference: 2,
  timeOfFlight: { bins: 3, width: 150 },
};
const sinogram: Sinogram = { layout, data: new Float32Array(sinogramSize(layout)).fill(1) };

const images = writeInterfileImage(volume, { name: "image" });
const projections = writeInterfileSinogram(sinogram, { name: "sinogram" });
const views = writeInterfileProjections(
  {
    columns: 6,
    rows: 4,
    size: [4, 4],
    angles: Float64Array.from({ length: 5 }, (_, v) => (v * Math.PI) / 3),
    radii: Float64Array.of(150, 151, 152, 153, 154),
    data: new Float32Array(120).fill(1),
  },
  { name: "views" },
);
const whole: readonly FuzzFixture[] = [...images, ...projections, ...views];

/** Header or data is damaged; the other half is whole. */
function readPair(bytes: Uint8Array, file: string): unknown {
  const stem = file.replace(/\.\w+$/, "");
  const part = (ending: string): Uint8Array =>
    file.endsWith(ending) ? bytes : (whole.find(({ name }) => name === `${stem}${ending}`) as FuzzFixture).bytes;
  const header = readInterfileHeader(part(stem === "image" ? ".hv" : ".hs"), file);
  if (isInterfileProjections(header)) return readInterfileProjections(header, part(".s"));
  if (isInterfileSinogram(header)) return readInterfileSinogram(header, part(".s"));
  interfileImage(header);
  return readInterfileImage(header, part(stem === "image" ? ".v" : ".s"));
}

const petsird = new Uint8Array(readFileSync(new URL("../fixtures/pet/petsird-0.9.1.petsird", import.meta.url)));
/** Past the schema, where damage has something to find. */
const behindSchema = 10_700;

function readWhole(bytes: Uint8Array, file: string): unknown {
  const source = { size: bytes.length, read: (at: number, length: number) => bytes.subarray(at, at + length) };
  const { header, blocks } = readPetsird(source, { file });
  return [header, ...blocks];
}

const tables: Readonly<Record<string, string>> = {
  "a.tac": "start[seconds]\tend[kBq/cc]\tCau\tPut\n0\t30\t1.5\t2\n30\t90\t3\t4e1\n",
  "a.bld": "sample-time[seconds]\tplasma[kBq/cc]\n0\t0\n10\t5.5\n",
  "a.dft": "DFT1\tput\tcau\nus1\tdx\t.\nkBq/ml\tPl05\t.\nTimes (min)\t12\t.\n0\t1\t1.5\t2\n1\t2\t3\t4\n",
  "a.tsv": "frame_start\tframe_end\tLeft-Putamen\n0\t30\t1.5\n30\t90\t2\n",
};
const readers: Readonly<Record<string, (value: string, file: string) => unknown>> = {
  "a.tac": (value, file) => readPmodTac(value, { file }),
  "a.bld": (value, file) => readPmodBlood(value, { file }),
  "a.dft": (value, file) => readDft(value, { file }),
  "a.tsv": (value, file) => readTacsTsv(value, { file, metadata: { Units: "kBq/mL" } }),
};

const [pet] = writeDicomSeries(volume, {
  modality: "PT",
  startedAt: "2024-01-31T11:49:46",
  injectedAt: "2024-01-31T10:00:00",
  dose: 370e6,
  halfLife: 6586.2,
  radionuclide: "F18",
  weight: 70,
});

export const petFileTargets: readonly FuzzTarget[] = [
  { name: "interfile", fixtures: () => whole, read: readPair },
  {
    name: "ecat",
    fixtures: () => [
      {
        name: "two-frames.v",
        bytes: ecatBytes({ shape: [4, 3, 2], frames: [new Array(24).fill(7), new Array(24).fill(9)] }),
      },
    ],
    read: (bytes, file) => readEcat(bytes, { file }),
  },
  {
    name: "petsird",
    fixtures: () => [{ name: "whole.petsird", bytes: petsird }],
    read: readWhole,
  },
  {
    name: "petsird-values",
    fixtures: () => [{ name: "values.petsird", bytes: petsird.subarray(behindSchema) }],
    read: (bytes, file) => readWhole(Uint8Array.from([...petsird.subarray(0, behindSchema), ...bytes]), file),
  },
  {
    name: "curves",
    fixtures: () => Object.entries(tables).map(([name, value]) => ({ name, bytes: text(value) })),
    read: (bytes, file) => (readers[file] as (value: string, file: string) => unknown)(decodeText(bytes, file), file),
  },
  {
    name: "dicom-suv",
    fixtures: () => [{ name: "PT.dcm", bytes: (pet as FuzzFixture).bytes }],
    read: (bytes, file) => dicomSuv([readDicomTags(bytes, { file })]),
  },
];
