/**
 * Runs one reader on seeded damage of its fixtures and says what went wrong: an error that is no DataError, an input
 * that takes more than 5 s of processor time, more memory than 4 x the input's 200-fold + 64 MB (+ 256 MB with WebAssembly), a file written.
 */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DataError } from "../packages/core/src/data-error.ts";
import { seededRandom } from "../packages/kernels/src/random/random.ts";
import { mutate } from "../testing/mutate.ts";
import type { FuzzFinding, FuzzReport, FuzzTarget } from "./target.ts";

const MB = 1e6;
/** Processor seconds, of all threads: no reader may take more over a small input, damaged as it may be. */
const longest = 5;

export async function fuzz(target: FuzzTarget, count: number, seed: number): Promise<FuzzReport> {
  const fixtures = await target.fixtures();
  const heavy = fixtures.find(({ bytes }) => bytes.length > 20_000);
  if (fixtures.length === 0 || heavy) throw new Error(`fixtures of ${target.name}: one or more, at most 20 kB each`);
  const random = seededRandom(seed);
  const refused: Record<string, number> = {};
  const findings: FuzzFinding[] = [];
  let [read, slowest, largest] = [0, 0, 0];
  const home = process.cwd();
  const empty = mkdtempSync(join(tmpdir(), "quintet-fuzz-"));
  process.chdir(empty);
  const began = performance.now();
  try {
    for (let i = 0; i < count; i++) {
      const { name, bytes } = fixtures[i % fixtures.length] as (typeof fixtures)[number];
      const inputSeed = random.integer(2 ** 31);
      const input = mutate(bytes, inputSeed);
      const found = (kind: FuzzFinding["kind"], message: string): void => {
        if (findings.length < 20) findings.push({ kind, fixture: name, seed: inputSeed, message });
      };
      const before = process.memoryUsage().arrayBuffers;
      const [start, startedAt] = [process.cpuUsage(), performance.now()];
      try {
        await target.read(input, name);
        read++;
      } catch (error) {
        if (!(error instanceof DataError)) found("escaped", String(error instanceof Error ? error.stack : error));
        else refused[error.code] = (refused[error.code] ?? 0) + 1;
      }
      const { user, system } = process.cpuUsage(start);
      // One that only waits is slow by the clock, where a busy machine has room for fifteen others.
      const took = Math.max((user + system) / 1e6, (performance.now() - startedAt) / 15e3);
      const grown = process.memoryUsage().arrayBuffers - before;
      slowest = Math.max(slowest, took);
      largest = Math.max(largest, grown);
      const allowed = 4 * 200 * input.length + 64 * MB + (target.wasm ? 256 * MB : 0);
      if (took > longest) found("slow", `${took.toFixed(1)} s`);
      if (grown > allowed) found("memory", `${Math.round(grown / MB)} MB, allowed ${Math.round(allowed / MB)}`);
    }
    for (const file of readdirSync(empty)) {
      findings.push({ kind: "wrote", fixture: "", seed, message: `a file named ${file}` });
    }
  } finally {
    process.chdir(home);
    rmSync(empty, { recursive: true, force: true });
  }
  const seconds = (performance.now() - began) / 1000;
  return { target: target.name, count, seed, read, refused, findings, slowest, largest, seconds };
}
