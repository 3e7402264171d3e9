/** Runs one script of a folder by its name. A script exports `main(args): Promise<void>` and begins with a comment that says what it does. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

export function listed(folder: string, what: string): number {
  const names = readdirSync(folder)
    .filter((file) => file.endsWith(".ts") && file !== "run.ts" && !/-(run|peers?|scene|first)\.ts$/.test(file))
    .map((file) => file.slice(0, -3));
  const widest = Math.max(0, ...names.map((name) => name.length));
  const lines = names.map(
    (name) => `  ${name.padEnd(widest)}  ${(about(join(folder, `${name}.ts`))[0] ?? "").slice(0, 100)}`,
  );
  console.error(`npm run ${what} -- NAME [--help]\n\n${lines.join("\n") || "  none yet"}`);
  return 2;
}

export async function runNamed(folder: string, name: string, args: readonly string[]): Promise<number> {
  const path = join(folder, `${name}.ts`);
  if (!/^[\w-]+$/.test(name) || !existsSync(path)) {
    console.error(`no script is called ${name}`);
    return 2;
  }
  if (args.includes("--help")) {
    console.log(about(path).join("\n"));
    return 0;
  }
  const { main } = (await import(pathToFileURL(path).href)) as { main: (args: readonly string[]) => Promise<void> };
  try {
    await main(args);
  } catch (error) {
    if (!(error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS_")) throw error;
    console.error(`${(error as Error).message}\n\n${about(path).join("\n")}`);
    return 2;
  }
  return 0;
}

/** The lines of the comment a script begins with. */
function about(path: string): string[] {
  const comment = /^\/\*\*([\s\S]*?)\*\//.exec(readFileSync(path, "utf8"))?.[1] ?? "";
  return comment
    .split("\n")
    .map((line) => line.replace(/^\s*\*? ?/, "").trimEnd())
    .join("\n")
    .trim()
    .split("\n");
}
