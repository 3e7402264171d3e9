import { join, resolve } from "node:path";
import { type Call, type Command, type OptionHelp, UsageError, wholeNumber } from "../command.ts";
import { runForUser } from "../run-study.ts";

export const runOptions: Readonly<Record<string, OptionHelp>> = {
  template: {
    type: "string",
    value: "FOLDER|phantom",
    help: "Template head; default: $TEMPLATEFLOW_HOME, Debian's mricron data, $FSLDIR, else the code-made head",
  },
  atlas: {
    type: "string",
    value: "FILE",
    help: "Label image in the template's space, with AAL or sublobar names, when the template has none",
  },
  norms: { type: "string", value: "FILE", help: "Normative table made by quintet norms build; without it no z values" },
  workers: { type: "string", value: "N", help: "Worker threads (default: all cores)" },
  json: { type: "boolean", help: "Progress and result as JSON lines" },
};

export const run: Command = {
  name: "run",
  usage: "quintet run STUDY [--out FOLDER]",
  summary: "Align, quantify and fuse; a report per person at the end",
  description: `STUDY is a BIDS dataset with any of T1w, PET, SPECT, EEG and fNIRS of each person. Any subset works: what is
missing is a row in the report that says so. Results are BIDS derivatives; what was done before is taken from the store,
and a run that was stopped (Ctrl-C, power) goes on where it was. A step that fails is told, and the rest goes on.
Exit code: 0 done, 1 a step failed or the study cannot be read, 2 wrong usage, 130 stopped.

On a terminal bars show how far each step is; --json prints one line per event: {"event": "start" | "progress" | "ran" |
"cached" | "failed" | "skipped", "subject", "step", "title", ...} and at the end {"event": "finished", "seconds", "subjects"}.

Example: quintet run ~/study --out ~/study/derivatives`,
  options: {
    out: { type: "string", value: "FOLDER", help: "Where derivatives go (default STUDY/derivatives)" },
    "participant-label": {
      type: "string",
      multiple: true,
      value: "LABEL",
      help: "Only these people (repeat for more)",
    },
    ...runOptions,
  },
  async run(call) {
    const [study, ...more] = call.positionals;
    if (study === undefined || more.length > 0)
      throw new UsageError("run takes one study folder. Usage: quintet run STUDY [--out FOLDER]");
    return runCall(call, study, call.text("out") ?? join(study, "derivatives"));
  },
};

export function runCall(call: Call, root: string, out: string): Promise<number> {
  const workers = call.text("workers");
  if (resolve(root) === resolve(out))
    throw new UsageError(`results need a folder of their own, for example ${join(root, "derivatives")}`);
  const [template, atlas, norms] = [call.text("template"), call.text("atlas"), call.text("norms")];
  return runForUser(
    {
      root,
      out,
      participants: call
        .texts("participant-label")
        .flatMap((label) => label.split(/[\s,]+/))
        .map((label) => label.replace(/^sub-/, ""))
        .filter((label) => label !== ""),
      ...(template === undefined ? {} : { template }),
      ...(atlas === undefined ? {} : { atlas }),
      ...(norms === undefined ? {} : { norms }),
      ...(workers === undefined ? {} : { workers: wholeNumber("workers", workers, 1, 99) }),
    },
    call.flag("json"),
  );
}
