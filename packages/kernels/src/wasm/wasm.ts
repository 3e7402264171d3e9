/**
 * The compiled kernels that a platform door (`@quintet/kernels/node`) has registered by name.
 * Without them every kernel runs its plain TypeScript form.
 */
import { DataError } from "@quintet/core";

/** What of WebAssembly is used here; the pure packages have no DOM types. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
export type WasmModule = object;
interface WasmInstance {
  readonly exports: Readonly<Record<string, unknown>>;
}
declare const WebAssembly: {
  readonly Instance: new (module: WasmModule, imports?: Readonly<Record<string, object>>) => WasmInstance;
};

export interface RunningKernel {
  readonly memory: WasmMemory;
  readonly exports: Readonly<Record<string, (...values: number[]) => number>>;
}

const pageBytes = 65536;
const mostBytes = 4 * 1024 ** 3 - pageBytes;
const modules = new Map<string, WasmModule>();
const shared = new Map<string, WasmModule>();

export function registerKernel(name: string, module: WasmModule): void {
  modules.set(name, module);
}

/** A kernel whose memory is shared between threads: `pool/crew.ts` runs it. */
export function registerSharedKernel(name: string, module: WasmModule): void {
  shared.set(name, module);
}

export function sharedModules(): readonly (readonly [name: string, module: WasmModule])[] {
  return [...shared].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Back to plain TypeScript. */
export function unregisterKernels(): void {
  modules.clear();
  shared.clear();
}

/**
 * Starts a fresh instance with `bytes` of memory, so that the memory is freed with it.
 * @throws DataError `too-large` (in the returned function)
 */
export function wasmKernel(name: string): ((bytes: number) => RunningKernel) | undefined {
  const module = modules.get(name);
  if (module === undefined) return undefined;
  return (bytes) => {
    if (!(bytes <= mostBytes)) {
      throw new DataError("too-large", `${name} works on at most 4 GiB at a time`, { found: `${bytes} bytes` });
    }
    const { exports } = new WebAssembly.Instance(module, {});
    const memory = exports.memory as WasmMemory;
    const missing = Math.ceil((bytes - memory.buffer.byteLength) / pageBytes);
    if (missing > 0) memory.grow(missing);
    return { memory, exports: exports as RunningKernel["exports"] };
  };
}
