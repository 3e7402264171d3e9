/** Damaged loose files: each is imported or named with its reason, and what was planted still comes through nowhere. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { DataError } from "@quintet/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { planted, plantedFiles } from "../../../../../fixtures/bids/planted.ts";
import { mutate } from "../../../../../testing/mutate.ts";
import { importFolder } from "./import-folder.ts";

let place = "";
let files: ReadonlyMap<string, Uint8Array>;
beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "quintet-damaged-import-"));
  files = new Map([...(await plantedFiles())].filter(([path]) => !/\.dcm$|\.snirf$/.test(path)));
}, 60_000);
afterAll(() => rmSync(place, { recursive: true, force: true }));

test("twelve folders of mutated files", async () => {
  for (let seed = 0; seed < 12; seed++) {
    const [from, to] = [join(place, `in-${seed}`), join(place, `out-${seed}`)];
    for (const [path, bytes] of files) {
      mkdirSync(dirname(join(from, path)), { recursive: true });
      writeFileSync(join(from, path), mutate(bytes, seed));
    }
    const result = await importFolder(from, to, { seed }).catch((error: unknown) => error);
    if (result instanceof Error) {
      expect(result).toBeInstanceOf(DataError);
      expect(existsSync(to)).toBe(false);
      continue;
    }
    for (const path of readdirSync(to, { recursive: true }).map(String)) {
      if (!statSync(join(to, path)).isFile()) continue;
      const bytes = readFileSync(join(to, path));
      const text = (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("latin1").toLowerCase();
      expect(
        planted.filter((word) => text.includes(word.toLowerCase())).map((word) => `${seed} ${path}: ${word}`),
      ).toEqual([]);
    }
  }
  expect(readdirSync(place).filter((name) => name.startsWith("."))).toEqual([]);
}, 120_000);
