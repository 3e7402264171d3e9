/** A data set under seeded damage: every fault is a problem in the list, none is a crash. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeFiveModalities } from "../../../../../fixtures/bids/five-modalities.ts";
import { mutate } from "../../../../../testing/mutate.ts";
import { BidsWriter } from "./bids-writer.ts";
import { validateStudy } from "./validate.ts";

let [whole, damaged] = ["", ""];
beforeAll(async () => {
  whole = mkdtempSync(join(tmpdir(), "quintet-whole-"));
  damaged = mkdtempSync(join(tmpdir(), "quintet-damaged-"));
  await writeFiveModalities(await BidsWriter.open(whole, { name: "Five" }));
  cpSync(whole, damaged, { recursive: true });
}, 60_000);
afterAll(() => {
  for (const folder of [whole, damaged]) rmSync(folder, { recursive: true, force: true });
});

test("300 mutations of side files, one at a time, are told of or harmless", async () => {
  const sides = readdirSync(whole, { recursive: true })
    .map(String)
    .filter((path) => /\.(json|tsv)$/.test(path) && statSync(join(whole, path)).isFile())
    .sort();
  const rules = new Set<string>();
  for (let seed = 0; seed < 300; seed++) {
    const path = sides[seed % sides.length]!;
    const bytes = new Uint8Array(readFileSync(join(whole, path)));
    writeFileSync(join(damaged, path), mutate(bytes, seed));
    for (const problem of await validateStudy(damaged)) {
      expect(problem.file).not.toContain(damaged);
      expect([problem.expected, problem.found].join()).not.toContain("undefined");
      rules.add(problem.rule);
    }
    writeFileSync(join(damaged, path), bytes);
  }
  expect(await validateStudy(damaged)).toEqual([]);
  // Damage must be seen: text that is not UTF-8, JSON that is none, ragged tables, numbers that are none.
  for (const rule of ["not-utf8", "bad-json", "ragged-row", "required-field"]) expect(rules).toContain(rule);
});
