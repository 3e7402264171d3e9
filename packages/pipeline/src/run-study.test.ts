/**
 * One small study, run once: a person with PET and no T1, one with EEG and fNIRS alone, and one with a T1, a SPECT image
 * moved on purpose and a PET file cut off in the middle. Nothing is registered: the known-place check has to notice.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeNifti } from "@quintet/io";
import { readVolume } from "@quintet/io/node";
import { seededRandom } from "@quintet/kernels";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildNormsFrom, readMeasures, writeGroupTable } from "./measure-files.ts";
import { writePhantomCohort } from "./phantom-study/index.ts";
import type { SubjectOutcome } from "./publish-subject.ts";
import { displaced, plantedOffset } from "./real-study/real-study.ts";
import { type RunStudyOptions, runStudy } from "./run-study.ts";

const folder = mkdtempSync(join(tmpdir(), "quintet-run-study-"));
const [root, out] = [join(folder, "study"), join(folder, "derivatives")];
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let first: ReadonlyMap<string, SubjectOutcome>;
let firstStates: readonly string[];

async function run(options: Partial<RunStudyOptions> = {}) {
  const states: string[] = [];
  const outcomes = await runStudy({
    root,
    out,
    template: "phantom",
    registration: "identity",
    workers: 2,
    onEvent: (event, subject) => {
      if (event.kind === "end") states.push(`${subject} ${event.node.id} ${event.state.kind}`);
    },
    ...options,
  });
  return { states, outcomes: new Map(outcomes.map((outcome) => [outcome.subject, outcome])) };
}

interface Findings {
  readonly availability: readonly { readonly modality: string; readonly present: boolean; readonly note: string }[];
}

function availability(subject: string): Readonly<Record<string, string>> {
  const path = join(out, `sub-${subject}`, `sub-${subject}_findings.json`);
  const { availability: rows } = JSON.parse(readFileSync(path, "utf8")) as Findings;
  return Object.fromEntries(rows.map(({ modality, present, note }) => [modality, present ? "present" : note]));
}

const reportOf = (subject: string): string => readFileSync(join(out, `sub-${subject}`, "report.html"), "utf8");

beforeAll(async () => {
  // Coarse heads: what is tested is which parts run, not what they find.
  await writePhantomCohort(root, [
    { subject: "mri", seed: 4, resolution: 5, focus: false, modalities: ["mri", "pet"] },
    { subject: "sig", seed: 5, resolution: 5, focus: false, modalities: ["eeg", "fnirs"] },
  ]);
  const [whole, cut] = [join(root, "sub-pet", "pet"), join(root, "sub-mri", "pet")];
  mkdirSync(whole, { recursive: true });
  for (const name of readdirSync(cut)) cpSync(join(cut, name), join(whole, name.replace("sub-mri", "sub-pet")));
  const broken = join(cut, readdirSync(cut).find((name) => name.endsWith(".nii.gz")) as string);
  truncateSync(broken, Math.round(statSync(broken).size / 2));
  const t1 = await readVolume(join(root, "sub-mri", "anat", "sub-mri_T1w.nii.gz"));
  const moved = displaced(t1, plantedOffset(seededRandom(1)));
  mkdirSync(join(root, "sub-mri", "spect"));
  writeFileSync(join(root, "sub-mri", "spect", "sub-mri_spect.nii"), writeNifti(moved.volume));
  const sidecar = { TracerName: "HMPAO", Units: "counts", SpectState: "baseline", QuintetTruePlace: [...moved.truth] };
  writeFileSync(join(root, "sub-mri", "spect", "sub-mri_spect.json"), JSON.stringify(sidecar));
  writeFileSync(
    join(root, "participants.tsv"),
    "participant_id\tage\tsex\nsub-mri\t40\tF\nsub-pet\t50\tF\nsub-sig\t43\tM\n",
  );
  const { outcomes, states } = await run();
  [first, firstStates] = [outcomes, states];
}, 180_000);

describe("any subset of the five runs to its report", () => {
  test("PET without a T1: nothing is placed, and the report says why", () => {
    expect(first.get("pet")).toMatchObject({ headline: "No finding", failed: [] });
    expect(first.get("pet")?.missing).toContain("PET: there is PET, but no T1 to place it on");
    expect(availability("pet")).toEqual({
      mri: "no T1-weighted MRI in this study",
      pet: "there is PET, but no T1 to place it on",
      spect: "no SPECT in this study",
      fnirs: "no fNIRS in this study",
      eeg: "no EEG in this study",
    });
    expect(reportOf("pet")).toContain("there is PET, but no T1 to place it on");
  });

  test("EEG and fNIRS without an MRI give their measures", () => {
    expect(first.get("sig")).toMatchObject({ headline: "No finding", failed: [] });
    expect(availability("sig")).toMatchObject({
      eeg: "present",
      fnirs: "present",
      mri: expect.stringContaining("no T1"),
    });
    const path = join(out, "sub-sig", "sub-sig_measures.tsv");
    const modalities = new Set(readMeasures(readFileSync(path, "utf8"), path).map(({ modality }) => modality));
    expect([...modalities].sort()).toEqual(["eeg", "fnirs"]);
  });

  test("T1 and SPECT go on beside a PET file that is cut off, which is told with its name", () => {
    const found = first.get("mri");
    expect(found?.failed.map(({ step }) => step)).toEqual(["Align to the T1"]);
    expect(found?.failed[0]?.why).toContain("sub-mri_trc-FDG_pet.nii.gz");
    const rows = availability("mri");
    expect(rows).toMatchObject({ mri: "present", spect: "present" });
    expect(rows.pet).toContain("sub-mri_trc-FDG_pet.nii.gz");
    expect(rows.eeg).toContain("no EEG");
    expect(reportOf("mri")).toContain("sub-mri_trc-FDG_pet.nii.gz");
    expect(firstStates).toContain("mri pet skipped");
  });
});

test("a pipeline of identity transforms fails the known-place check on an image moved by 20 mm and 15 degrees", () => {
  const [error, ...more] = first.get("mri")?.knownErrors ?? [];
  expect(more).toEqual([]);
  // Over the head a 15 degree turn adds to or takes from the 20 mm shift; nowhere near the 5 mm a SPECT image may be off.
  expect(error?.mean).toBeGreaterThan(10);
  expect(error?.limit).toBe(5);
  const stored = readFileSync(join(out, "sub-mri", "sub-mri_registrations.json"), "utf8");
  // The BOLD run of the same person stands beside it.
  const checks = JSON.parse(stored) as readonly { readonly modality: string }[];
  expect(checks.map(({ modality }) => modality)).toEqual(["mri", "spect"]);
  expect(checks[1]).toMatchObject({ modality: "spect", verdict: "bad" });
});

test("a second run runs nothing but what failed, and rewrites nothing", async () => {
  const before = stamps();
  const { states, outcomes } = await run();
  expect(states.filter((state) => !state.endsWith(" cached")).sort()).toEqual(
    firstStates.filter((state) => / (failed|skipped)$/.test(state)).sort(),
  );
  expect(outcomes).toEqual(first);
  expect(stamps()).toEqual(before);
});

test("the group table has one row per person and n/a where a person lacks a measure", async () => {
  const { table, people } = await writeGroupTable(out);
  const [header = "", ...rows] = readFileSync(table, "utf8").trim().split("\n");
  rmSync(table);
  expect(people).toBe(3);
  expect(rows.map((row) => row.split("\t")[0])).toEqual(["sub-mri", "sub-pet", "sub-sig"]);
  const columns = header.split("\t");
  expect(rows.map((row) => row.split("\t").length)).toEqual([columns.length, columns.length, columns.length]);
  const at = columns.findIndex((name) => name.startsWith("fnirs_"));
  expect(rows.map((row) => row.split("\t")[at] === "n/a")).toEqual([true, true, false]);
});

test("controls' norms give z: 3 prediction errors above ten controls of the same age and sex is z = 3", async () => {
  const path = join(out, "sub-sig", "sub-sig_measures.tsv");
  const [header = "", row = ""] = readFileSync(path, "utf8").split("\n");
  const column = header.split("\t").indexOf("value");
  const value = Number(row.split("\t")[column]);
  // Ten controls at mean +- d: SD = d sqrt(10 / 9), a new person's prediction error SD sqrt(1 + 1/10).
  const d = Math.abs(value) / 10;
  const mean = value - 3 * d * Math.sqrt(10 / 9) * Math.sqrt(1.1);
  const controls = join(folder, "controls");
  for (let i = 0; i < 10; i++) {
    const cells = row.split("\t").with(column, String(mean + (i % 2 === 0 ? d : -d)));
    mkdirSync(join(controls, `sub-${i}`), { recursive: true });
    writeFileSync(join(controls, `sub-${i}`, `sub-${i}_measures.tsv`), `${header}\n${cells.join("\t")}\n`);
  }
  const people = Array.from({ length: 10 }, (_, i) => `sub-${i}\t43\tM`);
  writeFileSync(join(controls, "participants.tsv"), `participant_id\tage\tsex\n${people.join("\n")}\n`);
  const norms = join(folder, "norms.json");
  expect(await buildNormsFrom(controls, norms, "ten of one kind")).toEqual({ people: 10, rows: 1 });
  expect(readMeasures(readFileSync(path, "utf8"), path).filter(({ z }) => z !== undefined)).toEqual([]);
  const { states } = await run({ participants: ["sig"], norms });
  expect(states.filter((state) => !state.endsWith(" cached"))).toEqual(["sig fuse ran"]);
  const withZ = readMeasures(readFileSync(path, "utf8"), path).filter(({ z }) => z !== undefined);
  expect(withZ).toHaveLength(1);
  // Tables hold seven digits.
  expect(withZ[0]?.z).toBeCloseTo(3, 3);
});

test("one who is not there is refused with the names of those who are; a stopped run leaves no lock", async () => {
  await expect(run({ participants: ["nobody"] })).rejects.toThrow(/no sub-nobody.*sub-mri, sub-pet, sub-sig/);
  const stopped = AbortSignal.abort(new Error("stopped"));
  await expect(run({ signal: stopped })).rejects.toThrow("stopped");
  expect(existsSync(join(out, ".quintet", "lock"))).toBe(false);
});

function stamps(): Readonly<Record<string, number>> {
  const names = readdirSync(out, { recursive: true }) as string[];
  const files = names.filter((name) => statSync(join(out, name)).isFile());
  return Object.fromEntries(files.map((name) => [name, statSync(join(out, name)).mtimeMs]));
}
