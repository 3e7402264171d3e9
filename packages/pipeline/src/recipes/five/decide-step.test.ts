import { apply, identityAffine, rigid, type Volume } from "@quintet/core";
import { expect, test } from "vitest";
import { checkedNudge, type Decision, decided, decideStep, registrationHash, withoutFindings } from "./decide-step.ts";
import type { Placed, WingOutcome } from "./outcome.ts";

const volume: Volume = {
  unit: "Bq/mL",
  shape: [1, 1, 1],
  affine: identityAffine(),
  space: "scanner:pet-FDG",
  frames: [{ start: 0, duration: 1 }],
  clock: "pet",
  data: new Float32Array(1),
};
const matrix = rigid([0.1, 0, 0.2], [4, -2, 7]);
const placed: Placed = {
  volume,
  transform: { from: volume.space, to: "subject:T1w", matrix, error: 0.3 },
  expectedError: 0.3,
  check: {
    modality: "pet",
    name: "FDG",
    volume,
    toAnatomy: matrix,
    expectedError: 0.3,
    quality: 1.2,
    qualityName: "normalised mutual information",
    verdict: "ok",
    note: "repeated runs agree",
  },
  qc: [],
};
const at = "2026-02-03T04:05:06.000Z";
const hash = registrationHash("FDG", matrix);
const decision = (more: Partial<Decision>): Decision => ({
  registration: "FDG",
  verdict: "accepted",
  at,
  hash,
  ...more,
});
const tools = { progress: () => undefined };

test("a nudge moves every point after the registration: p -> N (T p)", async () => {
  const nudge = [...rigid([0, 0, 3], [1, 2, -2])];
  const result = await decideStep.run({ placed }, { decision: decision({ nudge }) }, tools);
  const p = [12, -30, 44] as const;
  const wanted = apply(Float64Array.from(nudge), apply(matrix, p));
  expect(apply(result.transform.matrix, p)).toBeAllclose(wanted, { atol: 1e-12 });
  expect(result.check).toMatchObject({ verdict: "ok", decision: { verdict: "accepted", at, nudge } });
  expect(result.check.registered).toEqual(matrix);
  expect(result.check.toAnatomy).toEqual(result.transform.matrix);
  // |(1, 2, -2)| = 3 mm.
  expect(result.check.note).toContain("moved by a reader on 2026-02-03 by 3.0 mm and 3.0 degrees");
  expect(placed.transform.matrix).toEqual(matrix);
});

test("an accepted registration keeps its numbers; a rejected one keeps its place and gives nothing", async () => {
  const kept = await decideStep.run({ placed }, { decision: decision({}) }, tools);
  expect([kept.transform.matrix, kept.rejected, kept.qc[0]?.verdict]).toEqual([matrix, undefined, "ok"]);
  const gone = await decideStep.run({ placed }, { decision: decision({ verdict: "rejected" }) }, tools);
  expect([gone.transform.matrix, gone.check.verdict]).toEqual([matrix, "bad"]);
  expect(gone.rejected).toContain("FDG: its registration was rejected by a reader on 2026-02-03");
  const outcome = {
    modality: "pet",
    note: "FDG",
    localises: true,
    measures: [{}],
    evidence: [{}],
    qc: [],
    warnings: ["before"],
  } as unknown as WingOutcome;
  expect(withoutFindings(outcome, [gone.rejected as string])).toMatchObject({
    localises: false,
    measures: [],
    evidence: [],
    note: "FDG; registration rejected",
    warnings: ["before", gone.rejected],
  });
  expect(withoutFindings(outcome, [])).toBe(outcome);
});

test("a decision on another registration is not used, and the check says so", () => {
  for (const other of [
    registrationHash("FDG", rigid([0.1, 0, 0.2], [4, -2, 7.0000001])),
    registrationHash("PiB", matrix),
  ]) {
    const result = decided(placed.transform, placed.check, decision({ verdict: "rejected", hash: other }));
    expect([result.transform.matrix, result.rejected, result.check.verdict]).toEqual([matrix, undefined, "ok"]);
    expect(result.check.note).toContain("made on another registration");
  }
});

test.each([
  ["too few numbers", [1, 0, 0]],
  ["text", "1 0 0 0"],
  ["no number", [...identityAffine()].with(3, Number.NaN)],
  ["a scale", [...identityAffine()].with(0, 1.01)],
  ["a shear", [...identityAffine()].with(1, 0.1)],
  ["a mirror", [...identityAffine()].with(0, -1)],
  ["a perspective", [...identityAffine()].with(12, 0.1)],
  ["300 mm", [...identityAffine()].with(3, 300)],
])("%s is no nudge", (_, nudge) => {
  expect(() => checkedNudge(nudge)).toThrow(expect.objectContaining({ code: "bad-nudge" }));
});
