import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { DataError } from "@quintet/core";
import { writePhantomStudy, writeRealStudy } from "@quintet/pipeline";
import { type Command, UsageError, wholeNumber } from "../command.ts";
import { runForUser } from "../run-study.ts";

export const demo: Command = {
  name: "demo",
  usage: "quintet demo [--out FOLDER] [--seed N]",
  summary: "Make a five-modality study of a code-made head, run it, and write its report",
  description: `No download and no data needed: head, scans and recordings are made by code from a seed, with one hidden focus that the
run has to find. --real uses real recordings instead ($QUINTET_DATA or ../shared/data): a composite of different people
and group averages, with a known offset planted in each image that the run has to undo.

FOLDER then holds study/ (a BIDS dataset) and derivatives/ (the results, with sub-01/report.html).

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
    if (positionals.length > 0) throw new UsageError(`demo takes no "${positionals[0]}"; a folder goes after --out`);
    const seed = wholeNumber("seed", text("seed") ?? "1");
    if (flag("real") && flag("no-focus")) throw new UsageError("--no-focus is for the code-made head, not for --real");
    const folder = resolve(text("out") ?? (flag("real") ? "quintet-real" : "quintet-demo"));
    const root = join(folder, "study");
    const out = join(folder, "derivatives");
    await requireOwn(root);
    if (flag("fresh")) await rm(join(out, ".quintet"), { recursive: true, force: true });
    const quiet = flag("json");
    if (!quiet) console.error(`Writing the study to ${root}`);
    if (flag("real")) {
      const head = await replaced(folder, root, (at) => writeRealStudy(at, { seed }));
      return runForUser({ root, out, ...head }, quiet);
    }
    await replaced(folder, root, (at) => writePhantomStudy(at, { seed, focus: flag("no-focus") ? false : "random" }));
    return runForUser({ root, out, template: "phantom" }, quiet);
  },
};

const ownNames = ["Phantom study", "Composite of real recordings"];

/** The demo writes its study anew each time: what lies there must be an earlier demo's. @throws DataError `not-a-demo` */
async function requireOwn(root: string): Promise<void> {
  if (!existsSync(root)) return;
  const name = await readFile(join(root, "dataset_description.json"), "utf8")
    .then((text) => (JSON.parse(text) as { readonly Name?: string }).Name)
    .catch(() => undefined);
  if (name === undefined || !ownNames.includes(name))
    throw new DataError("not-a-demo", "this folder was not written by the demo", {
      file: root,
      expected: "nothing there, or the study of an earlier demo",
      found: name === undefined ? "other files" : `the dataset "${name}"`,
    });
}

const staged = /^\.study-(\d+)$/;

/** Writes beside, then renames: a demo that is stopped leaves no half of a study. */
async function replaced<T>(folder: string, root: string, write: (at: string) => Promise<T>): Promise<T> {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) {
    const pid = staged.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) await rm(join(folder, name), { recursive: true, force: true });
  }
  const staging = join(folder, `.study-${process.pid}`);
  try {
    const written = await write(staging);
    await rm(root, { recursive: true, force: true });
    await rename(staging, root);
    return written;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
