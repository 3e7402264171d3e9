/**
 * Monte Carlo of light in voxels: photons a second on one thread.
 *
 *   npm run bench -- fnirs-photons [--photons 100000] [--peer RATE]
 *
 * A cube of 100^3 voxels of 2 mm, mu_a 0.01, mu_s' 1 / mm, index 1.4, fluence of every voxel kept; walks end by roulette below a
 * weight of 1e-3. --peer: photons a second of a plain scalar C program of the same walk (gcc -O3 -march=native) on this machine.
 */
import { parseArgs } from "node:util";
import { photonWalk } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { printLine } from "../testing/bench-line.ts";

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { photons: { type: "string", default: "100000" }, peer: { type: "string" } },
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
  const ours = walk(photons);
  const peer = values.peer === undefined ? null : Number(values.peer);
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
