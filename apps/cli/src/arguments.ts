/** What commands read alike from their call. */
import { type Call, UsageError } from "./command.ts";

/** A number above 0. @throws UsageError */
export function positive(call: Call, name: string, zero = false): number | undefined {
  const text = call.text(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== "" && (value > 0 || (zero && value === 0)) && Number.isFinite(value)) return value;
  throw new UsageError(`--${name} takes a number ${zero ? "of 0 and more" : "above 0"}, not "${text}"`);
}

/** @throws UsageError */
export function required(call: Call, name: string, what: string): string {
  const value = call.text(name);
  if (value !== undefined && value !== "") return value;
  throw new UsageError(`--${name} is needed: ${what}`);
}

/**
 * What a model's term is: one that nobody spoke of is an error, not a default.
 *
 * @param terms what may be said of each
 * @throws UsageError
 */
export function term<T extends string>(call: Call, terms: Readonly<Record<T, string>>, name: T): string {
  const value = call.text(name);
  if (value !== undefined && value !== "") return value;
  throw new UsageError(`the model needs a word about --${name}: ${terms[name]}`);
}

/** In capitals or not: "PIB" is PiB. @throws UsageError */
export function oneOf<T extends string>(name: string, text: string, choices: readonly T[]): T;
export function oneOf<T extends string>(name: string, text: string | undefined, choices: readonly T[]): T | undefined;
export function oneOf<T extends string>(name: string, text: string | undefined, choices: readonly T[]): T | undefined {
  if (text === undefined) return undefined;
  const found =
    choices.find((choice) => choice === text) ??
    choices.find((choice) => choice.toLowerCase() === text.trim().toLowerCase());
  if (found !== undefined) return found;
  throw new UsageError(`--${name} takes one of ${choices.join(", ")}, not "${text}"`);
}

/**
 * The one thing that a command takes, and where its results go.
 *
 * @param what of it in words: "one image"
 * @param example the call in full, without `quintet` and the command's name
 * @throws UsageError
 */
export function oneAndOut(
  call: Call,
  { command, what, example }: { readonly command: string; readonly what: string; readonly example: string },
): readonly [given: string, out: string] {
  const [given, ...more] = call.positionals;
  const out = call.text("out");
  if (given !== undefined && out !== undefined && more.length === 0) return [given, out];
  throw new UsageError(`${command} takes ${what} and --out: quintet ${command} ${example}`);
}

/** @throws UsageError where an image would be written under another ending */
export function checkImageName(out: string): void {
  if (!/\.nii(\.gz)?$/i.test(out))
    throw new UsageError(`--out takes a name that ends in .nii or .nii.gz, not "${out}"`);
}
