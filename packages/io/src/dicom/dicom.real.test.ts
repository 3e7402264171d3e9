import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { toVoxel, type Volume } from "@quintet/core";
import { expect, test } from "vitest";
import { describeRealData } from "../../../../testing/real-data.ts";
import { readNifti } from "../nifti/read.ts";
import { convertDicom, type DicomSeries } from "../node/dicom.ts";
import { dictionary } from "./dictionary.ts";
import { cornerPoints, dicomSeriesGeometry, dicomSliceTimes } from "./geometry.ts";
import { type DicomFile, readDicomTags } from "./tags.ts";

const series = [
  ["mr_0003", "EPI_PE=AP_3"],
  ["mr_0004", "EPI_PE=PA_4"],
  ["mr_0005", "EPI_PE=RL_5"],
  ["mr_0006", "EPI_PE=LR_6"],
] as const;

function tagsIn(folder: string): DicomFile[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".dcm"));
  return names.map((name) => readDicomTags(readFileSync(join(folder, name)), { file: name }));
}

/** Stored value of voxel (i, j, k) of a Siemens mosaic: tiles row by row. */
function mosaicVoxel(tags: DicomFile, shape: readonly number[], [i, j, k]: readonly number[]): number {
  const [columns, rows, slices] = shape as [number, number, number];
  const tiles = Math.ceil(Math.sqrt(slices));
  const x = ((k as number) % tiles) * columns + (i as number);
  const y = Math.floor((k as number) / tiles) * rows + (j as number);
  const { value } = tags.elements.get(dictionary.PixelData[0]) as { value: Uint8Array };
  return new DataView(value.buffer, value.byteOffset).getUint16(2 * (x + y * tiles * columns), true);
}

describeRealData(
  "dcm_qa_nih Siemens mosaics against dcm2niix's references and their own tags",
  ["mri/dcm_qa_nih/In/20180918Si", "mri/dcm_qa_nih/Ref"],
  (input, reference) => {
    const found = new Map<string, DicomSeries>();
    const converted = async (number: string): Promise<DicomSeries> => {
      if (found.size === 0)
        for (const one of await convertDicom(input)) found.set(String(one.sidecar.SeriesNumber), one);
      return found.get(number) as DicomSeries;
    };

    test.each(series)("%s equals %s.nii: affine, shape and every voxel", async (_, stem) => {
      const { volume, sidecar } = await converted(stem.slice(-1));
      const expected = readNifti(readFileSync(join(reference, `${stem}.nii`)), { file: stem });
      expect(volume.shape).toEqual(expected.shape);
      expect(volume.affine).toBeAllclose(expected.affine, { atol: 1e-6 });
      expect(volume.data).toEqual(expected.data);
      expect(volume.frames).toEqual(expected.frames);
      const said = JSON.parse(readFileSync(join(reference, `${stem}.json`), "utf8"));
      for (const key of ["SliceTiming", "PhaseEncodingDirection", "TotalReadoutTime", "RepetitionTime"]) {
        expect(sidecar[key]).toEqual(said[key]);
      }
    });

    test.each(series)(
      "%s: corner voxels from the tags stand where the image has the same value",
      async (folder, stem) => {
        const { volume } = await converted(stem.slice(-1));
        const tags = tagsIn(join(input, folder));
        const geometry = dicomSeriesGeometry(tags);
        expect(geometry.mosaic).toBe(true);
        for (const [t, [at]] of geometry.order.entries()) {
          for (const [corner, world] of cornerPoints(geometry).entries()) {
            const place = toVoxel(volume, world);
            const index = place.map(Math.round) as [number, number, number];
            // <= 0.01 mm of 3-mm voxels.
            expect(place.map((v, axis) => (v - (index[axis] as number)) * (axis < 2 ? 3 : 12))).toBeAllclose(
              [0, 0, 0],
              {
                atol: 0.01,
              },
            );
            const voxel = geometry.shape.map((n, axis) => (corner & (1 << axis) ? n - 1 : 0));
            expect(valueAt(volume, index, t)).toBe(mosaicVoxel(tags[at as number] as DicomFile, geometry.shape, voxel));
          }
        }
      },
    );

    test.each(series)("%s: slice times from the file's own tags equal the sidecar's", async (folder, stem) => {
      const { sidecar } = await converted(stem.slice(-1));
      const volumes = tagsIn(join(input, folder)).map((tags) => dicomSliceTimes(tags) as number[]);
      const said = sidecar.SliceTiming as number[];
      // The scanner counts in ticks of 2.5 ms, and a volume's times may differ from the next one's by a tick.
      for (const times of volumes) expect(times).toBeAllclose(said, { atol: 0.0025 + 1e-6 });
      const apart = volumes.map((times) => Math.max(...times.map((time, i) => Math.abs(time - (said[i] as number)))));
      // dcm2niix tells one volume's times, printed with six digits.
      expect(Math.min(...apart)).toBeLessThan(1e-5);
    });

    test("identity is found where the scanner left it", async () => {
      const { identity } = await converted("3");
      expect(identity).toContain("PatientName (0010,0010)");
      expect(identity).toContain("InstitutionName (0008,0080)");
    });
  },
);

function valueAt(volume: Volume, [x, y, z]: readonly [number, number, number], t: number): number {
  const [nx, ny, nz] = volume.shape;
  return volume.data[x + nx * (y + ny * (z + nz * t))] as number;
}
