/** Peers of the pet-model benchmark, run where the environment names them. */
import type { spawnSync } from "node:child_process";

export interface PeerTime {
  readonly model: string;
  readonly name: string;
  /** For all voxels. */
  readonly seconds: number;
}
type Spawn = typeof spawnSync;

const python = `
import sys, time, numpy as np
sys.path.insert(0, sys.argv[1])
from dynamicpet.temporalobject.temporalmatrix import TemporalMatrix
from dynamicpet.kineticmodel.srtm import SRTMZhou2003
table = np.loadtxt(sys.argv[2] + "/frames.txt")
voxels, share = int(sys.argv[3]), int(sys.argv[4])
data = np.fromfile(sys.argv[2] + "/data.f32", np.float32).reshape(len(table), voxels).T[:share].astype(float)
reference = TemporalMatrix(table[:, 2], table[:, 0], table[:, 1])
tissue = TemporalMatrix(data, table[:, 0], table[:, 1])
start = time.perf_counter()
SRTMZhou2003(reference, tissue).fit()
print((time.perf_counter() - start) * voxels / share)
`;

/** dynamicpet's voxel-wise SRTM (Zhou 2003, a linear form of it). */
export function dynamicpetSeconds(folder: string, voxels: number, spawn: Spawn): PeerTime | undefined {
  const source = process.env.QUINTET_DYNAMICPET;
  if (source === undefined) return undefined;
  const share = Math.min(voxels, 2000);
  const args = ["-c", python, source, folder, String(voxels), String(share)];
  const { status, stdout, stderr } = spawn(process.env.QUINTET_PYTHON ?? "python3", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`dynamicpet failed: ${stderr}`);
  return { model: "SRTM", name: `dynamicpet SRTMZhou2003, ${share} voxels scaled`, seconds: Number(stdout) };
}

const r = `
args <- commandArgs(TRUE)
suppressMessages({library(pracma); library(minpack.lm)})
for (file in c("kiniftr.R", "utils-pipe.R", "kinfitr_miscfuncs.R", "kinfitr_srtm.R")) {
  path <- file.path(args[1], "R", file)
  if (file.exists(path)) suppressMessages(source(path))
}
table <- as.matrix(read.table(file.path(args[2], "frames.txt")))
n <- nrow(table); voxels <- as.integer(args[3]); share <- as.integer(args[4])
raw <- readBin(file.path(args[2], "data.f32"), "numeric", n * voxels, size = 4)
data <- matrix(raw, nrow = voxels)
time <- (table[, 1] + table[, 2] / 2) / 60
start <- proc.time()[3]
for (v in seq_len(share)) try(srtm(time, table[, 3], data[v, ], weights = table[, 2]), silent = TRUE)
cat((proc.time()[3] - start) * voxels / share)
`;

/** kinfitr's SRTM of one curve after the other. */
export function kinfitrSeconds(folder: string, voxels: number, spawn: Spawn): PeerTime | undefined {
  const source = process.env.QUINTET_KINFITR;
  if (source === undefined) return undefined;
  const share = Math.min(voxels, 20);
  const args = ["-e", r, source, folder, String(voxels), String(share)];
  const { status, stdout, stderr } = spawn("Rscript", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`kinfitr failed: ${stderr}`);
  return { model: "SRTM", name: `kinfitr srtm, ${share} voxels scaled`, seconds: Number(stdout) };
}
