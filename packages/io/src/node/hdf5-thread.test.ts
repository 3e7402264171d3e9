import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import { DataError } from "@quintet/core";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { smallKSpace } from "../../../../fixtures/raw-mri/k-space.ts";
import { mutate } from "../../../../testing/mutate.ts";
import type { Hdf5Group } from "../hdf5/hdf5-tree.ts";
import { writeMrd } from "../mrd/write-mrd.ts";
import { readHdf5, writeHdf5 } from "./hdf5.ts";

const folder = mkdtempSync(join(tmpdir(), "quintet-hdf5-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const holding = (numbers: Float64Array): Hdf5Group => ({
  kind: "group",
  children: { numbers: { kind: "dataset", shape: [numbers.length], type: "float", data: numbers } },
});
// Meanwhile a thread that an earlier file of tests left idle in this process leaves, after 200 ms.
const [small] = await Promise.all([writeHdf5(holding(Float64Array.of(1, 2, 3))), delay(250)]);
const mrd = writeMrd(smallKSpace());
/** Damage over which the HDF5 library never comes to an end. */
const endless = mutate(mrd, 1702475481);
const read = (bytes: Uint8Array, limits = {}): Promise<Hdf5Group> => readHdf5(bytes, { file: "x.h5" }, limits);

/** The threads started since the test began; each test starts when those of the test before have left. */
const started: Worker[] = [];
process.on("worker", (worker) => started.push(worker));
beforeEach(async () => {
  const there = started.filter(({ threadId }) => threadId !== -1);
  await Promise.all(there.map((thread) => new Promise((gone) => thread.once("exit", gone))));
  started.length = 0;
});

describe("a thread for the next file", () => {
  test("is the last one's, and leaves when no file comes", async () => {
    for (const _ of [1, 2, 3]) expect(await read(small)).toEqual(holding(Float64Array.of(1, 2, 3)));
    expect(started).toHaveLength(1);
    await new Promise((gone) => started[0]?.once("exit", gone));
    await read(small);
    expect(started).toHaveLength(2);
  });

  test("files at the same time have threads of their own", async () => {
    const trees = await Promise.all([read(small), read(mrd, { only: ["xml"] }), read(small)]);
    expect(trees.map((tree) => Object.keys(tree.children))).toEqual([["numbers"], ["dataset"], ["numbers"]]);
    expect(started).toHaveLength(3);
  });

  test("a whole file reads the same after any damaged one", async () => {
    const whole = await read(small);
    const codes: string[] = [];
    for (let seed = 1; seed <= 40; seed++) {
      const fault = await read(mutate(seed % 2 === 0 ? small : mrd, seed)).catch((error: unknown) => error);
      if (fault instanceof DataError) codes.push(fault.code);
      else expect(fault).toHaveProperty("kind", "group");
      expect(await read(small)).toEqual(whole);
    }
    expect(codes.length).toBeGreaterThan(15);
    // 80 files in threads of at most 50, and a new one where the library lost its composure.
    expect(started.length).toBeGreaterThanOrEqual(2);
    expect(started.length).toBeLessThan(30);
  });
});

describe("a thread is not kept", () => {
  test("that had to be stopped", async () => {
    await read(small);
    await expect(read(endless, { seconds: 1, only: ["waveforms"] })).rejects.toThrow(/did not finish in 1 s/);
    await read(small);
    expect(started).toHaveLength(2);
  });

  test("whose memory grew for a large file: WebAssembly never gives memory back", async () => {
    const noise = Float64Array.from({ length: 400 }, (_, i) => Math.sin(i * i));
    const large = await writeHdf5(
      holding(Float64Array.from({ length: 3_000_000 }, (_, i) => noise[i % 400] as number)),
    );
    started.length = 0;
    await read(large);
    await read(small);
    expect(started).toHaveLength(2);
  });

  test("that wrote: its clock stands still", async () => {
    await writeHdf5(holding(Float64Array.of(1)));
    await read(small);
    expect(started).toHaveLength(2);
  });
});

/** Runs lines of a module in a process of their own that reads `small` by `read`; what it printed. */
function alone(lines: string, ...flags: string[]): string {
  writeFileSync(join(folder, "small.h5"), small);
  const script = `
    import { readFileSync } from "node:fs";
    import { readHdf5 } from ${JSON.stringify(new URL("./hdf5.ts", import.meta.url).href)};
    const read = (limits) => readHdf5(new Uint8Array(readFileSync("small.h5")), { file: "small.h5" }, limits);
    ${lines}`;
  writeFileSync(join(folder, "read.mjs"), script);
  const { stdout, ...ended } = spawnSync(process.execPath, [...flags, "read.mjs"], {
    cwd: folder,
    encoding: "utf8",
    timeout: 30_000,
  });
  expect(ended).toMatchObject({ status: 0, signal: null, stderr: "" });
  return stdout;
}

test("an idle thread does not hold the process, even if its time never comes", () => {
  const said = alone(`
    const after = globalThis.setTimeout;
    globalThis.setTimeout = (call, time) => after(call, time < 1000 ? 1e9 : time);
    for (const _ of [1, 2]) console.log(Object.keys((await read()).children));`);
  expect(said).toBe("[ 'numbers' ]\n[ 'numbers' ]\n");
});

test("a thread that is slow to start takes nothing from the time of the file", () => {
  const sleep = "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1100)";
  const preload = `import { isMainThread } from "node:worker_threads";\nif (!isMainThread) ${sleep};`;
  writeFileSync(join(folder, "late.mjs"), preload);
  const said = alone("console.log(Object.keys((await read({ seconds: 1 })).children));", "--import", "./late.mjs");
  expect(said).toBe("[ 'numbers' ]\n");
});
