import { readFileSync } from "node:fs";
import { affineOf, type Volume } from "../packages/core/src/index.ts";
import { dicomSeriesGeometry, dicomSliceTimes } from "../packages/io/src/dicom/geometry.ts";
import { dicomIdentity } from "../packages/io/src/dicom/identity.ts";
import { isNuclearVolume, readNuclearVolume } from "../packages/io/src/dicom/nuclear.ts";
import { dicomRadiopharmaceutical } from "../packages/io/src/dicom/radiopharmaceutical.ts";
import { readDicomTags } from "../packages/io/src/dicom/tags.ts";
import { writeDicomSeries } from "../packages/io/src/dicom/write-series.ts";
import { convertDicom } from "../packages/io/src/node/dicom.ts";
import type { FuzzFixture, FuzzTarget } from "./target.ts";

const volume: Volume = {
  unit: "Bq/mL",
  shape: [12, 11, 3],
  affine: affineOf([2, 0, 0, -12, 0, 2, 0, -11, 0, 0, 4, -4]),
  space: "scanner:pet",
  clock: "pet",
  frames: [{ start: 0, duration: 60 }],
  data: Float32Array.from({ length: 396 }, (_, i) => 1000 * Math.sin(i) ** 2),
};
const about = { dose: 2e8, halfLife: 6586.2, injectedAt: "2024-01-31T10:00:00", tracer: "FDG", weight: 70 };

function fixtures(): FuzzFixture[] {
  const written = (["MR", "PT", "NM"] as const).map((modality) => {
    const [first] = writeDicomSeries(volume, { modality, ...about });
    return { name: `${modality}.dcm`, bytes: first?.bytes ?? new Uint8Array(0) };
  });
  const foreign = ["mosaic-against-1.dcm", "implicit.dcm", "big-endian.dcm"].map((name) => ({
    name,
    bytes: new Uint8Array(readFileSync(new URL(`../fixtures/volumes/${name}`, import.meta.url))),
  }));
  return [...written, ...foreign];
}

export const dicomTargets: readonly FuzzTarget[] = [
  {
    name: "dicom",
    fixtures,
    read: (bytes, file) => {
      const tags = readDicomTags(bytes, { file });
      dicomIdentity(tags);
      dicomRadiopharmaceutical(tags);
      if (isNuclearVolume(tags)) return readNuclearVolume(tags);
      return [dicomSeriesGeometry([tags]), dicomSliceTimes(tags)];
    },
  },
  {
    name: "dcm2niix",
    wasm: true,
    fixtures,
    read: (bytes, file) => convertDicom([{ name: file, bytes }]),
  },
];
