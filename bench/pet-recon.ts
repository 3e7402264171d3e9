/**
 * Reconstruction at the size of a clinical scanner: Siemens mMR, span 11, 837 planes x 252 views x 344 bins (290 MB).
 *
 *   npm run bench -- pet-recon [--iterations 5]
 *
 * First one MLEM iteration into the brain's field of view (144 x 144 x 127 at 2.086 x 2.086 x 2.031 mm) over all 72.6 million
 * bins, by the clock and in processor time of all threads (which a busy machine does not stretch); its error is the share by
 * which the counts are not kept.
 * Then the largest resident memory of `quintet pet recon` on the same prompts read from disk, as its own process says it.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Sinogram, SinogramLayout } from "../packages/core/src/index.ts";
import { writeInterfileSinogram } from "../packages/io/src/index.ts";
import { osem } from "../packages/kernels/src/index.ts";
import { crewThreads } from "../packages/kernels/src/pool/crew.ts";
import { loadKernels } from "../packages/kernels/src/pool/node.ts";
import {
  acquisitionModel,
  reconstructionGrid,
  scannerNamed,
  sinogramProjector,
} from "../packages/modalities/src/pet/index.ts";
import { median, printLine } from "../testing/bench-line.ts";

const layout: SinogramLayout = {
  scanner: scannerNamed("Siemens mMR"),
  views: 252,
  bins: 344,
  span: 11,
  maxRingDifference: 60,
};
const edge = 2.08626;
const grid = reconstructionGrid(layout, { voxel: edge, fieldOfView: 144 * edge });

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { iterations: { type: "string", default: "5" } } });
  await loadKernels();
  const prompts = ellipsoidCounts();
  const { milliseconds, processor, kept } = iterations(prompts, Number(values.iterations));
  printLine({
    bench: "pet-recon",
    case: "one MLEM iteration, mMR span 11, 72.6 M bins, image 144 x 144 x 127; error: share of counts not kept",
    ours: milliseconds,
    unit: "ms",
    peer: null,
    peer_name: null,
    ratio: null,
    error: kept,
    threads: crewThreads(),
  });
  printLine({
    bench: "pet-recon",
    case: "the same iteration: processor time of all threads",
    ours: processor,
    unit: "ms",
    peer: null,
    peer_name: null,
    ratio: null,
    error: kept,
    threads: crewThreads(),
  });
  printLine({
    bench: "pet-recon",
    case: "peak resident memory of quintet pet recon, osem 1 x 21, 290 MB of prompts from disk",
    ours: peakMemory(prompts),
    unit: "MB",
    peer: null,
    peer_name: null,
    ratio: null,
    error: null,
    threads: crewThreads(),
  });
}

/** Noiseless counts of an ellipsoid of a head's size, two in a bin at most. */
function ellipsoidCounts(): Sinogram {
  const [nx, ny, nz] = grid.shape;
  const image = new Float32Array(nx * ny * nz);
  for (let v = 0; v < image.length; v++) {
    const [x, y, z] = [v % nx, Math.floor(v / nx) % ny, Math.floor(v / nx / ny)];
    const r = ((x - (nx - 1) / 2) / 48) ** 2 + ((y - (ny - 1) / 2) / 57) ** 2 + ((z - (nz - 1) / 2) / 46) ** 2;
    image[v] = r < 1 ? 0.01 : 0;
  }
  const projector = sinogramProjector(layout, grid);
  // Lines beside the ellipsoid are 0 but for rounding, on either side of it.
  const data = projector.forward(image).map((value) => (value > 1e-6 ? value : 0));
  projector.close();
  return { layout, data };
}

function iterations(
  prompts: Sinogram,
  count: number,
): { readonly milliseconds: number; readonly processor: number; readonly kept: number } {
  const model = acquisitionModel(prompts, grid, {
    normalisation: "none",
    attenuation: "none",
    randoms: "none",
    scatter: "none",
  });
  const steps = osem(model.subsets, { iterations: count + 1 });
  const times: number[] = [];
  const processor: number[] = [];
  const used = (): number => (process.cpuUsage().user + process.cpuUsage().system) / 1000;
  let usedBefore = used();
  let [since, iteration] = [performance.now(), 0];
  for (;;) {
    const step = steps.next();
    if (step.done) {
      model.close();
      const { counts, history, unexplained } = step.value;
      const last = history.at(-1)?.expected ?? 0;
      return {
        milliseconds: median(times.slice(1)),
        processor: median(processor.slice(1)),
        kept: Math.abs(last / (counts - unexplained) - 1),
      };
    }
    if (step.value.iteration !== iteration) {
      times.push(performance.now() - since);
      processor.push(used() - usedBefore);
      usedBefore = used();
      [since, iteration] = [performance.now(), step.value.iteration];
    }
  }
}

function peakMemory(prompts: Sinogram): number {
  const folder = mkdtempSync(join(tmpdir(), "quintet-pet-recon-"));
  try {
    for (const { name, bytes } of writeInterfileSinogram(prompts, { name: "raw" }))
      writeFileSync(join(folder, name), bytes);
    const cli = join(import.meta.dirname, "../apps/cli/bin/quintet.js");
    const terms = ["--norm", "none", "--mumap", "none", "--randoms", "none", "--scatter", "none"];
    const view = ["--voxel", `${edge}`, "--fov", `${144 * edge}`, "--subsets", "21", "--iterations", "1", "--json"];
    const out = join(folder, "image.nii.gz");
    const run = spawnSync(
      process.execPath,
      [cli, "pet", "recon", join(folder, "raw.hs"), "--out", out, ...terms, ...view],
      {
        encoding: "utf8",
      },
    );
    if (run.status !== 0) throw new Error(run.stderr);
    return (JSON.parse(run.stdout) as { peakMemory: number }).peakMemory;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
