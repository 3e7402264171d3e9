/**
 * Motion correction of a BOLD series: 200 volumes of 64 x 64 x 36 drifting to 3 mm and 3 degrees.
 *
 *   npm run bench -- bold [--runs 5] [--threads N]
 *
 * `error` is the largest error of a map at the middle of the head, mm. Processor seconds stand beside the wall clock's: on a
 * shared machine they are what the work costs. No peer is run here.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { rigid } from "@quintet/core";
import { loadKernels } from "@quintet/kernels/node";
import { estimateMotion, resampleBold } from "@quintet/modalities/mri";
import { headCentre, motionErrors, simulateBold } from "../packages/modalities/test/bold-series.ts";
import { median, printLine } from "../testing/bench-line.ts";

const volumes = 200;

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { runs: { type: "string", default: "5" }, threads: { type: "string" } },
  });
  const threads = Number(values.threads ?? availableParallelism());
  await loadKernels({ threads });
  const truth = Array.from({ length: volumes }, (_, t) => {
    const f = t / (volumes - 1);
    return rigid([3 * f, -2 * f, 3 * Math.sin(2.2 * f)], [2 * f, -3 * f, 1.5 * Math.sin(3 * f)], headCentre);
  });
  const { bold } = simulateBold({ shape: [64, 64, 36], voxel: [3.3, 3.3, 3.5], volumes, motion: truth, noise: 1 });
  const [wall, processor]: [number[], number[]] = [[], []];
  let error = 0;
  for (let run = 0; run < Number(values.runs); run++) {
    const [start, before] = [performance.now(), process.cpuUsage()];
    const motion = estimateMotion(bold);
    resampleBold(bold, motion, bold);
    wall.push((performance.now() - start) / 1000);
    const { user, system } = process.cpuUsage(before);
    processor.push((user + system) / 1e6);
    error = Math.max(error, motionErrors(motion.maps, truth, motion.referenceIndex)[0]);
  }
  for (const [what, seconds] of [
    ["wall clock", wall],
    ["processor", processor],
  ] as const)
    printLine({
      bench: "bold",
      case: `motion found and taken out, 200 volumes of 64 x 64 x 36, ${what}`,
      ours: median(seconds),
      unit: "s",
      peer: null,
      peer_name: null,
      ratio: null,
      error,
      threads,
    });
}
