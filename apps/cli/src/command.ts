/** A command of the command line: what it is called, what it takes, what it does. */
import { type ParseArgsConfig, parseArgs } from "node:util";

export interface OptionHelp {
  readonly type: "string" | "boolean";
  readonly multiple?: boolean;
  /** How the value is shown in help: FILE, N. */
  readonly value?: string;
  readonly help: string;
}

export interface Command {
  readonly name: string;
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

/** @throws UsageError naming the option nearest to a mistyped one */
export function parse(command: Command, args: readonly string[]): Call {
  const options: NonNullable<ParseArgsConfig["options"]> = { help: { type: "boolean", short: "h" } };
  for (const [name, { type, multiple = false }] of Object.entries(command.options)) options[name] = { type, multiple };
  for (const arg of args) {
    const name = /^--(?:no-)?([^=]+)/.exec(arg)?.[1];
    if (name === undefined || name in options) continue;
    const near = nearest(name, Object.keys(options));
    throw new UsageError(`${command.name} has no option --${name}${near ? `; did you mean --${near}?` : ""}`);
  }
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
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
    throw new UsageError(error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error));
  }
}

/** The candidate within edit distance 3 (and less than half the word), if any. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  let [best, least] = [undefined as string | undefined, Math.min(3, Math.ceil(word.length / 2))];
  for (const candidate of candidates) {
    const distance = editDistance(word, candidate);
    if (distance <= least) [best, least] = [candidate, distance];
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
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
