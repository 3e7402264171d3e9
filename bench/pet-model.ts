/**
 * Kinetic parameters in every voxel, with standard errors: 100,000 curves of 38 frames.
 *
 *   npm run bench -- pet-model [--voxels 100000] [--runs 5] [--threads N]
 *
 * Noisy curves of known truth, wall time, on as many threads as the machine has or N. `error`: largest |difference| of BPND (or V_T) from the region's own fit, an
 * exact search, over 1 + its size, in 500 of the voxels that have one in both. Peers: dynamicpet when
 * $QUINTET_DYNAMICPET names its source folder (its python is $QUINTET_PYTHON, else python3), kinfitr when
 * $QUINTET_KINFITR does (Rscript); both run on a share of the voxels, their time scaled to all.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Tacs } from "@quintet/core";
import { loadKernels } from "@quintet/kernels/node";
import * as pet from "@quintet/modalities/pet";
import { convolveExponential, curveThrough, seededRandom } from "../packages/kernels/src/index.ts";
import { interleaved, printLine } from "../testing/bench-line.ts";
import { dynamicpetSeconds, kinfitrSeconds } from "./pet-model-peers.ts";

const lengths = [...Array(12).fill(10), ...Array(6).fill(30), ...Array(5).fill(60), ...Array(15).fill(300)] as number[];
const frames = lengths.map((duration, i) => ({ start: lengths.slice(0, i).reduce((a, b) => a + b, 0), duration }));
const middles = Float64Array.from(frames, ({ start, duration }) => (start + duration / 2) / 60);
const at = { start: middles, end: middles };

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      voxels: { type: "string", default: "100000" },
      runs: { type: "string", default: "5" },
      threads: { type: "string" },
    },
  });
  const threads = Number(values.threads ?? availableParallelism());
  const [voxels, runs] = [Number(values.voxels), Number(values.runs)];
  if (!(await loadKernels({ threads })).includes("rate-map"))
    throw new Error("the kernel is not built: node scripts/build-kernels.mjs");
  const plasma = curveThrough(
    middles,
    middles.map((t) => 9e4 * t * Math.exp(-2 * t) + 4e3 * Math.exp(-t / 40)),
  );
  const cr = convolveExponential(plasma, 0.12, at).value.map((v) => 0.4 * v);
  const tacs: Tacs = { clock: "pet", unit: "Bq/mL", frames, regions: [{ name: "reference", values: cr }] };
  const weights = pet.frameWeights(tacs, "duration");
  const reference = pet.kineticData(tacs, "reference", { weights });
  const data = curves(reference, voxels);
  const input: pet.InputFunction = { plasma };
  const one = (v: number): pet.KineticData => {
    const own = Float64Array.from(frames, (_, t) => data[t * voxels + v]!);
    return pet.kineticData(tacs, { name: "voxel", values: own }, { weights });
  };
  const start = 30;
  const cases = [
    [
      "SRTM: BPND, R1, k2, k2a, k2'",
      () => pet.srtmMap(data, voxels, reference, { weights }),
      (v) => pet.srtm(one(v), reference),
    ],
    [
      "SRTM2: BPND, R1, k2, k2a",
      () => pet.srtm2Map(data, voxels, reference, 0.12, { weights }),
      (v) => pet.srtm2(one(v), reference, 0.12),
    ],
    [
      "MRTM2: BPND, k2a, R1",
      () => pet.mrtm2Map(data, voxels, reference, 0.12, { weights }),
      (v) => pet.mrtm2(one(v), reference, 0.12),
    ],
    [
      "Logan: VT",
      () => pet.loganMap(data, voxels, reference, input, { weights, start }),
      (v) => pet.logan(one(v), input, { start }),
    ],
    [
      "Patlak: Ki, V",
      () => pet.patlakMap(data, voxels, reference, input, { weights, start }),
      (v) => pet.patlak(one(v), input, { start }),
    ],
  ] as const satisfies readonly (readonly [string, () => readonly pet.ParameterMap[], (v: number) => pet.KineticFit])[];
  const times = await interleaved(
    cases.map(([, run]) => run),
    runs,
  );
  const folder = mkdtempSync(join(tmpdir(), "pet-model-"));
  try {
    writeFileSync(join(folder, "data.f32"), data);
    writeFileSync(join(folder, "frames.txt"), frames.map((f, i) => `${f.start} ${f.duration} ${cr[i]}`).join("\n"));
    const peers = [dynamicpetSeconds(folder, voxels, spawnSync), kinfitrSeconds(folder, voxels, spawnSync)];
    for (const [i, [name, run, exact]] of cases.entries()) {
      const [map] = run();
      const ours = times[i]!;
      const error = largestDifference(map, exact, voxels);
      const matching = peers.flatMap((peer) => (peer?.model === name.split(":")[0] ? [peer] : []));
      for (const peer of matching.length > 0 ? matching : [undefined]) {
        printLine({
          bench: "pet-model",
          case: `${name}, with errors, ${voxels} x 38`,
          ours,
          unit: "ms",
          peer: peer ? peer.seconds * 1000 : null,
          peer_name: peer ? peer.name : null,
          ratio: peer ? (peer.seconds * 1000) / ours : null,
          error,
          threads,
        });
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** SRTM curves of many BP and R1 over the reference, with noise of some per cent that grows as frames shorten. */
function curves({ curve, values }: pet.KineticData, voxels: number): Float32Array {
  const random = seededRandom(11);
  const rates = Array.from({ length: 64 }, (_, i) => 0.02 * 8 ** (i / 63));
  const responses = rates.map((rate) => convolveExponential(curve, rate, at).value);
  const out = new Float32Array(frames.length * voxels);
  for (let v = 0; v < voxels; v++) {
    const which = Math.floor(64 * random.uniform());
    const r1 = 0.7 + 0.6 * random.uniform();
    const phi = 0.12 * r1 - r1 * rates[which]!;
    for (const [t, { duration }] of frames.entries()) {
      const noise = (150 / Math.sqrt(duration / 60)) * random.normal();
      out[t * voxels + v] = r1 * values[t]! + phi * responses[which]![t]! + noise;
    }
  }
  return out;
}

function largestDifference(map: pet.ParameterMap, exact: (v: number) => pet.KineticFit, voxels: number): number {
  let most = 0;
  for (let i = 0; i < 500; i++) {
    const v = Math.floor((i * voxels) / 500);
    const truth = pet.estimated(exact(v), map.name);
    const found = map.values[v]!;
    if (truth === undefined || !Number.isFinite(found)) continue;
    most = Math.max(most, Math.abs(found - truth) / (1 + Math.abs(truth)));
  }
  return most;
}
