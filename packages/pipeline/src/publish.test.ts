import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type PublishedFile, publish } from "./publish.ts";

const out = mkdtempSync(join(tmpdir(), "quintet-publish-"));
mkdirSync(join(out, ".quintet"));
afterAll(() => rmSync(out, { recursive: true, force: true }));

const file = (path: string, key: string): PublishedFile => ({ path, key, content: () => `${path} of ${key}` });

test("writes what is new or changed, leaves the rest, and brings back what was deleted", async () => {
  expect(await publish(out, [file("sub-01/a.txt", "1"), file("sub-01/b.txt", "1")])).toEqual([
    "sub-01/a.txt",
    "sub-01/b.txt",
  ]);
  expect(await publish(out, [file("sub-01/a.txt", "1"), file("sub-01/b.txt", "2")])).toEqual(["sub-01/b.txt"]);
  expect(readFileSync(join(out, "sub-01/b.txt"), "utf8")).toBe("sub-01/b.txt of 2");
  rmSync(join(out, "sub-01/a.txt"));
  expect(await publish(out, [file("sub-01/a.txt", "1"), file("sub-01/b.txt", "2")])).toEqual(["sub-01/a.txt"]);
});

test("a content that cannot be made leaves the old file whole; what a killed run left is cleared", async () => {
  writeFileSync(join(out, "sub-01", ".making-1-0"), "half");
  const failing = { ...file("sub-01/a.txt", "3"), content: () => Promise.reject(new Error("no")) };
  await expect(publish(out, [failing])).rejects.toThrow("no");
  expect(readFileSync(join(out, "sub-01/a.txt"), "utf8")).toBe("sub-01/a.txt of 1");
  expect(readdirSync(join(out, "sub-01")).sort()).toEqual(["a.txt", "b.txt"]);
});

test("a ledger that is cut off counts as none", async () => {
  writeFileSync(join(out, ".quintet", "published.json"), '{"sub-01/a');
  expect(await publish(out, [file("sub-01/a.txt", "1")])).toEqual(["sub-01/a.txt"]);
  expect(existsSync(join(out, ".quintet", "published.json"))).toBe(true);
});
