/**
 * A crew: threads that work on one shared WebAssembly memory. The calling thread is one of them, so a crew of one needs no
 * worker. A platform door (`node.ts`) starts the others; what a job is and how its chunks are shared out is here.
 *
 * Chunks are handed out by an atomic counter, so that a thread that is slow or interrupted takes fewer. The caller blocks
 * until all chunks are done: in a browser a crew of more than one is called from a worker, where waiting is allowed.
 */
import { DataError } from "@quintet/core";
import { sharedModules } from "../wasm/wasm.ts";
import {
  type Call,
  type CrewSeat,
  instances,
  mostValues,
  place,
  type SharedMemory,
  valuesAt,
  workThrough,
} from "./seat.ts";

/** Starts one thread that calls `workFor(seat)`; returns how to end it. */
export type SeatStarter = (seat: CrewSeat) => () => void;

declare const performance: { now(): number };
declare const WebAssembly: {
  readonly Memory: new (limits: { initial: number; maximum: number; shared: true }) => SharedMemory;
};

const pageBytes = 65536;
/** What 32-bit addresses reach. */
const mostPages = 65536;
/** A worker that has not answered after this time never will. */
const patience = 60_000;

let starter: { readonly start: SeatStarter; readonly threads: number } | undefined;

/** Tells how workers are started here and how many threads to use; a platform door calls it. */
export function registerCrew(start: SeatStarter, threads: number): void {
  starter = { start, threads };
}

/** Back to the calling thread alone. */
export function unregisterCrew(): void {
  starter = undefined;
}

/** How many threads a crew has here unless it is asked for fewer. */
export function crewThreads(): number {
  return starter?.threads ?? 1;
}

export class Crew {
  readonly threads: number;
  readonly #memory: SharedMemory;
  readonly #control: Int32Array;
  readonly #values: Float64Array;
  readonly #calls: ReadonlyMap<string, number>;
  readonly #run: readonly Call[];
  readonly #ends: readonly (() => void)[];
  readonly #buffers = new Set<ArrayBufferLike>();
  #top = 1024;

  constructor(threads: number) {
    const modules = sharedModules();
    this.#memory = new WebAssembly.Memory({ initial: 1, maximum: mostPages, shared: true });
    const control = new SharedArrayBuffer(valuesAt + 8 * mostValues);
    this.#control = new Int32Array(control, 0, valuesAt / 4);
    this.#values = new Float64Array(control, valuesAt);
    const { names, calls } = instances(modules, this.#memory);
    this.#calls = new Map(names.map((name, i) => [name, i]));
    this.#run = calls;
    const seats = starter === undefined ? 0 : Math.max(0, Math.min(threads, starter.threads) - 1);
    this.#ends = Array.from({ length: seats }, (_, i) =>
      (starter as { start: SeatStarter }).start({ memory: this.#memory, control, modules, thread: i + 1 }),
    );
    this.threads = seats + 1;
    const begun = performance.now();
    for (let here = 0; here < seats; here = Atomics.load(this.#control, place.present)) {
      if (performance.now() - begun > patience) {
        this.close();
        throw new DataError("no-threads", "the worker threads did not start", {
          expected: `${seats}`,
          found: `${here}`,
        });
      }
      Atomics.wait(this.#control, place.present, here, 100);
    }
  }

  /** Memory of `bytes` bytes, at an address that is a multiple of 64. @throws DataError `too-large` */
  room(bytes: number): number {
    const at = this.#top;
    const end = Math.ceil((at + bytes + 64) / 64) * 64;
    const missing = Math.ceil((end - this.#memory.buffer.byteLength) / pageBytes);
    if (end > mostPages * pageBytes - pageBytes) {
      throw new DataError("too-large", "projection works within 4 GiB of memory", { found: `${end} bytes` });
    }
    if (missing > 0) {
      try {
        this.#memory.grow(missing);
      } catch (cause) {
        throw new DataError("too-large", "the machine has no memory for this", { found: `${end} bytes`, cause });
      }
    }
    this.#top = end;
    return at;
  }

  get buffer(): SharedArrayBuffer {
    const { buffer } = this.#memory;
    this.#buffers.add(buffer);
    return buffer;
  }

  /**
   * Address of an array that lies in this memory; undefined for one that lies elsewhere. Growing gives the same memory a
   * new buffer object, and arrays keep the one they were made with.
   */
  addressOf({ buffer, byteOffset }: Float32Array): number | undefined {
    return this.#buffers.has(buffer) ? byteOffset : undefined;
  }

  /** Address of the array's values: its own where it lies in this memory, else that of a copy in `stage`. */
  bring(array: Float32Array, stage: () => number): number {
    const own = this.addressOf(array);
    if (own !== undefined) return own;
    const at = stage();
    this.floats(at, array.length).set(array);
    return at;
  }

  /** `out` with the values at `at`: copied unless they are its own. */
  fetch(at: number, out: Float32Array): Float32Array {
    if (this.addressOf(out) === undefined) out.set(this.floats(at, out.length));
    return out;
  }

  floats(at: number, length: number): Float32Array {
    return new Float32Array(this.buffer, at, length);
  }

  /**
   * Calls `name` ("kernel.export") as (chunk, thread, ...values) once for each chunk, on all threads.
   * @throws DataError `kernel-failed` when a thread met an error
   */
  run(name: string, chunks: number, ...values: readonly number[]): void {
    const call = this.#calls.get(name);
    if (call === undefined) throw new DataError("kernel-failed", "no such kernel is registered", { found: name });
    const control = this.#control;
    this.#values.set(values);
    control[place.chunkCount] = chunks;
    control[place.callNumber] = call;
    control[place.valueCount] = values.length;
    control[place.failures] = 0;
    Atomics.store(control, place.nextChunk, 0);
    Atomics.store(control, place.done, 0);
    Atomics.add(control, place.round, 1);
    Atomics.notify(control, place.round);
    workThrough(control, this.#values, this.#run, 0);
    const others = this.threads - 1;
    for (let ready = Atomics.load(control, place.done); ready < others; ready = Atomics.load(control, place.done)) {
      Atomics.wait(control, place.done, ready);
    }
    if (Atomics.load(control, place.failures) > 0)
      throw new DataError("kernel-failed", "a kernel met an error", { found: name });
  }

  /** Ends the threads; the memory goes with the last array that lies in it. */
  close(): void {
    for (const end of this.#ends) end();
  }
}
