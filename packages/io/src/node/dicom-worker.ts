/**
 * Runs dcm2niix (Emscripten) in a thread of its own: it may loop, run out of memory or abort without harm to the caller.
 * Its file system lives in memory; the disk is never written.
 */
import childProcess from "node:child_process";
import { parentPort, workerData } from "node:worker_threads";

export interface DicomWorkerJob {
  /** URL of dcm2niix.jpeg.js. */
  readonly script: string;
  readonly wasm: Uint8Array;
  readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[];
  /** Bytes the module's memory may grow to. */
  readonly memory: number;
}

export interface DicomWorkerResult {
  readonly code: number;
  readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[];
  /** What dcm2niix printed. */
  readonly lines: readonly string[];
}

/** What is used of the engine's WebAssembly; its types come with the DOM library, which this package does without. */
interface Memory {
  readonly buffer: ArrayBuffer;
  grow: (pages: number) => number;
}
interface Instance {
  readonly exports: Readonly<Record<string, unknown>>;
}
interface Engine {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => Instance;
  readonly Memory: new (...sizes: never) => Memory;
}
const engine = (globalThis as unknown as { readonly WebAssembly: Engine }).WebAssembly;

interface Emscripten {
  readonly FS: {
    readonly mkdir: (path: string) => void;
    readonly readdir: (path: string) => string[];
    readonly readFile: (path: string) => Uint8Array;
    readonly createDataFile: (folder: string, name: string, data: Uint8Array, read: boolean, write: boolean) => void;
  };
  readonly callMain: (args: string[]) => number;
}
type Factory = (options: object) => Promise<Emscripten>;

async function convert({ script, wasm, files, memory }: DicomWorkerJob): Promise<DicomWorkerResult> {
  const lines: string[] = [];
  const say = (line: string): void => {
    if (lines.length < 200) lines.push(line.slice(0, 300));
  };
  // The C code may ask for a shell (to run pigz); nothing read from a file is ever handed to one.
  childProcess.spawnSync = () => {
    throw new Error("no shell here");
  };
  const { default: load } = (await import(script)) as { default: Factory };
  const module = await load({
    print: say,
    printErr: say,
    noInitialRun: true,
    instantiateWasm: (imports: object, done: (instance: Instance) => void) => {
      const instance = new engine.Instance(new engine.Module(wasm), imports);
      for (const part of Object.values(instance.exports)) if (part instanceof engine.Memory) capGrowth(part, memory);
      done(instance);
      return instance.exports;
    },
  });
  module.FS.mkdir("/in");
  module.FS.mkdir("/out");
  for (const { name, bytes } of files) module.FS.createDataFile("/in", name, bytes, true, false);
  const code = module.callMain(["-b", "y", "-ba", "y", "-z", "n", "-f", "%s_%d", "-o", "/out", "/in"]);
  const made = module.FS.readdir("/out").filter((name) => !name.startsWith("."));
  return { code, lines, files: made.map((name) => ({ name, bytes: module.FS.readFile(`/out/${name}`) })) };
}

/** `malloc` gets null instead of memory beyond the cap. */
function capGrowth(memory: Memory, most: number): void {
  const grow = memory.grow.bind(memory);
  memory.grow = (pages) => {
    if (memory.buffer.byteLength + pages * 65536 > most) throw new RangeError("beyond the memory granted");
    return grow(pages);
  };
}

try {
  const result = await convert(workerData as DicomWorkerJob);
  parentPort?.postMessage(
    { result },
    result.files.map((file) => file.bytes.buffer as ArrayBuffer),
  );
} catch (cause) {
  parentPort?.postMessage({ fault: String(cause).slice(0, 300) });
}
