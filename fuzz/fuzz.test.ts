import { expect, test } from "vitest";
import { DataError } from "../packages/core/src/data-error.ts";
import { fuzz } from "./fuzz.ts";
import { targets } from "./targets.ts";

const bytes = new Uint8Array(64);
const reader = (read: (input: Uint8Array) => unknown): Parameters<typeof fuzz>[0] => ({
  name: "example",
  fixtures: () => [{ name: "zeros", bytes }],
  read,
});

test("the fuzzer sees errors that are no DataError, and leaves DataErrors be", async () => {
  const bad = await fuzz(
    reader(() => {
      throw new TypeError("undefined is not a function");
    }),
    3,
    1,
  );
  expect(bad.findings.map(({ kind }) => kind)).toEqual(["escaped", "escaped", "escaped"]);
  const good = await fuzz(
    reader(() => {
      throw new DataError("truncated", "cut");
    }),
    3,
    1,
  );
  expect(good).toMatchObject({ findings: [], refused: { truncated: 3 }, read: 0 });
});

test("the fuzzer sees memory beyond what the input justifies", async () => {
  const report = await fuzz(
    reader(() => new Float64Array(2e7)),
    1,
    1,
  );
  expect(report.findings[0]?.kind).toBe("memory");
});

test.each(targets.map((target) => [target.name, target] as const))(
  "%s: damaged input is read or refused, nothing else",
  async (_, target) => {
    const report = await fuzz(target, target.wasm ? 50 : 1000, 20261124);
    expect(report.findings).toEqual([]);
    expect(report.read).toBeLessThan(report.count);
  },
);
