import { importFolder } from "@quintet/io/node";
import { type Command, UsageError } from "../command.ts";

export const importFiles: Command = {
  name: "import",
  usage: "quintet import FOLDER --to STUDY [--subject 01]",
  summary: "Sort loose files of one person into a BIDS dataset without identity",
  description: `Reads every file below FOLDER (DICOM, NIfTI, EDF, BDF, BrainVision, EEGLAB, SNIRF, .nirs, tables), writes what it
recognised into STUDY as BIDS and says what it did not recognise and why. Names, birth dates, addresses and free text are
left out; age, sex, weight and dose stay; all dates of the person move by one offset, so decay and clock stay right.
FOLDER itself is not changed.

Example: quintet import ~/patient7 --to ~/study --subject 07`,
  options: {
    to: {
      type: "string",
      value: "STUDY",
      help: "Folder to make (must not exist, or be a dataset without this subject)",
    },
    subject: { type: "string", value: "LABEL", help: "Participant label, letters and digits (default 01)" },
    "dry-run": { type: "boolean", help: "Say what would be done, write nothing" },
    json: { type: "boolean", help: "The whole account as one JSON object" },
  },
  async run({ positionals, text, flag }) {
    const [from, ...more] = positionals;
    const to = text("to");
    if (from === undefined || to === undefined || more.length > 0) {
      throw new UsageError("import takes a folder and --to. Usage: quintet import FOLDER --to STUDY");
    }
    const subject = text("subject") ?? "01";
    const account = await importFolder(from, to, { subject, dryRun: flag("dry-run") });
    if (flag("json")) process.stdout.write(`${JSON.stringify(account, null, 1)}\n`);
    else {
      for (const { from: source, to: target, why } of account.recognised)
        console.log(`+ ${source} -> ${target} (${why})`);
      for (const { path, why } of account.unrecognised) console.log(`? ${path}: ${why}`);
      for (const problem of account.problems) console.log(`! ${problem}`);
      console.log(
        `\n${account.recognised.length} recognised, ${account.unrecognised.length} not, ${account.problems.length} problems`,
      );
      if (!flag("dry-run") && account.recognised.length > 0)
        console.log(`Next: quintet inspect ${to}, then quintet run ${to} --out ${to}/derivatives`);
    }
    return account.recognised.length === 0 || account.problems.length > 0 ? 1 : 0;
  },
};
