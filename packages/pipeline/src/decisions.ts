/** sub-XX_decisions.json: what readers decided about registrations, beside the results they judged. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DataError } from "@quintet/core";
import { writeFileAtomic } from "@quintet/io/node";
import { checkedNudge, type Decision } from "./recipes/five/decide-step.ts";

const pathOf = (out: string, label: string): string => join(out, `sub-${label}`, `sub-${label}_decisions.json`);

/** None when there is no such file. @throws DataError `bad-decisions`: what was decided is not passed over in silence */
export async function readDecisions(out: string, label: string): Promise<readonly Decision[]> {
  const file = pathOf(out, label);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new DataError("bad-decisions", "the file of decisions cannot be read", { file, cause });
  }
  try {
    const { format, version, decisions } = JSON.parse(text) as {
      readonly format: unknown;
      readonly version: unknown;
      readonly decisions: unknown;
    };
    if (format !== "quintet-decisions" || version !== 1 || !Array.isArray(decisions)) throw new Error("another format");
    return decisions.map(checked);
  } catch (cause) {
    throw new DataError("bad-decisions", "this is no file of decisions; mend it or remove it", {
      file,
      expected: "quintet-decisions, version 1",
      cause,
    });
  }
}

function checked(one: Decision): Decision {
  const { registration, verdict, nudge, at, hash } = one;
  const texts = [registration, at, hash].every((text) => typeof text === "string" && text !== "");
  if (!texts || (verdict !== "accepted" && verdict !== "rejected")) throw new Error("a decision lacks a field");
  return { registration, verdict, at, hash, ...(nudge === undefined ? {} : { nudge: checkedNudge(nudge) }) };
}

/** Written whole or not at all. */
export async function writeDecisions(out: string, label: string, decisions: readonly Decision[]): Promise<void> {
  const content = { format: "quintet-decisions", version: 1, decisions };
  await writeFileAtomic(pathOf(out, label), `${JSON.stringify(content, null, 1)}\n`);
}
