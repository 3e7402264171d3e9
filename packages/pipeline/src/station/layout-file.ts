/** How the page was last arranged for a study: what only the page understands, kept with the results. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DataError } from "@quintet/core";
import { writeFileAtomic } from "@quintet/io/node";

const most = 2 ** 18;
const pathOf = (derivatives: string): string => join(derivatives, ".quintet", "layout.json");

/** null when there is none, or none that can be read: the page then starts as it does for a new study. */
export async function readLayout(derivatives: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(pathOf(derivatives), "utf8"));
  } catch {
    return null;
  }
}

/** @throws DataError `too-large`, `unwritable` */
export async function saveLayout(derivatives: string, layout: Readonly<Record<string, unknown>>): Promise<void> {
  const text = JSON.stringify(layout);
  if (text.length > most)
    throw new DataError("too-large", "a layout is small", {
      expected: `at most ${most} characters`,
      found: `${text.length}`,
    });
  await writeFileAtomic(pathOf(derivatives), text);
}
