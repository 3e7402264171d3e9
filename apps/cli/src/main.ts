/** The command line: finds the command, parses, runs, and turns errors into clear lines. */
import { DataError } from "@quintet/core";
import { adviceFor } from "./advice.ts";
import { bidsApp, looksLikeBidsApp } from "./bids-app.ts";
import { type Command, helpText, parse, UsageError } from "./command.ts";
import { commands } from "./commands/index.ts";
import { commandsOf, findCommand } from "./find-command.ts";
import { version } from "./version.ts";

export async function main(args: readonly string[]): Promise<number> {
  const [first, ...rest] = args;
  let command: Command | undefined;
  try {
    if (first === undefined) {
      process.stdout.write(welcome());
      return 0;
    }
    if (first === "--version" || first === "-v" || first === "version") {
      console.log(version);
      return 0;
    }
    const asksHelp = first === "--help" || first === "-h" || first === "help";
    const words = asksHelp ? rest : args;
    const [name = "", second] = words;
    if (name === "") {
      process.stdout.write(overview(commands));
      return 0;
    }
    const wing = commandsOf(name, commands);
    if (wing.length > 0 && (second === undefined || second === "--help" || second === "-h")) {
      process.stdout.write(overview(wing));
      return 0;
    }
    const isBidsApp = !asksHelp && !commands.some((candidate) => candidate.name === name) && looksLikeBidsApp(args);
    const found = isBidsApp ? { command: bidsApp, rest: args } : findCommand(words, commands);
    command = found.command;
    if (asksHelp || found.rest.includes("--help") || found.rest.includes("-h")) {
      process.stdout.write(helpText(command));
      return 0;
    }
    const own = found.rest;
    return await command.run(parse(command, own));
  } catch (error) {
    return told(error, command);
  }
}

/** @returns the exit code */
function told(error: unknown, command: Command | undefined): number {
  if (error instanceof UsageError) {
    const help = command === undefined || command === bidsApp ? "quintet --help" : `quintet ${command.name} --help`;
    console.error(`quintet: ${error.message}\n${help} tells more.`);
    return 2;
  }
  if (error instanceof Error && error.name === "AbortError") {
    console.error(`quintet: ${error.message || "stopped"}`);
    return 130;
  }
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (error instanceof DataError || (error instanceof Error && /^E[A-Z]+$/.test(code))) {
    const next = adviceFor(code);
    console.error(`quintet: ${error.message} [${code}]${next ? `\n${next}` : ""}`);
    return 1;
  }
  console.error(error instanceof Error ? (error.stack ?? error.message) : error);
  console.error("This is a fault of Quintet itself; please report it with the lines above and quintet doctor's.");
  return 1;
}

function overview(shown: readonly Command[]): string {
  const width = Math.max(...shown.map(({ name }) => name.length));
  const rows = shown.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `Quintet ${version}: PET, SPECT, MRI, fNIRS and EEG of one person, on one clock and in one head.
Research use only: not a medical device.

Usage: quintet COMMAND ...
       ${bidsApp.usage}   (BIDS App)

Commands:
${rows.join("\n")}

quintet COMMAND --help tells more.
`;
}

function welcome(): string {
  return `${overview(commands)}
New here? "quintet demo" makes a study of a code-made head and its report in about a minute.
Have files? "quintet import FOLDER --to STUDY", then "quintet run STUDY --out STUDY/derivatives".
`;
}

// A reader that has seen enough (| head) is no fault.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

process.exitCode = await main(process.argv.slice(2));
