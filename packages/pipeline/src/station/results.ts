/** Where a person's results lie, and how they were asked for. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { TemplateChoice } from "../recipes/five/template-step.ts";
import type { StoredSubject } from "./stored-subject.ts";

/** Before the first run. */
export const noResults: StoredSubject = { measures: [], registrations: [], decisions: [] };

export const reportOf = (derivatives: string, subject: string): string =>
  join(derivatives, `sub-${subject}`, "report.html");

export async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}

/** What the run before was asked for its template: another one would give other numbers. */
export async function templateOf(derivatives: string, subject: string): Promise<readonly string[]> {
  try {
    const text = await readFile(join(derivatives, `sub-${subject}`, `sub-${subject}_provenance.json`), "utf8");
    const { steps } = JSON.parse(text) as {
      readonly steps: readonly { readonly name: string; readonly parameters: TemplateChoice }[];
    };
    const { option, atlas } = steps.find(({ name }) => name === "template")?.parameters ?? { places: [] };
    return [
      ...(option === undefined ? [] : ["--template", option]),
      ...(atlas === undefined ? [] : ["--atlas", atlas]),
    ];
  } catch {
    // Never run, or by another version: the run chooses as it does for the first time.
    return [];
  }
}
