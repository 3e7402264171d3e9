/**
 * A step turns inputs into outputs and is known by name, version and parameters.
 * Raise `version` whenever the numbers it gives may change: cached results of the old version are then left alone.
 */
import type { DataError } from "@quintet/core";

export interface StepTools {
  /** Share of the step's work done so far, 0..1, with an optional word on what is going on. */
  progress(fraction: number, note?: string): void;
}

/** What became of an optional input that could not be made. */
export interface Absent {
  readonly absent: string;
}

/** Inputs and outputs are plain (nouns, typed arrays, maps): they travel through files and threads by structured clone. */
export interface Step<I = never, P = never, O = unknown> {
  readonly name: string;
  readonly version: number;
  /** What the step does, for progress lines and provenance. */
  readonly title: string;
  run(inputs: I, params: P, tools: StepTools): Promise<O> | O;
}

export type AnyStep = Step<never, never, unknown>;

/** Steps by name, as worker threads look them up. */
export type StepRegistry = ReadonlyMap<string, AnyStep>;

export function registryOf(steps: readonly AnyStep[]): StepRegistry {
  return new Map(steps.map((step) => [step.name, step]));
}

/** A failure as it travels between threads. */
export interface Failure {
  readonly message: string;
  readonly code?: DataError["code"];
}
