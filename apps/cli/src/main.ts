/** The command line: finds the command, parses, runs, and turns errors into clear lines. */
import { existsSync } from "node:fs";
import { DataError } from "@quintet/core";
import { adviceFor } from "./advice.ts";
import { bidsApp, looksLikeBidsApp } from "./bids-app.ts";
import { type Command, helpText, nearest, parse, UsageError } from "./command.ts";
import { commands } from "./commands/index.ts";
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
    if (first === "--help" || first === "-h" || first === "help") {
      process.stdout.write(rest[0] === undefined ? overview() : helpText(commandOf(rest[0])));
      return 0;
    }
    command = commands.find(({ name }) => name === first) ?? (looksLikeBidsApp(args) ? bidsApp : commandOf(first));
    const own = command === bidsApp ? args : rest;
    if (own.includes("--help") || own.includes("-h")) {
      process.stdout.write(helpText(command));
      return 0;
    }
    return await command.run(parse(command, own));
  } catch (error) {
    return told(error, command);
  }
}

function commandOf(name: string): Command {
  const command = commands.find((candidate) => candidate.name === name);
  if (command) return command;
  if (name.startsWith("-")) throw new UsageError(`a command comes first and options after it, not ${name}`);
  if (existsSync(name))
    throw new UsageError(
      `"${name}" is a path, not a command. quintet inspect "${name}" says what it holds; quintet run "${name}" runs it if it is a BIDS dataset; ${bidsApp.usage}`,
    );
  const near = nearest(
    name,
    commands.map((candidate) => candidate.name),
  );
  throw new UsageError(`there is no command "${name}"${near ? `; did you mean "${near}"?` : ""}`);
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

function overview(): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const rows = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
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
  return `${overview()}
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
