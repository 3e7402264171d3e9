/**
 * Raw MRI to image, beside other programs on the same file where they are found.
 *
 *   npm run bench -- mri-recon [--runs 5]
 *
 * ismrmrd_recon_cartesian_2d (ismrmrd-tools, or $QUINTET_ISMRMRD_RECON): from file to image, its image kept in the file,
 * ours in memory. BART (`bart`, or $QUINTET_BART): maps and conjugate gradients, each from file to file; ours in memory.
 * The times of programs include their start. Outputs are compared before any time is printed.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { KSpace } from "@quintet/core";
import { writeMrd } from "@quintet/io";
import { readMrd } from "@quintet/io/node";
import { loadKernels } from "@quintet/kernels/node";
import { cgSense, espirit, grappa, reconstruct, senseModel } from "@quintet/modalities/mri";
import { compareMagnitude, setMagnitude } from "../packages/modalities/test/magnitude.ts";
import { coilPhantom, nrmse, undersample } from "../packages/modalities/test/mri-phantom.ts";
import { rawPhantom } from "../packages/modalities/test/raw-phantom.ts";
import { interleaved, printLine } from "../testing/bench-line.ts";
import { hasIsmrmrdTools, theirImage, timeReconstruction } from "../testing/ismrmrd-tools.ts";

const bart = process.env.QUINTET_BART ?? "bart";
const n = 256;

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { runs: { type: "string", default: "5" } } });
  await loadKernels();
  const folder = mkdtempSync(join(tmpdir(), "quintet-bench-"));
  try {
    await fromFile(folder, Number(values.runs));
    await accelerated(folder, Number(values.runs));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const line = (name: string, ours: number, peer: number | undefined, peerName: string, error: number | null): void =>
  printLine({
    bench: "mri-recon",
    case: name,
    ours,
    unit: "ms",
    peer: peer ?? null,
    peer_name: peer === undefined ? null : peerName,
    ratio: peer === undefined ? null : peer / ours,
    error,
    threads: 1,
  });

async function fromFile(folder: string, runs: number): Promise<void> {
  const [raw, copy] = [join(folder, "raw.h5"), join(folder, "copy.h5")];
  const { kspace } = rawPhantom({ matrix: [n, n], noise: 0.01 });
  writeFileSync(raw, writeMrd(kspace));
  let image = new Float32Array(0);
  let held: KSpace = kspace;
  const ours = async (): Promise<void> => {
    held = await readMrd(raw);
    image = reconstruct(held).images[0]?.volume.data as Float32Array<ArrayBuffer>;
  };
  await ours();
  const installed = hasIsmrmrdTools();
  const error = installed
    ? nrmse(
        image.map((v) => v * Math.sqrt(2 * n * n)),
        await theirImage(raw, copy),
      )
    : null;
  const [mine, peer] = await interleaved(installed ? [ours, () => timeReconstruction(raw, copy)] : [ours], runs);
  const [alone] = await interleaved([() => reconstruct(held)], runs);
  const name = `MRD file of 512 x 256, 8 coils, to an image of 256 x 256; error: NRMSE of the two images`;
  line(name, mine as number, peer, "ismrmrd_recon_cartesian_2d", error);
  line("the same without reading the file", alone as number, undefined, "", null);
}

async function accelerated(folder: string, runs: number): Promise<void> {
  const phantom = coilPhantom(n, n, 8, 0.001);
  const kspace = undersample(phantom.kspace, 3, 32);
  const installed = spawnSync(bart, ["version"]).status === 0;
  const [k, maps, image] = ["k", "maps", "image"].map((name) => join(folder, name)) as [string, string, string];
  writeFileSync(`${k}.hdr`, `# Dimensions\n${n} ${n} 1 8 1 1 1 1 1 1 1 1 1 1 1 1\n`);
  writeFileSync(`${k}.cfl`, new Uint8Array(kspace.data.buffer));
  const run = (...words: string[]): void => {
    const { status, stderr } = spawnSync(bart, words, {
      encoding: "utf8",
      env: { ...process.env, OMP_NUM_THREADS: "1" },
    });
    if (status !== 0) throw new Error(`bart ${words.join(" ")}: ${stderr}`);
  };
  const found = espirit(kspace);
  const model = senseModel(found, kspace.mask);
  const solve = (): Float32Array => cgSense(model, kspace.data, { iterations: 30 }).image;
  const theirMaps = (): void => run("ecalib", "-m", "1", "-r", "24", "-k", "6", "-t", "0.02", "-c", "0.8", k, maps);
  const theirs = (): void => run("pics", "-S", "-l2", "-r", "0.001", "-i", "30", k, maps, image);
  const truth = (of: Float32Array): number => compareMagnitude(setMagnitude(of, 1), phantom.rss).nrmse;
  let [error, alike] = [null as number | null, ""];
  if (installed) {
    theirMaps();
    theirs();
    const bytes = readFileSync(`${image}.cfl`);
    const other = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    error = compareMagnitude(setMagnitude(solve(), 1), setMagnitude(other, 1)).nrmse;
    alike = `; to the truth ours ${truth(solve()).toFixed(4)}, BART ${truth(other).toFixed(4)}`;
  }
  const times = await interleaved(
    installed ? [() => espirit(kspace), theirMaps, solve, theirs] : [() => espirit(kspace), solve],
    runs,
  );
  const [a, b, c, d] = (installed ? times : [times[0], undefined, times[1], undefined]) as [
    number,
    number?,
    number?,
    number?,
  ];
  const name = "256 x 256, 8 coils, R = 3, 32 lines of calibration";
  line(`ESPIRiT maps, ${name}`, a, b, "BART ecalib", null);
  line(`30 conjugate gradients, ${name}; error: NRMSE of the two images${alike}`, c as number, d, "BART pics", error);
  const [filled] = await interleaved([() => grappa(kspace, { acceleration: [3, 1] })], runs);
  line(`GRAPPA, ${name}`, filled as number, undefined, "", null);
}
