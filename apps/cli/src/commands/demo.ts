import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { writePhantomStudy, writeRealStudy } from "@quintet/pipeline";
import { type Command, UsageError } from "../command.ts";
import { runForUser } from "../run-study.ts";

export const demo: Command = {
  name: "demo",
  usage: "quintet demo [--out FOLDER] [--seed N]",
  summary: "Make a five-modality study of a code-made head, run it, and write its report",
  description: `No download and no data needed: head, scans and recordings are made by code from a seed, with one hidden focus that the
run has to find. --real uses real recordings instead ($QUINTET_DATA or ../shared/data): a composite of different people
and group averages, with a known offset planted in each image that the run has to undo.

Example: quintet demo --seed 7 --out ~/quintet-demo`,
  options: {
    out: { type: "string", value: "FOLDER", help: "Default ./quintet-demo (--real: ./quintet-real)" },
    seed: { type: "string", value: "N", help: "Which person and focus (default 1)" },
    "no-focus": { type: "boolean", help: "A healthy head: the answer must be 'no finding'" },
    real: { type: "boolean", help: "The composite study of real recordings" },
    fresh: { type: "boolean", help: "Forget stored results first" },
    json: { type: "boolean", help: "Progress and result as JSON lines" },
  },
  async run({ positionals, text, flag }) {
    if (positionals.length > 0) throw new UsageError(`demo takes no ${positionals[0]}; see quintet demo --help`);
    const seed = Number(text("seed") ?? 1);
    if (!Number.isInteger(seed) || seed < 0) throw new UsageError(`--seed takes a whole number, not ${text("seed")}`);
    const folder = resolve(text("out") ?? (flag("real") ? "quintet-real" : "quintet-demo"));
    if (flag("fresh")) await rm(join(folder, "derivatives"), { recursive: true, force: true });
    const root = join(folder, "study");
    const quiet = flag("json");
    if (!quiet) console.error(`Writing the study to ${root}`);
    if (flag("real")) {
      const head = await writeRealStudy(root, { seed });
      return runForUser({ root, out: join(folder, "derivatives"), ...head }, quiet);
    }
    await rm(root, { recursive: true, force: true });
    await writePhantomStudy(root, { seed, focus: flag("no-focus") ? false : "random" });
    return runForUser({ root, out: join(folder, "derivatives"), template: "phantom" }, quiet);
  },
};
