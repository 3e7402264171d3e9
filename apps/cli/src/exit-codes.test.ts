/** The command line as a user's shell sees it: exit codes and what is said. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { writeNifti } from "@quintet/io";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const program = fileURLToPath(new URL("../bin/quintet.js", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "quintet-cli-"));
const at = (...parts: string[]): string => join(folder, ...parts);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function quintet(...args: readonly string[]): Promise<Said> {
  return start(...args).ended;
}

function start(...args: readonly string[]): { readonly child: ChildProcess; readonly ended: Promise<Said> } {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let [out, err] = ["", ""];
  child.stdout.on("data", (text) => {
    out += text;
  });
  child.stderr.on("data", (text) => {
    err += text;
  });
  return { child, ended: new Promise((done) => child.on("close", (code) => done({ code, out, err }))) };
}

beforeAll(() => {
  mkdirSync(at("empty"));
  mkdirSync(at("loose"));
  mkdirSync(at("broken"));
  mkdirSync(at("foreign", "study"), { recursive: true });
  writeFileSync(at("foreign", "study", "thesis.txt"), "years of work");
  const image = {
    unit: "{arbitrary}",
    shape: [4, 4, 4],
    affine: Float64Array.of(2, 0, 0, -4, 0, 2, 0, -4, 0, 0, 2, -4, 0, 0, 0, 1),
    space: "scanner",
    clock: "image",
    frames: [{ start: 0, duration: 0 }],
    data: Float32Array.from({ length: 64 }, (_, i) => i),
  } as const;
  mkdirSync(at("tiny", "sub-01", "anat"), { recursive: true });
  writeFileSync(at("tiny", "sub-01", "anat", "sub-01_T1w.nii"), writeNifti(image));
  writeFileSync(at("loose", "T1w.nii"), writeNifti(image));
  writeFileSync(at("loose", "notes.docx"), "PK, but nothing that is read here");
  for (const name of ["T1w.nii", "pet.nii"]) writeFileSync(at("broken", name), writeNifti(image));
  writeFileSync(at("broken", "flair.nii"), writeNifti(image).subarray(0, 360));
});

describe("what a newcomer types", () => {
  test("nothing: the next step", async () => {
    const { code, out } = await quintet();
    expect(code).toBe(0);
    expect(out).toContain("quintet demo");
    expect(out).toContain("quintet import FOLDER --to STUDY");
  });

  test.each([
    [["runn"], 'did you mean "run"?'],
    [["run", "x", "--wrokers", "2"], "did you mean --workers?"],
    [["group"], "quintet BIDS_DIR OUT_DIR participant|group"],
    [["./a", "./b", "particpant"], 'did you mean "participant"'],
    [["inspect"], "quintet inspect PATH"],
    [["mri", "recon", "raw.dat", "--out", "image.nii", "--method", "grape"], "--method takes one of auto, fft, grappa"],
  ])("%j: exit code 2 and the right words", async (args, words) => {
    const { code, err } = await quintet(...args);
    expect(err).toContain(words);
    expect(code).toBe(2);
  });
});

describe("folders that are not what they should be", () => {
  test("an empty folder holds no study, and says how to make one", async () => {
    const { code, err } = await quintet("run", at("empty"));
    expect(code).toBe(1);
    expect(err).toContain("[no-subject]");
    expect(err).toContain("quintet import FOLDER --to STUDY");
    expect(readdirSync(at("empty"))).toEqual([]);
  });

  test("the demo writes over nothing but its own", async () => {
    const { code, err } = await quintet("demo", "--out", at("foreign"));
    expect(code).toBe(1);
    expect(err).toContain("[not-a-demo]");
    expect(readdirSync(at("foreign", "study"))).toEqual(["thesis.txt"]);
  });
});

describe("import and inspect", () => {
  test("notes and other formats are no failure; the data set reads without fault", async () => {
    const { code, out } = await quintet("import", at("loose"), "--to", at("study"), "--json");
    expect(code).toBe(0);
    const account = JSON.parse(out);
    expect(account.recognised).toHaveLength(1);
    expect(account.unrecognised).toEqual([{ path: "notes.docx", why: "a format that is not read here" }]);
    expect(account.problems.length).toBeGreaterThan(0);
    const again = await quintet("import", at("loose"), "--to", at("study"));
    expect(again.code).toBe(1);
    expect(again.err).toContain("--subject");
  });

  test("a file that cannot be read is a failure, and the others are imported", async () => {
    const { code, out } = await quintet("import", at("broken"), "--to", at("most"));
    expect(out).toMatch(/^x flair\.nii: /m);
    expect(out).toContain("2 recognised, 0 passed over, 1 unreadable");
    expect(code).toBe(1);
    expect(existsSync(at("most", "sub-01", "anat"))).toBe(true);
  });

  test("inspect --json: 0 when all is read, 1 when something is wrong", async () => {
    const good = await quintet("inspect", at("loose", "T1w.nii"), "--json");
    expect(good.code).toBe(0);
    expect(JSON.parse(good.out)).toMatchObject([{ format: "NIfTI", shape: [4, 4, 4], problems: [] }]);
    const bad = await quintet("inspect", at("broken"), "--json");
    expect(bad.code).toBe(1);
    const faulty = JSON.parse(bad.out).filter((row: { problems: string[] }) => row.problems.length > 0);
    expect(faulty.map((row: { path: string }) => row.path)).toEqual(["flair.nii"]);
  });
});

describe("a run", () => {
  const lock = at("results", ".quintet", "lock");

  test("holds its folder against a second one; Ctrl-C ends it with 130 and leaves nothing half written", async () => {
    const { child, ended } = start("run", at("tiny"), "--out", at("results"), "--template", "phantom");
    const over = ended.then(() => true);
    while (!existsSync(lock) && !(await Promise.race([over, delay(20, false)])));
    // It holds still until the second one has looked: a run of so little may else be over before.
    child.kill("SIGSTOP");
    const second = await quintet("run", at("tiny"), "--out", at("results"), "--template", "phantom");
    expect(second.err).toContain("[locked]");
    expect(second.err).toContain("choose another --out folder");
    expect(second.code).toBe(1);
    child.kill("SIGINT");
    child.kill("SIGCONT");
    const { code, err } = await ended;
    expect(err).toContain("stopped; nothing is half written");
    expect(code).toBe(130);
    expect(existsSync(lock)).toBe(false);
    const left = readdirSync(at("results"), { recursive: true }) as string[];
    expect(left.filter((name) => name.includes("making"))).toEqual([]);
  });

  test("of a T1 that is no head goes to its end, says what failed, and ends with 1", async () => {
    const args = ["run", at("tiny"), "--out", at("results"), "--template", "phantom", "--json"];
    const { code, out } = await quintet(...args);
    expect(code).toBe(1);
    const events = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events.some(({ event, step }) => event === "failed" && step === "anatomy")).toBe(true);
    const { event, subjects } = events.at(-1);
    expect(event).toBe("finished");
    expect(subjects[0].failed.length).toBeGreaterThan(0);
    expect(existsSync(subjects[0].report)).toBe(true);
  });
});
