/**
 * Reads and writes HDF5 in a worker of its own: h5wasm cannot then hang, exhaust or crash the caller. Memory of the
 * WebAssembly side is capped, and no dataset is unpacked that could not come from the bytes of the file.
 */
import { parentPort, workerData } from "node:worker_threads";
import { DataError } from "@quintet/core";
import type { Hdf5Answer, Hdf5Job } from "./hdf5-job.ts";

const { job, wasmLimit } = workerData as { job: Hdf5Job; wasmLimit: number };

interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

const { Memory } = (globalThis as unknown as { WebAssembly: { Memory: { prototype: Memory } } }).WebAssembly;
const grow = Memory.prototype.grow;
Memory.prototype.grow = function (this: Memory, pages: number): number {
  if (this.buffer.byteLength + pages * 65_536 > wasmLimit) throw new RangeError("memory limit of the HDF5 reader");
  return grow.call(this, pages);
};

// HDF5 stamps every object with the time of day: held still, equal trees give equal bytes.
if (job.task === "write") Date.now = () => 0;

async function answer(): Promise<Hdf5Answer> {
  try {
    const h5wasm = await import("h5wasm");
    const module = await h5wasm.ready;
    const { readTree, writeTree } = await import("./hdf5-library.ts");
    return job.task === "read"
      ? { ok: true, tree: readTree(h5wasm, module, job.bytes, job.only) }
      : { ok: true, bytes: writeTree(h5wasm, module, job.tree) };
  } catch (error) {
    if (error instanceof DataError) return { ok: false, code: error.code, message: error.message };
    return { ok: false, code: "bad-hdf5", message: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.postMessage(await answer());
