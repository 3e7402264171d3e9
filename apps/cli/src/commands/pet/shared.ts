/** What the commands of the PET wing read alike. */
import { type Call, UsageError } from "../../command.ts";

/** @throws UsageError */
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

/** @throws UsageError */
export function oneOf<T extends string>(name: string, text: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw new UsageError(`--${name} takes one of ${choices.join(", ")}, not "${text}"`);
}

/** Minutes as FROM-TO. @throws UsageError */
export function minutes(call: Call, name = "window"): readonly [number, number] | undefined {
  const text = call.text(name);
  if (text === undefined) return undefined;
  const [, from, to] = /^(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (from !== undefined && to !== undefined && Number(to) > Number(from)) return [Number(from), Number(to)];
  throw new UsageError(`--${name} takes minutes after the injection as FROM-TO, for instance 50-70, not "${text}"`);
}

/** The one image and the folder. @throws UsageError */
export function imageAndFolder(call: Call, command: string): readonly [image: string, out: string] {
  const [image, ...more] = call.positionals;
  const out = call.text("out");
  if (image !== undefined && out !== undefined && more.length === 0) return [image, out];
  throw new UsageError(`${command} takes one image and --out: quintet ${command} PET.nii.gz --out FOLDER ...`);
}

/** Progress on a terminal: one line, written over. */
export function progressLine(): (share: number, note: string) => void {
  return (share, note) => {
    if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K  ${Math.round(100 * share)} % ${note}`);
  };
}

export function endProgress(): void {
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
}

export function listFiles(files: readonly string[]): void {
  for (const file of files) console.log(`  ${file}`);
  console.log("Research use only: not a medical device.");
}
