import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apply, multiply, rigid } from "@quintet/core";
import { afterAll, beforeEach, expect, test } from "vitest";
import { readDecisions } from "../decisions.ts";
import { registrationHash } from "../recipes/five/decide-step.ts";
import { decide, sceneDecision } from "./decide.ts";
import type { StoredRegistration } from "./stored-subject.ts";

const folders: string[] = [];
let out: string;
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), "quintet-decide-"));
  folders.push(out);
});
afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

const found = rigid([3, -2, 1], [4, 5, 6]);
const fdg: StoredRegistration = {
  modality: "pet",
  name: "FDG",
  expectedError: 0.3,
  verdict: "ok",
  note: "",
  from: "scanner:pet-FDG",
  to: "subject:T1w",
  matrix: [...found],
};
const id = "registration-FDG";
// As JSON brings it: no minus zero.
const nudge = [...rigid([0, 0, 2], [1, 0, 0])].map((v) => v + 0);

test("a decision is kept with its time and the hash of what it was made on, and taken back", async () => {
  const told = await decide(out, "01", [fdg], id, { verdict: "accepted", nudge });
  expect(told).toMatchObject({ verdict: "accepted", nudge });
  const [kept] = await readDecisions(out, "01");
  expect(kept).toMatchObject({ registration: "FDG", verdict: "accepted", nudge, hash: registrationHash("FDG", found) });
  expect(Date.parse(kept?.at ?? "")).toBeGreaterThan(Date.now() - 60_000);
  expect(await decide(out, "01", [fdg], id, { verdict: "rejected" })).toMatchObject({ verdict: "rejected" });
  expect((await readDecisions(out, "01")).map(({ verdict }) => verdict)).toEqual(["rejected"]);
  expect(await decide(out, "01", [fdg], id, { verdict: null })).toBeNull();
  expect(await readDecisions(out, "01")).toEqual([]);
});

test("after the run that used it a decision is applied; a further nudge comes on top, the hash stays that of the registration", async () => {
  await decide(out, "01", [fdg], id, { verdict: "accepted", nudge });
  const [first] = await readDecisions(out, "01");
  const moved: StoredRegistration = {
    ...fdg,
    matrix: [...multiply(Float64Array.from(nudge), found)],
    registered: [...found],
    decision: { verdict: "accepted", nudge, at: first?.at ?? "" },
  };
  expect(sceneDecision(moved, [first as NonNullable<typeof first>])).toEqual({
    verdict: "accepted",
    at: first?.at,
    applied: true,
  });
  const more = [...rigid([1, 0, 0], [0, 0, -3])];
  const told = await decide(out, "01", [moved], id, { verdict: "accepted", nudge: more });
  // What is still to be moved, from where it is shown.
  expect(told?.nudge).toBeAllclose(more, { atol: 1e-12 });
  const [second] = await readDecisions(out, "01");
  expect(second?.hash).toBe(first?.hash);
  // N2 (N1 p): where the next run takes a point that the registration brought to p.
  const p = [10, 20, 30] as const;
  const wanted = apply(Float64Array.from(more), apply(Float64Array.from(nudge), p));
  expect(apply(Float64Array.from(second?.nudge ?? []), p)).toBeAllclose(wanted, { atol: 1e-12 });
  // Accepting as shown keeps the nudge that is in it.
  await decide(out, "01", [moved], id, { verdict: "accepted" });
  expect((await readDecisions(out, "01"))[0]?.nudge).toBeAllclose(nudge, { atol: 1e-12 });
});

test("a decision on a registration that has changed since is stale", async () => {
  await decide(out, "01", [fdg], id, { verdict: "rejected" });
  const again: StoredRegistration = { ...fdg, matrix: [...rigid([3, -2, 1.001], [4, 5, 6])] };
  expect(sceneDecision(again, await readDecisions(out, "01"))).toMatchObject({ verdict: "rejected", stale: true });
  expect(sceneDecision({ ...fdg, name: "PiB" }, await readDecisions(out, "01"))).toBeUndefined();
});

test.each([
  ["unknown-id", "registration-none", { verdict: "accepted" }],
  ["bad-request", id, { verdict: "maybe" }],
  ["bad-request", id, {}],
  ["bad-request", id, { verdict: "rejected", nudge }],
  ["bad-nudge", id, { verdict: "accepted", nudge: [1, 2, 3] }],
])("%s is refused and nothing is written", async (code, which, asked) => {
  await expect(decide(out, "01", [fdg], which, asked)).rejects.toMatchObject({ code });
  expect(await readDecisions(out, "01")).toEqual([]);
});

test("a broken file of decisions is refused, by the page and by a run, and left as it is", async () => {
  await decide(out, "01", [fdg], id, { verdict: "rejected" });
  const path = join(out, "sub-01/sub-01_decisions.json");
  for (const text of ["{", "[]", '{"format":"quintet-decisions","version":1,"decisions":[{"registration":"FDG"}]}']) {
    await writeFile(path, text);
    await expect(readDecisions(out, "01")).rejects.toMatchObject({ code: "bad-decisions" });
    await expect(decide(out, "01", [fdg], id, { verdict: null })).rejects.toMatchObject({ code: "bad-decisions" });
    expect(await readFile(path, "utf8")).toBe(text);
  }
});
