import { buildNormsFrom } from "@quintet/pipeline";
import { type Command, UsageError } from "../command.ts";

export const norms: Command = {
  name: "norms",
  usage: "quintet norms build CONTROLS --out FILE [--group WORDS]",
  summary: "Make a normative table from the derivatives of healthy controls",
  description: `CONTROLS is a derivatives folder that quintet run wrote for at least 10 healthy people with age and sex in
participants.tsv, or a folder of quintet mri head. Each measure becomes value = b0 + b1 age + b2 male with its residual SD and
n, volumes of the MRI also with b3 intracranial volume: z and w of a person's measures. All controls should share tracer and
scanner: say which with --group.

Example: quintet norms build ~/controls/derivatives --group "FDG, scanner A" --out norms.json, then quintet run ... --norms norms.json`,
  options: {
    out: { type: "string", value: "FILE", help: "Where the table goes (JSON)" },
    group: { type: "string", value: "WORDS", help: "Tracer and scanner the controls share" },
  },
  async run({ positionals, text }) {
    const [verb, controls, ...more] = positionals;
    const out = text("out");
    if (verb !== "build" || controls === undefined || out === undefined || more.length > 0) {
      throw new UsageError(
        "norms takes a verb, a folder and --out: quintet norms build CONTROLS --out FILE [--group WORDS]",
      );
    }
    const { people, rows } = await buildNormsFrom(controls, out, text("group") ?? "not stated");
    console.log(`${rows} norms from ${people} controls in ${out}`);
    return 0;
  },
};
