/**
 * Raw MRI from file to image, against truths and other programs; one JSON line per case.
 *
 *   npm run study -- mri-raw [ismrmrd] [ghost] [twix]
 *
 * ismrmrd: phantoms of Debian's ismrmrd-tools where they are installed: fully sampled against ismrmrd_recon_cartesian_2d,
 * R = 2 to 4 with 32 lines of calibration against its image of the noiseless whole. ghost: an echo-planar phantom made by
 * code, with noise. twix: the stored gradient echo of a Siemens scanner; an echo-planar file of the same phantom as
 * argument (example_data/epi.dat of pehses/twixtools, MIT) is reconstructed too, its ghost measured with the gradient
 * echo as the object.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { KSpace, Volume } from "@quintet/core";
import { readTwix } from "@quintet/io";
import { readMrd } from "@quintet/io/node";
import { loadKernels } from "@quintet/kernels/node";
import { ghostRatio, type ReconMethod, reconstruct } from "@quintet/modalities/mri";
import { compareMagnitude } from "../packages/modalities/test/magnitude.ts";
import { nrmse } from "../packages/modalities/test/mri-phantom.ts";
import { rawPhantom } from "../packages/modalities/test/raw-phantom.ts";
import { hasIsmrmrdTools, makePhantom, theirImage } from "../testing/ismrmrd-tools.ts";
import { dataFolder } from "../testing/real-data.ts";

const print = (line: object): void => console.log(JSON.stringify(line));
const matrix = 256;
/** Their transform is not scaled; ours is unitary over the 2 x 256 x 256 points encoded. */
const theirs = Math.sqrt(2 * matrix * matrix);

export async function main(args: readonly string[]): Promise<void> {
  await loadKernels();
  const files = args.filter((arg) => existsSync(arg));
  const names = args.filter((arg) => !files.includes(arg));
  const wanted = (name: string): boolean => names.length === 0 || names.includes(name);
  if (wanted("ismrmrd")) await againstTools();
  if (wanted("ghost")) ghosts();
  if (wanted("twix")) {
    const gre = twix(join(dataFolder, "mri/kspace_siemens_twix/gre.dat"));
    for (const file of files) twix(file, gre);
  }
}

async function againstTools(): Promise<void> {
  if (!hasIsmrmrdTools()) {
    print({ study: "ismrmrd", skipped: "ismrmrd-tools is not installed" });
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), "quintet-mrd-"));
  try {
    const [raw, copy] = [join(folder, "raw.h5"), join(folder, "copy.h5")];
    const make = (...more: string[]): void => makePhantom(raw, ["-m", `${matrix}`, "-c", "8", ...more]);
    const firstFrame = async (
      method: ReconMethod | "auto",
    ): Promise<{ image: Float32Array; method: string; seconds: number }> => {
      const whole = await readMrd(raw);
      // The tool repeats an accelerated phantom with its lattice moved on: the first is enough.
      const kspace = { ...whole, readouts: whole.readouts.filter(({ counters }) => counters.repetition === 0) };
      const started = performance.now();
      const [made] = reconstruct(kspace, { method }).images;
      if (made === undefined) throw new Error("no image");
      const seconds = (performance.now() - started) / 1000;
      const image = made.volume.data.subarray(0, matrix * matrix).map((v) => v * theirs);
      return { image, method: made.method, seconds: Number(seconds.toFixed(2)) };
    };
    for (const noise of ["0.05", "0"]) {
      make("-n", noise);
      const other = await theirImage(raw, copy);
      const { image } = await firstFrame("auto");
      print({
        study: "ismrmrd",
        case: `whole, noise ${noise}, against ismrmrd_recon_cartesian_2d`,
        nrmse: nrmse(image, other),
      });
    }
    const truth = await theirImage(raw, copy);
    for (const noise of ["0", "0.005"])
      for (const acceleration of [2, 3, 4]) {
        make("-n", noise, "-a", `${acceleration}`, "-w", "32");
        for (const method of ["auto", "sense", "espirit", "fft"] as const) {
          const made = await firstFrame(method);
          print({
            study: "ismrmrd",
            case: `R = ${acceleration}, 32 lines of calibration, noise ${noise}, to the truth`,
            method: made.method,
            nrmse: nrmse(made.image, truth),
            seconds: made.seconds,
          });
        }
      }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function ghosts(): void {
  for (const noise of [0, 0.01])
    for (const epi of [
      { constant: 0.3, linear: 0.01 },
      { constant: 0.7, linear: 0.03 },
      { constant: -1.2, linear: -0.05 },
    ]) {
      const { kspace, truth, object } = rawPhantom({ epi, noise });
      const inside = Uint8Array.from(object, (v) => Number(v > 0.05));
      const ghost = (of: typeof kspace): { ratio: number | undefined; nrmse: number } => {
        const data = reconstruct(of).images[0]?.volume.data ?? new Float32Array(0);
        return { ratio: ghostRatio(data, inside, 64, 64), nrmse: nrmse(data, truth) };
      };
      const readouts = kspace.readouts.filter(({ purpose }) => purpose !== "navigator");
      print({
        study: "ghost",
        ...epi,
        noise,
        corrected: ghost(kspace),
        withoutNavigators: ghost({ ...kspace, readouts }),
        notTurned: ghost({ ...kspace, readouts: readouts.map((one) => ({ ...one, reversed: false })) }),
      });
    }
}

/** @param reference an image of the same object and field of view with a multiple of its points */
function twix(file: string, reference?: Volume): Volume | undefined {
  if (!existsSync(file)) {
    print({ study: "twix", skipped: `${file} is not there` });
    return undefined;
  }
  const started = performance.now();
  const kspace = readTwix(new Uint8Array(readFileSync(file)), { file });
  const read = performance.now();
  const made = reconstruct(kspace);
  const seconds = { read: (read - started) / 1000, reconstruct: (performance.now() - read) / 1000 };
  const [one] = made.images;
  if (one === undefined) throw new Error("no image");
  const walsh = reconstruct(kspace, { combine: "walsh" }).images[0]?.volume.data ?? new Float32Array(0);
  const bare = { ...kspace, readouts: kspace.readouts.filter(({ purpose }) => purpose !== "navigator") };
  const ghostOf = (of: KSpace): number | undefined =>
    reference && ghostWith(reconstruct(of).images[0]?.volume ?? one.volume, reference);
  print({
    study: "twix",
    file: basename(file),
    shape: one.volume.shape,
    method: one.method,
    quality: one.quality,
    ghostPhase: made.ghostPhase,
    ...(reference ? { ghostOfTheObject: ghostOf(kspace), withoutNavigators: ghostOf(bare) } : {}),
    walshAgainstSumOfSquares: compareMagnitude(walsh, one.volume.data),
    seconds,
    problems: made.problems,
  });
  return one.volume;
}

/** Ghost ratio with the object where the reference is brighter than 0.3 of its 80th percentile. */
function ghostWith(image: Volume, reference: Volume): number | undefined {
  const [nx, ny] = image.shape;
  const times = reference.shape[0] / nx;
  const sorted = [...reference.data].sort((a, b) => a - b);
  const bright = sorted[Math.floor(0.8 * sorted.length)] as number;
  const object = Uint8Array.from({ length: nx * ny }, (_, i) => {
    let sum = 0;
    for (let y = 0; y < times; y++)
      for (let x = 0; x < times; x++)
        sum += reference.data[(times * Math.floor(i / nx) + y) * reference.shape[0] + times * (i % nx) + x] as number;
    return Number(sum > 0.3 * bright * times * times);
  });
  return ghostRatio(image.data, object, nx, ny);
}
