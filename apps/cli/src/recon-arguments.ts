/** What "pet recon" and "spect recon" read alike from their call. */
import { existsSync } from "node:fs";
import { term } from "./arguments.ts";
import { type Call, UsageError, wholeNumber } from "./command.ts";

/**
 * A term of the model: a word that stands for one, or a file that is there.
 *
 * @param words what stands for a term besides a file
 * @param prefix what may stand before the file: "ct:"
 * @throws UsageError where a name is neither
 */
export function fileOrWord<T extends string>(
  call: Call,
  terms: Readonly<Record<T, string>>,
  name: T,
  words: readonly string[],
  prefix: string = "",
): string {
  const value = term(call, terms, name);
  const file = prefix !== "" && value.startsWith(prefix) ? value.slice(prefix.length) : value;
  if (words.includes(value) || existsSync(file)) return value;
  throw new UsageError(`--${name} takes ${terms[name]}; there is no file "${file}"`);
}

/** A file that may be named, with its part "#N" where it has one. @throws UsageError where none is there */
export function optionalFile(call: Call, name: string): string | undefined {
  const value = call.text(name);
  if (value === undefined || existsSync(value) || existsSync(value.replace(/#\d+$/, ""))) return value;
  throw new UsageError(`--${name} takes a file; there is none at "${value}"`);
}

/**
 * What belongs to some algorithms alone is refused for the others: a value that nothing is done with would seem to have done something.
 *
 * @throws UsageError where a prior, a guide, subsets or iterations are named for an algorithm that has none, or a guide is missing
 */
export function checkAlgorithmOptions(call: Call, algorithm: string): void {
  const given = (name: string): boolean => call.text(name) !== undefined;
  if (algorithm === "fbp") {
    const idle = ["iterations", "subsets"].find(given);
    if (idle !== undefined) throw new UsageError(`--${idle} is of iterative algorithms; fbp has none`);
  }
  if (given("subsets") && algorithm === "mlem")
    throw new UsageError("--subsets are of osem and its kin; mlem has one subset");
  if (given("strength") && algorithm !== "bsrem")
    throw new UsageError(`--strength is of bsrem's prior; ${algorithm} has none (--algorithm bsrem)`);
  if (given("anatomy") && algorithm !== "bsrem" && algorithm !== "kernel-em")
    throw new UsageError(`--anatomy guides bsrem or kernel-em, not ${algorithm}`);
  if (!given("anatomy") && algorithm === "kernel-em")
    throw new UsageError("kernel-em needs --anatomy: an MR in the scanner's space that guides it");
}

/** --iterations: 4 without a word, 30 of mlem. @throws UsageError */
export function iterationsOf(call: Call, algorithm: string): number {
  return wholeNumber("iterations", call.text("iterations") ?? (algorithm === "mlem" ? "30" : "4"), 1, 1000);
}
