/** What the commands of the PET wing read alike. */
import { oneAndOut } from "../../arguments.ts";
import { type Call, UsageError } from "../../command.ts";

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
  return oneAndOut(call, { command, what: "one image", example: "PET.nii.gz --out FOLDER ..." });
}

export function listFiles(files: readonly string[]): void {
  for (const file of files) console.log(`  ${file}`);
  console.log("Research use only: not a medical device.");
}
