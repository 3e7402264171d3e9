import type { RunEvent } from "@quintet/pipeline";
import { expect, test } from "vitest";
import { runDisplay } from "./terminal.ts";

const node = { id: "align-pet", step: "align", version: 1, title: "Align to the T1", params: {}, inputs: [] };
const stored = { step: "align", seconds: 1.234, bytes: 1, startedAt: "2025-01-01T00:00:00Z" };
const events: readonly RunEvent[] = [
  { kind: "start", node },
  { kind: "progress", node, fraction: 0.5, note: "FDG" },
  { kind: "end", node, state: { kind: "ran", key: "k", stored }, done: 1, total: 2 },
  { kind: "end", node, state: { kind: "failed", failure: { message: "no voxels\nat line 3" } }, done: 2, total: 2 },
];

function shown(json: boolean, isTTY: boolean): string {
  let text = "";
  const write = (more: string | Uint8Array): boolean => {
    text += String(more);
    return true;
  };
  const out = { isTTY, columns: 80, write };
  const display = runDisplay(json, out, out);
  for (const event of events) display.show(event, "01");
  display.close();
  const before = text;
  for (const event of events) display.show(event, "01");
  if (isTTY && !json) expect(text).toBe(before);
  return before;
}

test("JSON lines: one object per event, also on a terminal", () => {
  const lines = shown(true, true).trim().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { event: "start", subject: "01", step: "align-pet", title: "Align to the T1" },
    { event: "progress", subject: "01", step: "align-pet", title: "Align to the T1", fraction: 0.5, note: "FDG" },
    { event: "ran", subject: "01", step: "align-pet", title: "Align to the T1", done: 1, total: 2, seconds: 1.23 },
    {
      event: "failed",
      subject: "01",
      step: "align-pet",
      title: "Align to the T1",
      done: 2,
      total: 2,
      why: "no voxels",
    },
  ]);
});

test("plain lines in a log file, one per step", () => {
  expect(shown(false, false)).toBe(
    "sub-01 [1/2] Align to the T1 (align-pet): ran in 1.2 s\nsub-01 [2/2] Align to the T1 (align-pet): failed: no voxels\n",
  );
});

test("bars on a terminal: within its width, the failure stays, the bars are wiped at the end", () => {
  const text = shown(false, true);
  expect(text).toContain("████████░░░░░░░░");
  expect(text).toContain("Align to the T1 (align-pet): failed: no voxels\n");
  const visible = text.split("\n").map((line) => line.split("\x1b[J").at(-1) ?? "");
  expect(Math.max(...visible.map((line) => line.length))).toBeLessThan(80);
  expect(text.endsWith("\x1b[1A\x1b[J")).toBe(true);
});
