/** A command of the command line: what it is called, what it takes, what it does. */
import { type ParseArgsConfig, parseArgs } from "node:util";
import { editDistance } from "@quintet/core";

export interface OptionHelp {
  readonly type: "string" | "boolean";
  readonly multiple?: boolean;
  /** How the value is shown in help: FILE, N. */
  readonly value?: string;
  readonly help: string;
}

export interface Command {
  readonly name: string;
  /** What newcomers type for the last word of its name. */
  readonly also?: readonly string[];
  /** "quintet run STUDY --out FOLDER" */
  readonly usage: string;
  readonly summary: string;
  /** Longer text for --help, and at least one example. */
  readonly description: string;
  readonly options: Readonly<Record<string, OptionHelp>>;
  /** @returns the exit code: 0 done, 1 problems found or failed, 2 wrong usage */
  run(call: Call): Promise<number>;
}

export interface Call {
  readonly positionals: readonly string[];
  text(option: string): string | undefined;
  texts(option: string): readonly string[];
  flag(option: string): boolean;
}

/** The user asked for something that cannot be; shown without a stack. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * Options may be written with "_" for "-", as older BIDS App launchers do.
 *
 * @throws UsageError naming the option nearest to a mistyped one, and the value that one lacks
 */
export function parse(command: Command, args: readonly string[]): Call {
  const options: NonNullable<ParseArgsConfig["options"]> = { help: { type: "boolean", short: "h" } };
  for (const [name, { type, multiple = false }] of Object.entries(command.options)) options[name] = { type, multiple };
  const given = withNegatives(args, command);
  const end = given.indexOf("--");
  const own = given.map((arg, i) => (end >= 0 && i >= end ? arg : checked(arg, command, options)));
  try {
    const { values, positionals } = parseArgs({ args: own, options, allowPositionals: true });
    return {
      positionals,
      text: (option) => {
        const value = values[option];
        return typeof value === "string" ? value : Array.isArray(value) ? String(value.at(-1)) : undefined;
      },
      texts: (option) => {
        const value = values[option];
        return (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(String);
      },
      flag: (option) => values[option] === true,
    };
  } catch (error) {
    throw new UsageError(withoutNodesAdvice(error, command));
  }
}

/** "--injection -30" as "--injection=-30": Node takes what begins with a dash for an option. */
function withNegatives(args: readonly string[], { options }: Command): readonly string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const before = joined.at(-1) ?? "";
    const takesValue = before.startsWith("--") && options[before.slice(2).replaceAll("_", "-")]?.type === "string";
    if (takesValue && /^-\.?\d/.test(arg) && !joined.includes("--")) joined[joined.length - 1] = `${before}=${arg}`;
    else joined.push(arg);
  }
  return joined;
}

function checked(arg: string, { name: commandName }: Command, options: Readonly<Record<string, unknown>>): string {
  const [, written, value = ""] = /^--([^=]+)(=.*)?$/s.exec(arg) ?? [];
  if (written === undefined) {
    if (/^-[a-gi-zA-Z]/.test(arg)) throw new UsageError(`${commandName} has no option ${arg}`);
    return arg;
  }
  const name = written in options ? written : written.replaceAll("_", "-");
  if (name in options) return `--${name}${value}`;
  const near = nearest(name, Object.keys(options));
  throw new UsageError(`${commandName} has no option --${written}${near ? `; did you mean --${near}?` : ""}`);
}

/** Node's own words name the option, then tell of "--" and "=", which seldom is what went wrong. */
function withoutNodesAdvice(error: unknown, { options }: Command): string {
  const said = error instanceof Error ? error.message : String(error);
  const option = /--([\w-]+)/.exec(said)?.[1] ?? "";
  const value = options[option]?.value;
  if (value !== undefined) return `--${option} lacks its value: --${option} ${value}`;
  return option === "" ? (said.split("\n")[0] ?? "") : `--${option} takes no value`;
}

/** @throws UsageError */
export function wholeNumber(option: string, text: string, least: number = 0, most: number = 2 ** 31 - 1): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new UsageError(`--${option} takes a whole number from ${least} to ${most}, not "${text}"`);
}

/** The candidate within edit distance 3 (and half the word, rounded up), if any. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  let [best, least] = [undefined as string | undefined, Math.min(3, Math.ceil(word.length / 2))];
  for (const candidate of candidates) {
    const distance = editDistance(word, candidate);
    if (distance <= least) [best, least] = [candidate, distance];
  }
  return best;
}

export function helpText(command: Command): string {
  const options = Object.entries({
    ...command.options,
    help: { type: "boolean", help: "Show this text" } as OptionHelp,
  });
  const names = options.map(([name, { value }]) => `--${name}${value ? ` ${value}` : ""}`);
  const width = Math.max(...names.map((n) => n.length));
  const rows = options.map(([, { help }], i) => `  ${(names[i] as string).padEnd(width)}  ${help}`);
  return `${command.summary}\n\nUsage: ${command.usage}\n\n${command.description}\n\nOptions:\n${rows.join("\n")}\n`;
}
