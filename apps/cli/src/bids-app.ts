/** The BIDS App form: quintet BIDS_DIR OUT_DIR participant|group. */
import { writeGroupTable } from "@quintet/pipeline";
import { type Command, UsageError } from "./command.ts";
import { runCall, runOptions } from "./commands/run.ts";

export function looksLikeBidsApp(args: readonly string[]): boolean {
  return args.includes("participant") || args.includes("group");
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
      help: "Only these people (repeat, or separate by commas)",
    },
    ...runOptions,
  },
  async run(call) {
    const [root, out, level, ...more] = call.positionals;
    if (root === undefined || out === undefined || (level !== "participant" && level !== "group")) {
      throw new UsageError("the BIDS App form is: quintet BIDS_DIR OUT_DIR participant|group");
    }
    if (level === "participant")
      return runCall(
        { ...call, texts: (o) => (o === "participant-label" ? [...call.texts(o), ...more] : call.texts(o)) },
        root,
        out,
      );
    const { table, people } = await writeGroupTable(out);
    console.log(`${people} people in ${table}`);
    return 0;
  },
};
