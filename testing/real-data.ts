/**
 * Tests on real recordings: `$QUINTET_DATA`, else ../shared/data beside the checkout. Nothing of it is committed.
 * Without the folder such tests skip; with `QUINTET_DATA` set a missing file is a failure.
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe } from "vitest";
import { realDataMark } from "./real-data-mark.ts";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stated = process.env.QUINTET_DATA;
export const dataFolder: string = stated || join(dirname(root), "shared", "data");

/** A suite that needs `files` (relative to the data folder); `body` gets their absolute paths. */
export function describeRealData(name: string, files: readonly string[], body: (...paths: string[]) => void): void {
  const paths = files.map((file) => join(dataFolder, file));
  const missing = paths.filter((path) => !existsSync(path));
  if (missing.length > 0 && stated) {
    describe(`${realDataMark} ${name}`, () => {
      throw new Error(`QUINTET_DATA is set, but ${missing.join(", ")} is missing`);
    });
    return;
  }
  describe.skipIf(missing.length > 0)(`${realDataMark} ${name}`, () => body(...paths));
}
