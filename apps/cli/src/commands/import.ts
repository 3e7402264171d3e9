import { type ImportOptions, type ImportResult, importFolder } from "@quintet/io/node";
import { type Call, type Command, UsageError, wholeNumber } from "../command.ts";
import { interruption } from "../interruption.ts";
import { bar } from "../terminal.ts";

export const importFiles: Command = {
  name: "import",
  usage: "quintet import FOLDER --to STUDY [--subject 01]",
  summary: "Sort loose files of one person into a BIDS dataset without identity",
  description: `Reads every file below FOLDER (DICOM, NIfTI, EDF, BDF, BrainVision, EEGLAB, SNIRF, .nirs, tables), writes what it
recognised into STUDY as BIDS and says what it did not recognise and why. Names, birth dates, addresses and free text are
left out; age, sex, weight and dose stay; all dates of the person move by one offset, so decay and clock stay right.
FOLDER itself is not changed. The dataset appears whole or not at all.

Lines: + recognised, ? passed over (no recording or image), x could not be read, ! worth knowing.
Exit code: 0 all recordings and images are in the dataset, 1 one could not be read (x) or nothing was recognised,
2 wrong usage, 130 stopped. Files of other formats (?) and notes (!) do not count as failures.

Example: quintet import ~/patient7 --to ~/study --subject 07`,
  options: {
    to: {
      type: "string",
      value: "STUDY",
      help: "Folder to make (must not exist, or be a dataset without this subject)",
    },
    subject: { type: "string", value: "LABEL", help: "Participant label, letters and digits (default 01)" },
    seed: {
      type: "string",
      value: "N",
      help: "Draw the date offset repeatably; keep it as secret as a name (default: at random)",
    },
    "keep-text": {
      type: "string",
      multiple: true,
      value: "TEXT",
      help: "Annotation text that names no one and may stay as it is (repeat for more)",
    },
    "same-person": { type: "boolean", help: "The DICOM files name different patients, and they are one person" },
    replace: { type: "boolean", help: "Replace the whole folder at --to once the new dataset is whole" },
    "dry-run": { type: "boolean", help: "Say what would be done, write nothing" },
    json: { type: "boolean", help: "The whole account as one JSON object" },
  },
  async run(call) {
    const [from, ...more] = call.positionals;
    const to = call.text("to");
    if (from === undefined || to === undefined || more.length > 0)
      throw new UsageError("import takes one folder and --to: quintet import FOLDER --to STUDY");
    using stop = interruption("stopped; nothing was written");
    const account = await importFolder(from, to, { ...optionsOf(call), ...progressBar(), signal: stop.signal });
    if (call.flag("json")) process.stdout.write(`${JSON.stringify(account, null, 1)}\n`);
    else tell(account, to, call.flag("dry-run"));
    return account.unrecognised.some(({ failed }) => failed) ? 1 : 0;
  },
};

function optionsOf({ text, texts, flag }: Call): ImportOptions {
  const seed = text("seed");
  return {
    subject: (text("subject") ?? "01").replace(/^sub-/, ""),
    dryRun: flag("dry-run"),
    replace: flag("replace"),
    samePerson: flag("same-person"),
    keepTexts: texts("keep-text"),
    ...(seed === undefined ? {} : { seed: wholeNumber("seed", seed) }),
  };
}

function progressBar(out: NodeJS.WriteStream = process.stderr): Pick<ImportOptions, "onProgress"> {
  if (!out.isTTY) return {};
  const width = (out.columns ?? 80) - 1;
  return {
    onProgress: ({ done, total, path }) => {
      const line = done < total ? `  ${bar(done / total, 30)} ${done} of ${total} ${path}`.slice(0, width) : "";
      out.write(`\r\x1b[K${line}`);
    },
  };
}

function tell({ recognised, unrecognised, problems }: ImportResult, to: string, dryRun: boolean): void {
  for (const { from, to: target, why } of recognised) console.log(`+ ${from} -> ${target} (${why})`);
  for (const { path, why, failed } of unrecognised) console.log(`${failed ? "x" : "?"} ${path}: ${why}`);
  for (const problem of problems) console.log(`! ${problem}`);
  const broken = unrecognised.filter(({ failed }) => failed).length;
  const counts = [
    `${recognised.length} recognised`,
    `${unrecognised.length - broken} passed over`,
    `${broken} unreadable`,
    `${problems.length} notes`,
  ];
  console.log(`\n${counts.join(", ")}${dryRun ? "; nothing was written (--dry-run)" : ""}`);
  if (!dryRun) console.log(`Next: quintet inspect ${to}, then quintet run ${to} --out ${to}/derivatives`);
}
