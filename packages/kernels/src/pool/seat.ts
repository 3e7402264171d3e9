/**
 * The part of a crew that its worker threads run: taking chunks from the control block and the calls that belong to them.
 * It loads nothing else, so that a thread starts at once.
 */
import type { WasmModule } from "../wasm/wasm.ts";

export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
  grow(pages: number): number;
}
declare const WebAssembly: {
  readonly Instance: new (
    module: WasmModule,
    imports: Readonly<Record<string, object>>,
  ) => { readonly exports: Readonly<Record<string, unknown>> };
};

/** What a worker is given to join in. */
export interface CrewSeat {
  readonly memory: SharedMemory;
  readonly control: SharedArrayBuffer;
  readonly modules: readonly (readonly [name: string, module: WasmModule])[];
  /** 1 and up; the caller is 0. */
  readonly thread: number;
}

export type Call = (chunk: number, thread: number, ...values: number[]) => void;

/** Places in the control block: four counters, then what to do. */
export const place = {
  round: 0,
  nextChunk: 1,
  done: 2,
  present: 3,
  chunkCount: 4,
  callNumber: 5,
  valueCount: 6,
  failures: 7,
} as const;
export const valuesAt = 64;
export const mostValues = 8;

/** A worker's life: waits for a round, takes chunks until none is left, and waits again. */
export function workFor({ memory, control: shared, modules, thread }: CrewSeat): never {
  const control = new Int32Array(shared, 0, valuesAt / 4);
  const values = new Float64Array(shared, valuesAt);
  const { calls } = instances(modules, memory);
  let seen = 0;
  Atomics.add(control, place.present, 1);
  Atomics.notify(control, place.present);
  for (;;) {
    Atomics.wait(control, place.round, seen);
    const now = Atomics.load(control, place.round);
    if (now === seen) continue;
    seen = now;
    workThrough(control, values, calls, thread);
    Atomics.add(control, place.done, 1);
    Atomics.notify(control, place.done);
  }
}

/** Takes chunks of the call that the control block names, until none is left. */
export function workThrough(control: Int32Array, values: Float64Array, calls: readonly Call[], thread: number): void {
  const call = calls[control[place.callNumber]];
  const given = Array.from(values.subarray(0, control[place.valueCount]));
  const chunks = control[place.chunkCount];
  try {
    for (
      let chunk = Atomics.add(control, place.nextChunk, 1);
      chunk < chunks;
      chunk = Atomics.add(control, place.nextChunk, 1)
    ) {
      call(chunk, thread, ...given);
    }
  } catch {
    Atomics.add(control, place.failures, 1);
  }
}

/** Names ("kernel.export") and functions in an order that every thread agrees on. */
export function instances(
  modules: CrewSeat["modules"],
  memory: SharedMemory,
): { readonly names: readonly string[]; readonly calls: readonly Call[] } {
  const found = modules.flatMap(([name, module]) => {
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    return Object.entries(exports)
      .filter(([, value]) => typeof value === "function")
      .map(([key, value]) => [`${name}.${key}`, value as Call] as const);
  });
  return { names: found.map(([name]) => name), calls: found.map(([, call]) => call) };
}
