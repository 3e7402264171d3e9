import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readXdf } from "@quintet/io";
import { openOutlet } from "@quintet/live";
import { afterAll, expect, test, vi } from "vitest";
import { parse, UsageError } from "../../command.ts";
import { commands } from "../index.ts";

const folder = mkdtempSync(join(tmpdir(), "quintet-live-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const command = (name: string) => {
  const found = commands.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no command ${name}`);
  return found;
};
const run = (name: string, ...args: string[]) => command(name).run(parse(command(name), args));

test.each([
  ["record", []],
  ["record", ["--out", "x.xdf", "--find", "EEG"]],
  ["record", ["--out", "x.xdf", "--for", "soon"]],
  ["stream", []],
  ["stream", ["a.edf", "--speed", "0"]],
  ["streams", ["a.xdf"]],
  ["bridge", ["--port", "0"]],
  ["convert", ["a.xdf"]],
  ["convert", ["a.xdf", "--to", "x", "--task", "two words"]],
])("%s %j is wrong usage", async (name, args) => {
  await expect(run(name, ...args)).rejects.toThrow(UsageError);
});

test("a stream that is not there is named, and the exit code says so", async () => {
  const said = vi.spyOn(console, "error").mockImplementation(() => undefined);
  const code = await run(
    "record",
    "--find",
    "name=nobody",
    "--wait",
    "1",
    "--out",
    join(folder, "no.xdf"),
    "--interface",
    "127.0.0.1",
  );
  expect([code, said.mock.calls[0]?.[0]]).toEqual([1, expect.stringContaining("name=nobody")]);
  said.mockRestore();
});

test("record finds by field, records and totals", async () => {
  const made = {
    name: "cap",
    type: "EEG",
    channelCount: 1,
    format: "float32",
    rate: 100,
    sourceId: `cli-cap-${process.pid}`,
  } as const;
  await using outlet = await openOutlet(made);
  const timer = setInterval(() => outlet.push([1, 2, 3, 4, 5]), 50);
  const [out, err] = [vi.spyOn(console, "log"), vi.spyOn(console, "error")].map((spy) =>
    spy.mockImplementation(() => undefined),
  );
  const path = join(folder, "run.xdf");
  const code = await run(
    "record",
    "--find",
    `source_id=${made.sourceId}`,
    "--out",
    path,
    "--for",
    "2",
    "--interface",
    "127.0.0.1",
  );
  clearInterval(timer);
  expect([code, out?.mock.calls.at(-1)?.[0]]).toEqual([0, expect.stringMatching(/cap: \d+ samples/)]);
  out?.mockRestore();
  err?.mockRestore();
  expect(readXdf(readFileSync(path), { file: path }).streams[0]?.stamps.length).toBeGreaterThan(50);
});
