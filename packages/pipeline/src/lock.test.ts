import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { lockFolder } from "./lock.ts";

const folder = mkdtempSync(join(tmpdir(), "quintet-lock-"));
const path = join(folder, "lock");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("one at a time, and free again afterwards", async () => {
  {
    await using _held = await lockFolder(folder);
    await expect(lockFolder(folder)).rejects.toMatchObject({ code: "locked", file: folder });
  }
  expect(existsSync(path)).toBe(false);
});

test("a living process holds it, a dead one does not", async () => {
  writeFileSync(path, String(process.ppid));
  await expect(lockFolder(folder)).rejects.toThrow(`process ${process.ppid}`);
  // Process numbers end at 4194304 on Linux, so nobody is this one.
  writeFileSync(path, "4194305");
  await (await lockFolder(folder))[Symbol.asyncDispose]();
});

test("a lock that is just being written is held, an old empty one is a dead run's", async () => {
  writeFileSync(path, "");
  await expect(lockFolder(folder)).rejects.toMatchObject({ code: "locked" });
  // Also where the disk has a clock of its own.
  vi.setSystemTime(Date.now() + 3_600_000);
  await expect(lockFolder(folder)).rejects.toMatchObject({ code: "locked" });
  vi.useRealTimers();
  utimesSync(path, new Date(0), new Date(0));
  await (await lockFolder(folder))[Symbol.asyncDispose]();
});

test("of many that find a dead run's lock at the same time one gets it", async () => {
  for (let round = 0; round < 5; round++) {
    writeFileSync(path, "4194305");
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(folder)));
    const got = tries.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const refused = tries.flatMap((one) => (one.status === "rejected" ? [one.reason.code] : []));
    expect([got.length, refused]).toEqual([1, Array(7).fill("locked")]);
    await got[0]?.[Symbol.asyncDispose]();
    expect(readdirSync(folder)).toEqual([]);
  }
});
