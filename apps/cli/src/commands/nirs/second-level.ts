import { groupNirsTables } from "@quintet/pipeline";
import { type Command, UsageError } from "../../command.ts";

export const nirsSecondLevel: Command = {
  name: "nirs second-level",
  usage: "quintet nirs second-level TABLE.tsv TABLE.tsv ... --out FOLDER",
  summary: "Responses of a group of subjects from the tables of their linear models",
  description: `TABLE is NAME_desc-glm_channels.tsv as nirs glm writes it, its JSON beside it. Of each channel and kind of event the mean over
subjects, with a random intercept of each subject and the first level's variances as weights, by restricted maximum likelihood. What
stands behind "sub-" in a name is the subject; several tables of one are its runs. Tables made with different pathlength factors or
extinction tables are refused: their concentrations have no common size.
Written: group_desc-glm_channels.tsv (umol/L) and group_desc-glm.json.
Exit code: 0 done, 1 refused, 2 wrong usage.

Example: quintet nirs second-level glm/sub-*_desc-glm_channels.tsv --out group`,
  options: {
    out: { type: "string", value: "FOLDER", help: "Where the results go" },
    json: { type: "boolean", help: "One JSON object: {subjects[], pathlength, conditions[], files[]}" },
  },
  async run(call) {
    const out = call.text("out");
    if (call.positionals.length < 2 || out === undefined)
      throw new UsageError(
        "nirs second-level takes two tables and more, and --out: quintet nirs second-level TABLE TABLE --out FOLDER",
      );
    const grouped = await groupNirsTables(call.positionals, out);
    if (call.flag("json")) {
      process.stdout.write(`${JSON.stringify(grouped, null, 1)}\n`);
      return 0;
    }
    const { subjects, pathlength, conditions, files, note } = grouped;
    console.log(`${subjects.length} subjects; ${pathlength}`);
    for (const { name, channels, found } of conditions) {
      const where =
        found.length > 0 ? `${found.length} pairs at a false discovery rate of 5 %: ${found.join(", ")}` : "none";
      console.log(`  ${name} (${channels} channels): ${where}`);
    }
    for (const file of files) console.log(`  ${file}`);
    console.log(note);
    return 0;
  },
};
