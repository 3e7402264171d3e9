/** A whole study: every person's recipe run, derivatives and report written. */
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DataError } from "@quintet/core";
import { type BidsStudy, readStudy } from "@quintet/io/node";
import { readDecisions } from "./decisions.ts";
import { Cache } from "./engine/cache.ts";
import { workerEngine } from "./engine/local.ts";
import { type RunEvent, runRecipe } from "./engine/run.ts";
import { SourceHashes } from "./engine/source-hash.ts";
import { lockFolder } from "./lock.ts";
import { readNorms } from "./measure-files.ts";
import { publishSubject, type SubjectOutcome } from "./publish-subject.ts";
import { fiveRecipe } from "./recipes/five/recipe.ts";
import { chooseTemplate } from "./recipes/five/template-step.ts";
import { version } from "./version.ts";

export interface RunStudyOptions {
  readonly root: string;
  readonly out: string;
  /** Labels without "sub-"; all people without it. */
  readonly participants?: readonly string[];
  /** A folder or file, or "phantom" for the code-made head; searched for without it. */
  readonly template?: string;
  /** Labels with AAL or sublobar names in the template's space, when the template brings none. */
  readonly atlas?: string;
  /** File of a normative table. */
  readonly norms?: string;
  readonly workers?: number;
  /** "identity" registers nothing: a control that must fail on misplaced images. */
  readonly registration?: "rigid" | "identity";
  readonly onEvent?: (event: RunEvent, subject: string) => void;
  readonly signal?: AbortSignal;
}

/** @throws DataError `no-such-folder`, `no-subject`, `no-such-participant`, `locked`, `bad-norms`, `bad-decisions` */
export async function runStudy(options: RunStudyOptions): Promise<readonly SubjectOutcome[]> {
  const { root, out, participants = [], signal } = options;
  const study = await readStudy(root);
  const chosen = study.subjects.filter(
    ({ participant }) => participants.length === 0 || participants.includes(participant.label),
  );
  const known = study.subjects.map(({ participant }) => participant.label);
  if (known.length === 0)
    throw new DataError("no-subject", "this folder holds no BIDS subject", {
      file: root,
      expected: "folders sub-<label>; quintet import makes them from loose files",
    });
  const unknown = participants.find((label) => !known.includes(label));
  if (unknown !== undefined)
    throw new DataError("no-such-participant", `there is no sub-${unknown}`, {
      file: root,
      found: known.map((label) => `sub-${label}`).join(", "),
    });
  const norms = options.norms === undefined ? undefined : await readNorms(options.norms);
  const template = await chooseTemplate(options.template, options.atlas);

  const state = join(out, ".quintet");
  await using _lock = await lockFolder(state);
  await writeDescription(out, study);
  const cache = new Cache(join(state, "results"));
  const hashes = new SourceHashes(join(state, "hashes.json"));
  await cache.open();
  await using _swept = { [Symbol.asyncDispose]: () => cache.sweep() };
  await using engine = workerEngine(new URL("./worker.ts", import.meta.url), join(state, "results"), options.workers);
  const outcomes: SubjectOutcome[] = [];
  for (const subject of chosen) {
    signal?.throwIfAborted();
    const { label } = subject.participant;
    const five = fiveRecipe(study, subject, {
      template,
      registration: options.registration ?? "rigid",
      decisions: await readDecisions(out, label),
      ...(norms ? { norms } : {}),
    });
    const records = await runRecipe(five.recipe, {
      cache,
      hashes,
      engine,
      onEvent: (event) => options.onEvent?.(event, label),
      ...(signal ? { signal } : {}),
    });
    outcomes.push(await publishSubject({ study, label, five, records, cache, out }));
  }
  return outcomes;
}

async function writeDescription(out: string, study: BidsStudy): Promise<void> {
  await mkdir(out, { recursive: true });
  const path = join(out, "dataset_description.json");
  if (existsSync(path)) return;
  const description = {
    Name: `${study.name}: Quintet derivatives`,
    BIDSVersion: "1.10.0",
    DatasetType: "derivative",
    GeneratedBy: [{ Name: "Quintet", Version: version }],
  };
  await writeFile(path, `${JSON.stringify(description, null, 2)}\n`);
}
