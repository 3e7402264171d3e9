/** The Node door of the kernels: compiles the WebAssembly built from the .as.ts sources and registers it. */
import { readFile } from "node:fs/promises";
import { registerKernel } from "../wasm/wasm.ts";

declare const WebAssembly: { compile(bytes: Uint8Array): Promise<object> };

const names = ["diffeomorphic", "fft", "gauss", "motion", "nufft", "resample"] as const;

/**
 * Registers each compiled kernel found; a missing one is not an error, its TypeScript form runs instead.
 *
 * Looked for in `folder`, else beside the sources (`../NAME/NAME.wasm`), else in `wasm/` beside a bundle.
 * @returns the names registered
 */
export async function loadKernels({ folder }: { readonly folder?: string } = {}): Promise<readonly string[]> {
  const found = await Promise.all(names.map((name) => loadKernel(name, folder)));
  return names.filter((_, i) => found[i]);
}

async function loadKernel(name: string, folder: string | undefined): Promise<boolean> {
  const places =
    folder === undefined
      ? [`../${name}/${name}.wasm`, `./wasm/${name}.wasm`].map((path) => new URL(path, import.meta.url))
      : [`${folder}/${name}.wasm`];
  for (const place of places) {
    const bytes = await readFile(place).catch(() => undefined);
    if (bytes === undefined) continue;
    registerKernel(name, await WebAssembly.compile(bytes));
    return true;
  }
  return false;
}
