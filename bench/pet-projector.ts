/**
 * PET projectors on three scanners: forward and back, one and two threads, with and without relaxed SIMD.
 *
 *   npm run bench -- pet-projector [--case mmr,neurolf,dmi,mlem] [--runs 5]
 *
 * mmr: Siemens mMR, span 11, views 0, 21, ... 231 of 252, 3,455,136 lines. neurolf: blocks with gaps, 8 of 128 views, all
 * ring pairs. dmi: GE Discovery MI, 29 TOF bins, every fourth bin of one view. mlem: a whole update of mMR, 252 views.
 *
 * Back is timed twice: of the phantom's own data, whose zeros both sides pass over, and of data without any zero.
 *
 * Peers in the same run: this project's projector of single lines, and libparallelproj where $QUINTET_PARALLELPROJ names
 * a program that runs it: called with IN OUT (OMP_NUM_THREADS threads), it prints the milliseconds of one projection and
 * the milliseconds its threads worked (on a busy machine the ratio of the work is the steadier one; both are printed). IN
 * is int64 lines, n0, n1, n2, TOF bins (0: none), back (0, 1); float32 origin[3], voxel[3], TOF width, sigma, sigmas;
 * ends a [line][3], ends b; then the image [n0][n1][n2] or the data [line][bin]. OUT gets the other one.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  dotTest,
  type ImageGrid,
  type LineStack,
  listProjector,
  osem,
  runToEnd,
  seededRandom,
  stackProjector,
} from "../packages/kernels/src/index.ts";
import { loadKernels } from "../packages/kernels/src/pool/node.ts";
import { median, printLine } from "../testing/bench-line.ts";
import { type Case, cases, linesOf, phantom, stepsOf } from "./pet-projector-run.ts";

const driver = process.env.QUINTET_PARALLELPROJ;
const forms = [1, 2].flatMap((threads) => [false, true].map((relaxed) => ({ threads, relaxed })));

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { case: { type: "string", default: "mmr,neurolf,dmi,mlem" }, runs: { type: "string", default: "5" } },
  });
  const wanted = values.case.split(",");
  for (const found of cases.filter(({ name }) => wanted.includes(name))) await project(found, Number(values.runs));
  if (wanted.includes("mlem")) await update(Number(values.runs));
}

const names = {
  forward: "forward",
  backward: "back of the phantom's data",
  whole: "back of data without zeros",
} as const;

/** Noise between 0.5 and 1.5, as ratios of counts and expectation are. */
function fullData(count: number): Float32Array {
  const random = seededRandom(3);
  return Float32Array.from({ length: count }, () => 0.5 + random.uniform());
}

