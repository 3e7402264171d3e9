/** The command line: finds the command, parses, runs, and turns errors into one clear line. */
import { DataError } from "@quintet/core";
import { bidsApp, looksLikeBidsApp } from "./bids-app.ts";
import { helpText, nearest, parse, UsageError } from "./command.ts";
import { commands } from "./commands/index.ts";
import { version } from "./version.ts";

export async function main(args: readonly string[]): Promise<number> {
  const [first, ...rest] = args;
  try {
    if (first === undefined) {
      process.stdout.write(welcome());
      return 0;
    }
    if (first === "--version" || first === "-v" || first === "version") {
      console.log(version);
      return 0;
    }
    if (first === "--help" || first === "-h" || first === "help") {
      const asked = commands.find(({ name }) => name === rest[0]);
      process.stdout.write(asked ? helpText(asked) : overview());
      return 0;
    }
    const command = commands.find(({ name }) => name === first) ?? (looksLikeBidsApp(args) ? bidsApp : undefined);
    if (!command) {
      const near = nearest(
        first,
        commands.map(({ name }) => name),
      );
      throw new UsageError(
        `there is no command "${first}"${near ? `; did you mean "${near}"?` : "."} quintet --help lists them`,
      );
    }
    const own = command === bidsApp ? args : rest;
    if (own.includes("--help") || own.includes("-h")) {
      process.stdout.write(helpText(command));
      return 0;
    }
    return await command.run(parse(command, own));
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`quintet: ${error.message}`);
      return 2;
    }
    if (error instanceof DataError) {
      console.error(`quintet: ${error.message} [${error.code}]`);
      return 1;
    }
    if (error instanceof Error && error.name === "AbortError") {
      console.error("quintet: stopped; nothing is half written, the next run goes on from here");
      return 130;
    }
    console.error(error instanceof Error ? (error.stack ?? error.message) : error);
    return 1;
  }
}

function overview(): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const rows = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `Quintet ${version}: PET, SPECT, MRI, fNIRS and EEG of one person, on one clock and in one head.
Research use only: not a medical device.

Usage: quintet COMMAND ...
       quintet BIDS_DIR OUT_DIR participant|group [--participant-label 01]   (BIDS App)

Commands:
${rows.join("\n")}

quintet COMMAND --help tells more.
`;
}

function welcome(): string {
  return `${overview()}
New here? "quintet demo" makes a study of a code-made head and its report in about a minute.
Have files? "quintet import FOLDER --to STUDY", then "quintet run STUDY --out STUDY/derivatives".
`;
}

process.exitCode = await main(process.argv.slice(2));
