/**
 * Does the whole pipeline tell the same side and place however the images are stored?
 *
 *   npm run study -- side [--seed 11]
 *
 * One head with one focus in the LEFT temporal lobe. Its T1 and both SPECT scans are stored in every way an export may
 * store them, each written as a data set of its own and run through every step. One JSON line per storage: side, region,
 * distance from the truth and from what the plain storage gave.
 */
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { affineOf, multiply, type Point, rigid, type Volume } from "../packages/core/src/index.ts";
import { restack, writeDicomSeries, writeNifti } from "../packages/io/src/index.ts";
import { convertDicom, readVolume } from "../packages/io/src/node/index.ts";
import { resample } from "../packages/kernels/src/index.ts";
import { loadKernels } from "../packages/kernels/src/pool/node.ts";
import { runStudy, writePhantomStudy } from "../packages/pipeline/src/index.ts";

type Write = (image: Volume, folder: string) => Promise<Uint8Array>;

const nifti =
  (change: (image: Volume) => Volume, options: Parameters<typeof writeNifti>[1] = {}): Write =>
  async (image) =>
    writeNifti(change(image), { gzip: true, ...options });
const same = (image: Volume): Volume => image;
const mirrored = (image: Volume): Volume => restack(image, ["-x", "y", "z"]);
/** Through DICOM files and back, as an import takes them. */
const dicom =
  (modality: "MR" | "NM"): Write =>
  async (image, folder) => {
    const into = await mkdtemp(join(folder, "dicom-"));
    for (const { name, bytes } of writeDicomSeries(image, { modality })) await writeFile(join(into, name), bytes);
    const [series] = await convertDicom((await readdir(into)).map((name) => join(into, name)));
    if (!series) throw new Error("no image came out of the series");
    return writeNifti({ ...series.volume, unit: image.unit }, { gzip: true });
  };
/** Resampled once on a grid turned by 12, -9 and 17 degrees: small differences are the resampling's. */
function oblique(image: Volume): Volume {
  const turned = multiply(rigid([12, -9, 17], [0, 0, 0]), image.affine);
  return resample(image, { ...image, affine: turned }, affineOf([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]));
}

const storages: readonly (readonly [name: string, write: Write])[] = [
  ["positive determinant", nifti(same)],
  ["negative determinant", nifti(mirrored)],
  ["axes permuted and turned", nifti((image) => restack(image, ["-z", "x", "-y"]))],
  ["oblique", nifti(oblique)],
  ["big-endian", nifti(same, { byteOrder: "big" })],
  ["sform only", nifti(mirrored, { forms: "sform" })],
  ["qform only", nifti(mirrored, { forms: "qform" })],
  ["NIfTI-2", nifti(same, { version: 2 })],
  ["DICOM MR slices", dicom("MR")],
  ["DICOM NM volume", dicom("NM")],
];

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { seed: { type: "string", default: "11" } } });
  await loadKernels();
  const folder = await mkdtemp(join(tmpdir(), "quintet-side-"));
  let plain: Point | undefined;
  try {
    for (const [storage, write] of storages) {
      const root = join(folder, "study");
      const { truth, files } = await writePhantomStudy(root, {
        seed: Number(values.seed),
        modalities: ["mri", "spect"],
        focus: { side: "left", lobe: "temporal", volume: 6, increase: 0.7 },
      });
      for (const file of files.filter((path) => path.endsWith(".nii.gz"))) {
        const path = join(root, file);
        await writeFile(path, await write(await readVolume(path), folder));
      }
      const [outcome] = await runStudy({ root, out: join(folder, "derivatives"), template: "phantom" });
      const found = outcome?.finding;
      plain ??= found?.position;
      const off = (from: Point | undefined): number | null =>
        found?.position && from ? Number(distance(found.position, from).toFixed(3)) : null;
      console.log(
        JSON.stringify({
          study: "side",
          storage,
          side: found?.side ?? null,
          region: found?.region ?? null,
          at: found?.position?.map((mm) => Number(mm.toFixed(2))) ?? null,
          fromTruth: off(truth.focus?.centre),
          fromPlain: off(plain),
        }),
      );
      for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}
