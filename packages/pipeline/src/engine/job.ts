/** One step to run somewhere, as it crosses a thread boundary. */
import { DataError } from "@quintet/core";
import type { Cache, StoredResult } from "./cache.ts";
import type { Absent, Failure, StepRegistry } from "./step.ts";

export type JobInput =
  | { readonly role: string; readonly key: string }
  | { readonly role: string; readonly file: string }
  | { readonly role: string; readonly absent: string };

export interface Job {
  readonly key: string;
  readonly step: string;
  readonly params: unknown;
  readonly absent: Readonly<Record<string, string>>;
  readonly inputs: readonly JobInput[];
}

export type JobEvent =
  | { readonly kind: "progress"; readonly fraction: number; readonly note?: string }
  | { readonly kind: "done"; readonly stored: StoredResult }
  | { readonly kind: "failed"; readonly failure: Failure };

export async function runJob(
  job: Job,
  registry: StepRegistry,
  cache: Cache,
  report: (fraction: number, note?: string) => void,
): Promise<StoredResult> {
  const step = registry.get(job.step);
  if (!step) throw new DataError("unknown-step", `no step is called ${job.step}`);
  const inputs: Record<string, unknown> = {};
  for (const [role, why] of Object.entries(job.absent)) inputs[role] = { absent: why } satisfies Absent;
  for (const input of job.inputs) {
    if ("key" in input) inputs[input.role] = await cache.read(input.key);
    else if ("file" in input) inputs[input.role] = input.file;
    else inputs[input.role] = { absent: input.absent } satisfies Absent;
  }
  const startedAt = new Date().toISOString();
  const start = performance.now();
  const value = await step.run(inputs as never, job.params as never, { progress: report });
  return cache.write(job.key, value, { step: job.step, seconds: (performance.now() - start) / 1000, startedAt });
}

export function failureOf(error: unknown): Failure {
  if (error instanceof DataError) return { message: error.message, code: error.code };
  return { message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
