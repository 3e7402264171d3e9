/** The Node door of the kernels: compiles the WebAssembly built from the .as.ts sources, registers it, starts threads. */
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { registerKernel, registerSharedKernel } from "../wasm/wasm.ts";
import { registerCrew } from "./crew.ts";

declare const WebAssembly: { compile(bytes: Uint8Array): Promise<object> };

const names = [
  "boundary-elements",
  "diffeomorphic",
  "distance",
  "fft",
  "fft-double",
  "gauss",
  "ica",
  "nufft",
  "resample",
] as const;
/** Kernels that threads share a memory for. Of both kinds some have a second form with relaxed SIMD. */
const sharedNames = [
  "ar-irls",
  "fft-lanes",
  "joseph-lines",
  "joseph-orbits",
  "joseph-stack",
  "linear-map",
  "motion",
  "photon-walk",
  "rate-map",
  "rotating-camera",
  "siddon",
] as const;

export interface LoadOptions {
  /** Where the .wasm files lie. */
  readonly folder?: string;
  /** Threads of the kernels that use several. Default: as many as the machine runs at once. */
  readonly threads?: number;
  /** Whether the relaxed multiply-add may be used; it is where the engine has it (Node 24, not Node 20). */
  readonly relaxed?: boolean;
}

/**
 * Registers each compiled kernel found; a missing one is not an error, its TypeScript form runs instead.
 *
 * Looked for in `folder`, else beside the sources (`../NAME/NAME.wasm`), else in `wasm/` beside a bundle.
 * @returns the names registered; with ".relaxed" behind it where that form was taken
 */
export async function loadKernels({
  folder,
  threads = availableParallelism(),
  relaxed = true,
}: LoadOptions = {}): Promise<readonly string[]> {
  const load = async (name: string, register: (name: string, module: object) => void): Promise<string | undefined> => {
    const fast = relaxed ? await compiled(name, `${name}.relaxed`, folder) : undefined;
    const module = fast ?? (await compiled(name, name, folder));
    if (module) register(name, module);
    return module ? `${name}${fast ? ".relaxed" : ""}` : undefined;
  };
  const plain = names.map((name) => load(name, registerKernel));
  const shared = sharedNames.map((name) => load(name, registerSharedKernel));
  registerCrew((seat) => {
    const worker = new Worker(new URL("./node-seat.ts", import.meta.url), { workerData: seat, execArgv: [] });
    worker.unref();
    return () => void worker.terminate();
  }, threads);
  const found = await Promise.all([...plain, ...shared]);
  return found.filter((name) => name !== undefined);
}

/** Read and compiled once: asking again gives the same modules, which a standing crew knows again. */
const compiledAt = new Map<string, Promise<object | undefined>>();

/** Undefined where the file is missing or the engine refuses it. */
async function compiled(folderName: string, name: string, folder: string | undefined): Promise<object | undefined> {
  const places =
    folder === undefined
      ? [`../${folderName}/${name}.wasm`, `./wasm/${name}.wasm`].map((path) =>
          fileURLToPath(new URL(path, import.meta.url)),
        )
      : [`${folder}/${name}.wasm`];
  for (const place of places) {
    const found = compiledAt.get(place) ?? compile(place);
    compiledAt.set(place, found);
    const module = await found;
    if (module !== undefined) return module;
  }
  return undefined;
}

async function compile(path: string): Promise<object | undefined> {
  const bytes = await readFile(path).catch(() => undefined);
  return bytes === undefined ? undefined : WebAssembly.compile(bytes).catch(() => undefined);
}
