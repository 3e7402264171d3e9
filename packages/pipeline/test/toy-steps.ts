/** Arithmetic on one number: stands in for real steps where the engine itself is tested. */

import { readFile } from "node:fs/promises";
import { DataError } from "@quintet/core";
import { type Absent, registryOf, type Step, type StepRegistry } from "../src/engine/step.ts";

export const readNumber: Step<{ file: string }, object, number> = {
  name: "toy-read",
  version: 1,
  title: "Read a number",
  run: async ({ file }) => Number(await readFile(file, "utf8")),
};

export const scale: Step<{ x: number }, { by: number; wait?: number }, number> = {
  name: "toy-scale",
  version: 1,
  title: "Scale",
  run: async ({ x }, { by, wait = 0 }, { progress }) => {
    progress(0.5, "half way");
    await new Promise((done) => setTimeout(done, wait));
    if (by === 0) throw new DataError("not-positive", `cannot scale by ${by}`);
    return x * by;
  },
};

export const add: Step<
  { a: number; b: number | Absent },
  object,
  { sum: number; missing?: string; raw: Float32Array }
> = {
  name: "toy-add",
  version: 1,
  title: "Add",
  run: ({ a, b }) =>
    typeof b === "number"
      ? { sum: a + b, raw: Float32Array.of(a, b) }
      : { sum: a, missing: b.absent, raw: Float32Array.of(a) },
};

export const toySteps: StepRegistry = registryOf([readNumber, scale, add] as never);
