/**
 * Reads and writes HDF5 in a worker of its own: h5wasm cannot then hang, exhaust or crash the caller. Memory of the
 * WebAssembly side is capped, and no dataset is unpacked that could not come from the bytes of the file.
 */
import { parentPort } from "node:worker_threads";
import { DataError } from "@quintet/core";
import type { Hdf5Job, Hdf5Reply, Hdf5Request } from "./hdf5-job.ts";

interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** The library starts with 16 MB. What it grew by it never gives back, so beyond this the thread is not kept. */
const largestKept = 32 * 2 ** 20;

let wasmLimit = 0;
const { Memory } = (globalThis as unknown as { WebAssembly: { Memory: { prototype: Memory } } }).WebAssembly;
const grow = Memory.prototype.grow;
Memory.prototype.grow = function (this: Memory, pages: number): number {
  if (this.buffer.byteLength + pages * 65_536 > wasmLimit) throw new RangeError("memory limit of the HDF5 reader");
  return grow.call(this, pages);
};
// The library tells of every damaged object: words for nobody, and a pipe to the caller that would hold them all.
for (const say of ["log", "info", "warn", "error"] as const) console[say] = () => undefined;

async function reply(job: Hdf5Job): Promise<Hdf5Reply> {
  try {
    const h5wasm = await import("h5wasm");
    const module = await h5wasm.ready;
    const { readTree, writeTree } = await import("./hdf5-library.ts");
    if (job.task === "write") {
      // HDF5 stamps every object with the time of day: held still, equal trees give equal bytes.
      Date.now = () => 0;
      return { answer: { ok: true, bytes: writeTree(h5wasm, module, job.tree) }, reusable: false };
    }
    try {
      const tree = readTree(h5wasm, module, job.bytes, job.only);
      return { answer: { ok: true, tree }, reusable: module.HEAPU8.byteLength <= largestKept };
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      const { code, message } = error;
      return { answer: { ok: false, code, message }, reusable: module.HEAPU8.byteLength <= largestKept };
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { answer: { ok: false, code: "bad-hdf5", message }, reusable: false };
  }
}

parentPort?.on("message", async (request: Hdf5Request) => {
  wasmLimit = request.wasmLimit;
  parentPort?.postMessage(await reply(request.job));
});
