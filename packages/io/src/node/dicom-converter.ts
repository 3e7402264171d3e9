import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import { DataError } from "@quintet/core";
import type { DicomInput } from "./dicom-input.ts";
import type { DicomWorkerJob, DicomWorkerResult } from "./dicom-worker.ts";
import { whenWorked } from "./thread-time.ts";

/**
 * Runs dcm2niix on files in memory, in a worker thread that is ended when its time is up.
 *
 * @throws DataError `conversion-failed`, `conversion-timeout`, `not-installed`
 */
export async function runWorker(
  files: readonly DicomInput[],
  limits: { timeout: number; memory: number },
  source: string,
): Promise<DicomWorkerResult> {
  const wasm = await readFile(findPart("dcm2niix.jpeg.wasm"));
  const script = pathToFileURL(findPart("dcm2niix.jpeg.js")).href;
  const workerData: DicomWorkerJob = { script, wasm, files, memory: limits.memory };
  // The worker stays a file of its own: as source beside this one, and built to .js beside a bundle.
  const entry = import.meta.url.endsWith(".ts") ? "./dicom-worker.ts" : "./dicom-worker.js";
  const worker = new Worker(new URL(entry, import.meta.url), {
    workerData,
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: 256 },
  });
  const failed = (code: string, message: string, found?: string): DataError =>
    new DataError(code, message, { file: source, ...(found === undefined ? {} : { found }) });
  let time: { readonly stop: () => void } | undefined;
  try {
    return await new Promise<DicomWorkerResult>((resolve, reject) => {
      time = whenWorked(worker, limits.timeout, () =>
        reject(failed("conversion-timeout", `the conversion took longer than ${limits.timeout.toFixed(0)} s`)),
      );
      worker.once("message", (answer: { result?: DicomWorkerResult; fault?: string }) =>
        answer.result
          ? resolve(answer.result)
          : reject(failed("conversion-failed", "the files cannot be converted", answer.fault ?? "no answer")),
      );
      worker.once("error", (cause) => reject(failed("conversion-failed", "the converter broke off", String(cause))));
      worker.once("exit", (code) => reject(failed("conversion-failed", "the converter ended early", `code ${code}`)));
    });
  } finally {
    time?.stop();
    await worker.terminate();
  }
}

/** dcm2niix's two parts: beside the bundle when packed, else in node_modules. @throws DataError `not-installed` */
function findPart(name: "dcm2niix.jpeg.js" | "dcm2niix.jpeg.wasm"): string {
  const beside = fileURLToPath(new URL(`./${name}`, import.meta.url));
  if (existsSync(beside)) return beside;
  // The package's export map hides its parts, so the folders are asked themselves.
  const folders = createRequire(import.meta.url).resolve.paths("@niivue/dcm2niix") ?? [];
  const found = folders
    .map((folder) => join(folder, "@niivue", "dcm2niix", "dist", name))
    .find((path) => existsSync(path));
  if (!found) throw new DataError("not-installed", "a part of the DICOM converter is missing", { expected: name });
  return found;
}
