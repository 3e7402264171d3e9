/** The BIDS App form: quintet BIDS_DIR OUT_DIR participant|group. */
import { writeGroupTable } from "@quintet/pipeline";
import { type Command, nearest, UsageError } from "./command.ts";
import { runCall, runOptions } from "./commands/run.ts";

const levels = ["participant", "group"];

/** A level stands among the words; a mistyped one counts when the first word is a path. */
export function looksLikeBidsApp(args: readonly string[]): boolean {
  if (levels.some((level) => args.includes(level))) return true;
  const [first = "", , third = ""] = args;
  return /[/\\]/.test(first) && nearest(third, levels) !== undefined;
}

export const bidsApp: Command = {
  name: "quintet",
  usage: "quintet BIDS_DIR OUT_DIR participant|group [--participant-label 01 ...]",
  summary: "Quintet as a BIDS App",
  description: `participant: one report and derivatives per person. group: one row per person over all their derivatives.

Example: quintet ~/study ~/study/derivatives participant --participant-label 01`,
  options: {
    "participant-label": {
      type: "string",
      multiple: true,
      value: "LABEL",
      help: "Only these people (several after one another, repeated, or separated by commas)",
    },
    "skip-bids-validator": { type: "boolean", help: "Taken from launchers that pass it; faults are told either way" },
    ...runOptions,
  },
  async run(call) {
    const [root, out, level = "", ...more] = call.positionals;
    if (root === undefined || out === undefined || !levels.includes(level)) {
      const near = nearest(level, levels);
      const meant = near === undefined ? "" : `; did you mean "${near}" for "${level}"?`;
      throw new UsageError(`the BIDS App form is: quintet BIDS_DIR OUT_DIR participant|group${meant}`);
    }
    const labels = call.texts("participant-label");
    if (more.length > 0 && labels.length === 0)
      throw new UsageError(`"${more[0]}" is one word too many; people are chosen with --participant-label`);
    if (level === "participant")
      return runCall(
        { ...call, texts: (o) => (o === "participant-label" ? [...labels, ...more] : call.texts(o)) },
        root,
        out,
      );
    const { table, people } = await writeGroupTable(out);
    console.log(`${people} ${people === 1 ? "person" : "people"} in ${table}`);
    return 0;
  },
};
