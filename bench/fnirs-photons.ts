/**
 * Monte Carlo of light in voxels: photons a second on one thread.
 *
 *   npm run bench -- fnirs-photons [--photons 100000] [--runs 5]
 *
 * A cube of 100^3 voxels of 2 mm, mu_a 0.01, mu_s' 1 / mm, index 1.4, fluence of every voxel kept; walks end by roulette below a
 * weight of 1e-3. $QUINTET_PHOTONS_C: a plain scalar C program of the same walk, called with the number of photons, that prints
 * photons a second of processor time; both by turns, medians.
 */
import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { photonWalk } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { median, printLine } from "../testing/bench-line.ts";

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { photons: { type: "string", default: "100000" }, runs: { type: "string", default: "5" } },
  });
  await loadKernels({ threads: 1 });
  const air = { absorption: 0, scattering: 0, anisotropy: 0, index: 1 };
  const scene = {
    shape: [100, 100, 100],
    size: [2, 2, 2],
    labels: new Uint8Array(1e6).fill(1),
    media: [air, { absorption: 0.01, scattering: 1, anisotropy: 0, index: 1.4 }],
  } as const;
  const source = { position: [100, 100, -1], inward: [0, 0, 1], radius: 0, beam: "pencil" } as const;
  const photons = Number(values.photons);
  const walk = (some: number): number => {
    const begun = process.cpuUsage().user;
    photonWalk(scene, source, [], { photons: some, seed: 1, fluence: true });
    return some / ((process.cpuUsage().user - begun) / 1e6);
  };
  walk(2000);
  const program = process.env.QUINTET_PHOTONS_C;
  const [own, theirs]: [number[], number[]] = [[], []];
  for (let run = 0; run < Number(values.runs); run++) {
    own.push(walk(photons));
    if (program !== undefined) theirs.push(Number(execFileSync(program, [`${photons}`], { encoding: "utf8" })));
  }
  const ours = median(own);
  const peer = program === undefined ? null : median(theirs);
  printLine({
    bench: "fnirs-photons",
    case: `${photons} photons in 100^3 voxels, with fluence`,
    ours,
    unit: "photons/s of processor time",
    peer,
    peer_name: peer === null ? null : "plain scalar C",
    ratio: peer === null ? null : ours / peer,
    error: null,
    threads: 1,
  });
}
