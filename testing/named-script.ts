/** Runs one script of a folder by its name. A script exports `main(args): Promise<void>`. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

export function listed(folder: string, what: string): number {
  const names = readdirSync(folder)
    .filter((file) => file.endsWith(".ts") && file !== "run.ts" && !file.endsWith("-run.ts"))
    .map((file) => file.slice(0, -3));
  console.error(`npm run ${what} -- NAME\nnames: ${names.join(", ") || "none yet"}`);
  return 2;
}

export async function runNamed(folder: string, name: string, args: readonly string[]): Promise<number> {
  const path = join(folder, `${name}.ts`);
  if (!/^[\w-]+$/.test(name) || !existsSync(path)) {
    console.error(`no script is called ${name}`);
    return 2;
  }
  const { main } = (await import(pathToFileURL(path).href)) as { main: (args: readonly string[]) => Promise<void> };
  await main(args);
  return 0;
}
