import { expect, test } from "vitest";
import { boundedMemory } from "./bounded-memory.ts";

test("the longest unasked goes first, the newest always stays, two askers make once", async () => {
  const made: string[] = [];
  const memory = boundedMemory<number>(10, (n) => n);
  const get = (key: string, n: number): Promise<number> =>
    memory.get(key, async () => {
      made.push(key);
      return n;
    });
  await Promise.all([get("a", 4), get("a", 4)]);
  await get("b", 4);
  await get("a", 4);
  await get("c", 4);
  expect([made, memory.bytes]).toEqual([["a", "b", "c"], 8]);
  await get("a", 4);
  expect(made).toEqual(["a", "b", "c"]);
  await get("big", 50);
  expect(memory.bytes).toBe(50);
});

test("a failure is not kept", async () => {
  const memory = boundedMemory<number>(10, (n) => n);
  await expect(memory.get("a", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await memory.get("a", async () => 1)).toBe(1);
});
