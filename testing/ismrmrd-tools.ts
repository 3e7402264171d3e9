/** ismrmrd-tools (Debian) as an outside yardstick: phantoms made, and images made of them, by other hands. */
import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync, rmSync } from "node:fs";
import type { Hdf5Dataset, Hdf5Group } from "@quintet/io";
import { readHdf5 } from "@quintet/io/node";

const maker = "ismrmrd_generate_cartesian_shepp_logan";
const reconstructor = process.env.QUINTET_ISMRMRD_RECON ?? "ismrmrd_recon_cartesian_2d";

export function hasIsmrmrdTools(): boolean {
  return [maker, reconstructor].every((name) => spawnSync(name, ["--help"]).error === undefined);
}

/** A Shepp-Logan phantom seen by birdcage coils; `args` as the tool takes them. */
export function makePhantom(path: string, args: readonly string[]): void {
  rmSync(path, { force: true });
  const { status, stderr } = spawnSync(maker, ["-o", path, ...args], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${maker} failed: ${stderr}`);
}

/** Milliseconds that the tool takes on a copy of the file: it writes its image into it. */
export function timeReconstruction(path: string, copy: string): number {
  copyFileSync(path, copy);
  const started = performance.now();
  const { status, stderr } = spawnSync(reconstructor, [copy], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${reconstructor} failed: ${stderr}`);
  return performance.now() - started;
}

/** The tool's image of a file: plain transform, root sum of squares, not scaled: sqrt(points encoded) times a unitary one. */
export async function theirImage(path: string, copy: string): Promise<Float32Array> {
  timeReconstruction(path, copy);
  const tree = await readHdf5(new Uint8Array(readFileSync(copy)), { file: copy }, { only: ["data"], seconds: 60 });
  rmSync(copy);
  const image = ((tree.children.dataset as Hdf5Group).children.cpp as Hdf5Group).children.data as Hdf5Dataset;
  return image.data as Float32Array;
}