async function project(found: Case, runs: number): Promise<void> {
  const stack = found.stack();
  const { grid } = found;
  const image = phantom(grid);
  const lines = linesOf(stack);
  const peer = driver === undefined ? undefined : openPeer(driver, stack, grid, image, lines.pairs);
  const single = await oneByOne(stack, grid, image, lines.ends);
  const visits = stepsOf(stack, grid) * (stack.planes.length / 2);
  // Every form holds its own memory and threads from here to the end, so that their runs interleave.
  const contenders = [];
  for (const form of forms) {
    const loaded = await loadKernels(form);
    if (form.relaxed && !loaded.includes("joseph-stack.relaxed")) continue;
    const projector = stackProjector(stack, grid);
    const [x, y, full, back] = [projector.newImage(), projector.newData(), projector.newData(), projector.newImage()];
    x.set(image);
    full.set(fullData(full.length));
    projector.forward(x, y);
    const error = peer ? relativeRms(y, peer.forward(2).result) : relativeRms(y, single.result);
    console.error(
      `${found.name}: ${projector.kernel}, relaxed SIMD ${form.relaxed}, adjoint ${dotTest(projector).toExponential(1)}`,
    );
    contenders.push({
      form,
      projector,
      x,
      y,
      full,
      back,
      error,
      forward: [] as Time[],
      backward: [] as Time[],
      whole: [] as Time[],
    });
  }
  const theirs = [1, 2].map((threads) => ({
    threads,
    forward: [] as Time[],
    backward: [] as Time[],
    whole: [] as Time[],
  }));
  for (let run = -1; run < runs; run++) {
    for (const c of contenders) {
      const forward = timed(() => c.projector.forward(c.x, c.y));
      const backward = timed(() => c.projector.adjoint(c.y, c.back));
      const whole = timed(() => c.projector.adjoint(c.full, c.back));
      if (run < 0) continue;
      c.forward.push(forward);
      c.backward.push(backward);
      c.whole.push(whole);
    }
    for (const t of run < 0 || peer === undefined ? [] : theirs) {
      if (peer) t.forward.push(peer.forward(t.threads).time);
      if (peer) t.backward.push(peer.back(t.threads).time);
      if (peer) t.whole.push(peer.backFull(t.threads).time);
    }
    const [forward, backward, whole] = single.time();
    if (run >= 0) {
      single.forward.push(forward);
      single.backward.push(backward);
      single.whole.push(whole);
    }
  }
  for (const c of contenders) {
    const they = theirs.find(({ threads }) => threads === c.form.threads);
    for (const way of ["forward", "backward", "whole"] as const) {
      const what = `${found.title}, ${names[way]}, ${c.form.relaxed ? "relaxed SIMD" : "SIMD128"}`;
      const beside = (name: string, times: readonly Time[], kind: keyof Time, error: number): void => {
        const [ours, time] = [middle(c[way], kind), middle(times, kind)];
        printLine({
          bench: "pet",
          case: `${what}; error: relative RMS of the forward values to the peer's`,
          ours,
          unit: kind === "wall" ? "ms" : "ms of work",
          peer: time,
          peer_name: name,
          ratio: time / ours,
          error,
          threads: c.form.threads,
        });
      };
      if (peer && they)
        for (const kind of ["wall", "work"] as const) beside("libparallelproj", they[way], kind, c.error);
      if (c.form.threads === 2) {
        const error = relativeRms(c.y, single.result);
        for (const kind of ["wall", "work"] as const) beside("single lines, 2 threads", single[way], kind, error);
      }
      const alone = { peer: null, peer_name: null, ratio: null, error: null, threads: c.form.threads };
      const ours = (middle(c[way], "work") * 1e6) / visits;
      printLine({ bench: "pet", case: `${what}, work a visit of ${visits}`, ours, unit: "ns", ...alone });
    }
    c.projector.close();
  }
  single.close();
  peer?.close();
}

/** The same lines through the projector of single lines; with time of flight each (line, bin) is one. */
async function oneByOne(stack: LineStack, grid: ImageGrid, image: Float32Array, ends: Float32Array) {
  await loadKernels({ threads: 2 });
  const { tof } = stack;
  const planes = stack.planes.length / 2;
  const bins = tof?.bins ?? 1;
  // Data of a stack is [ray][bin][plane]: the lines in that order.
  const order = (i: number): number => Math.floor(i / (bins * planes)) * planes + (i % planes);
  const count = (ends.length / 6) * bins;
  let all = ends;
  if (tof) {
    all = new Float32Array(6 * count);
    for (let i = 0; i < count; i++) all.set(ends.subarray(6 * order(i), 6 * order(i) + 6), 6 * i);
  }
  const position = (i: number): number => ((Math.floor(i / planes) % bins) - (bins - 1) / 2) * (tof?.width ?? 0);
  const projector = listProjector(
    tof
      ? {
          ends: all,
          tof: {
            position: Float32Array.from({ length: count }, (_, i) => position(i)),
            width: tof.width,
            sigma: tof.sigma,
          },
        }
      : { ends },
    grid,
  );
  const [x, y, full, back] = [projector.newImage(), projector.newData(), projector.newData(), projector.newImage()];
  x.set(image);
  full.set(fullData(full.length));
  projector.forward(x, y);
  return {
    result: Float32Array.from(y),
    forward: [] as Time[],
    backward: [] as Time[],
    whole: [] as Time[],
    time: () =>
      [
        timed(() => projector.forward(x, y)),
        timed(() => projector.adjoint(y, back)),
        timed(() => projector.adjoint(full, back)),
      ] as const,
    close: () => projector.close(),
  };
}

interface PeerRun {
  readonly time: Time;
  readonly result: Float32Array;
}

