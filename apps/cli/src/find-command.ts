/** Which command the words mean: one word ("run"), or a wing and what it does ("mri recon"). */
import { existsSync } from "node:fs";
import { bidsApp } from "./bids-app.ts";
import { type Command, nearest, UsageError } from "./command.ts";

export interface Found {
  readonly command: Command;
  /** What stands after the command's own words. */
  readonly rest: readonly string[];
}

/**
 * @param words never empty
 * @throws UsageError naming the nearest command, or what the wing can do
 */
export function findCommand(words: readonly string[], commands: readonly Command[]): Found {
  const [first = "", second] = words;
  const pair = commands.find(({ name }) => name === `${first} ${second ?? ""}`);
  if (pair) return { command: pair, rest: words.slice(2) };
  const single = commands.find(({ name }) => name === first);
  if (single) return { command: single, rest: words.slice(1) };
  const members = commandsOf(first, commands);
  if (members.length > 0) {
    const verbs = members.map(({ name }) => name.slice(first.length + 1));
    const meant = members.find(({ also }) => also?.includes(second?.toLowerCase() ?? ""));
    const near = second === undefined ? undefined : (meant?.name.slice(first.length + 1) ?? nearest(second, verbs));
    const asked = second === undefined ? "" : `, not "${second}"${near ? `; did you mean "${near}"?` : ""}`;
    throw new UsageError(`"${first}" takes one of ${verbs.join(", ")} after it${asked}`);
  }
  if (first.startsWith("-")) throw new UsageError(`a command comes first and options after it, not ${first}`);
  if (existsSync(first))
    throw new UsageError(
      `"${first}" is a path, not a command. quintet inspect "${first}" says what it holds; quintet run "${first}" runs it if it is a BIDS dataset; ${bidsApp.usage}`,
    );
  const near = nearest(first, [...new Set(commands.flatMap(({ name }) => [name, name.split(" ")[0] as string]))]);
  throw new UsageError(`there is no command "${first}"${near ? `; did you mean "${near}"?` : ""}`);
}

/** The two-word commands of a wing; none when the word names no wing. */
export function commandsOf(wing: string, commands: readonly Command[]): readonly Command[] {
  return commands.filter(({ name }) => name.startsWith(`${wing} `));
}