/** Its image is [x][y][z]; its data [line][bin], lines as [ray][plane]. */
function openPeer(
  program: string,
  stack: LineStack,
  { shape, size, origin }: ImageGrid,
  image: Float32Array,
  [a, b]: readonly [Float32Array, Float32Array],
) {
  const folder = mkdtempSync(join(tmpdir(), "pet-projector-"));
  const [nx, ny, nz] = shape;
  const planes = stack.planes.length / 2;
  const bins = stack.tof?.bins ?? 0;
  const turned = image.map(
    (_, i) => image[Math.floor(i / (ny * nz)) + nx * ((Math.floor(i / nz) % ny) + ny * (i % nz))] as number,
  );
  const count = a.length / 3;
  const input = (name: string, back: 0 | 1, tail: Float32Array): string => {
    const head = BigInt64Array.from([count, nx, ny, nz, bins, back].map(BigInt));
    const numbers = Float32Array.of(...origin, ...size, stack.tof?.width ?? 0, stack.tof?.sigma ?? 0, 3);
    const path = join(folder, name);
    writeFileSync(path, "");
    for (const part of [head, numbers, a, b, tail])
      writeFileSync(path, new Uint8Array(part.buffer, part.byteOffset, part.byteLength), { flag: "a" });
    return path;
  };
  const run = (path: string, threads: number): PeerRun => {
    const out = join(folder, "out");
    const env = { ...process.env, OMP_NUM_THREADS: `${threads}` };
    const [wall, work = Number.NaN] = `${execFileSync(program, [path, out], { env })}`
      .trim()
      .split(/\s+/)
      .map(Number) as [number, number?];
    const time = { wall, work };
    const bytes = readFileSync(out);
    return { time, result: new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4) };
  };
  const there = input("forward", 0, turned);
  const again = input("back", 1, run(there, 2).result);
  const full = input("full", 1, fullData(count * Math.max(1, bins)));
  return {
    forward(threads: number): PeerRun {
      const { time, result } = run(there, threads);
      if (bins === 0) return { time, result };
      // [ray][plane][bin] to [ray][bin][plane].
      const per = planes * bins;
      return {
        time,
        result: result.map(
          (_, i) => result[Math.floor(i / per) * per + (i % planes) * bins + (Math.floor(i / planes) % bins)] as number,
        ),
      };
    },
    back: (threads: number) => run(again, threads),
    backFull: (threads: number) => run(full, threads),
    close: () => rmSync(folder, { recursive: true }),
  };
}

/** One iteration of MLEM over all 252 views of mMR, by the engine that `quintet pet recon` uses. */
async function update(runs: number): Promise<void> {
  const found = cases.find(({ name }) => name === "mmr") as Case;
  for (const form of forms.filter(({ threads }) => threads === 2)) {
    const loaded = await loadKernels(form);
    if (form.relaxed && !loaded.includes("joseph-stack.relaxed")) continue;
    const projector = stackProjector(found.whole(), found.grid);
    const counts = projector.forward(phantom(found.grid), projector.newData());
    // Lines beside the phantom are 0 but for rounding.
    for (let i = 0; i < counts.length; i++) if ((counts[i] as number) < 1e-3) counts[i] = 0;
    const steps = osem([{ parts: [{ operator: projector, counts: [counts] }] }], { iterations: runs + 2 });
    const times: Time[] = [];
    // The first step makes the sensitivity and fills the counts.
    for (let run = -1; run < runs; run++) {
      const time = timed(() => steps.next());
      if (run >= 0) times.push(time);
    }
    const { history, counts: all, unexplained } = runToEnd(steps);
    const kept = Math.abs((history.at(-1)?.expected ?? 0) / (all - unexplained) - 1);
    const what = `MLEM update, mMR, 252 views, 72,557,856 bins, ${form.relaxed ? "relaxed SIMD" : "SIMD128"}`;
    const line = { bench: "pet", peer: null, peer_name: null, ratio: null, threads: 2 } as const;
    for (const kind of ["wall", "work"] as const) {
      const unit = kind === "wall" ? "ms" : "ms of work";
      printLine({ ...line, case: `${what}; error: counts kept`, ours: middle(times, kind), unit, error: kept });
    }
    printLine({
      ...line,
      case: `${what}, memory of the process at its largest`,
      ours: process.resourceUsage().maxRSS / 1e6,
      unit: "GB",
      error: null,
    });
    projector.close();
  }
}

/** Milliseconds that passed, and that the threads worked. */
interface Time {
  readonly wall: number;
  readonly work: number;
}

function timed(run: () => unknown): Time {
  const [start, before] = [performance.now(), process.cpuUsage()];
  run();
  const { user, system } = process.cpuUsage(before);
  return { wall: performance.now() - start, work: (user + system) / 1000 };
}

function middle(times: readonly Time[], kind: keyof Time): number {
  return median(times.map((time) => time[kind]));
}

function relativeRms(a: Float32Array, b: Float32Array): number {
  let [apart, size] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    apart += ((a[i] as number) - (b[i] as number)) ** 2;
    size += (b[i] as number) ** 2;
  }
  return Math.sqrt(apart / size);
}
