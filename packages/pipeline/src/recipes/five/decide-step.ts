/** What a reader decided about a registration, used by the run after it. */
import { createHash } from "node:crypto";
import { type Affine, DataError, multiply, type Transform } from "@quintet/core";
import type { RegistrationCheck } from "@quintet/view";
import type { Step } from "../../engine/step.ts";
import { finding, type Placed, type WingOutcome } from "./outcome.ts";

export interface Decision {
  /** Name of the registration: "FDG", "ictal SPECT", "BOLD". */
  readonly registration: string;
  readonly verdict: "accepted" | "rejected";
  /** Row-major 4x4 in world mm of the anatomy, applied after the registration; a rigid motion. */
  readonly nudge?: readonly number[];
  /** ISO 8601. */
  readonly at: string;
  /** Of the registration it was made on, before any nudge: another one is another's to judge. */
  readonly hash: string;
}

/** Tells one registration from another: its name and all digits of its matrix. */
export function registrationHash(name: string, matrix: ArrayLike<number>): string {
  return createHash("sha256")
    .update(JSON.stringify([name, Array.from(matrix)]))
    .digest("hex");
}

const farthest = 200;

/**
 * A nudge is a rigid motion: last row 0 0 0 1, a rotation to 1e-6, at most 200 mm.
 *
 * @throws DataError `bad-nudge`
 */
export function checkedNudge(nudge: unknown): readonly number[] {
  const refuse = (expected: string): never => {
    throw new DataError("bad-nudge", "a nudge is a rigid motion in mm, a row-major 4x4", { expected });
  };
  if (!Array.isArray(nudge) || nudge.length !== 16 || !nudge.every((v) => typeof v === "number" && Number.isFinite(v)))
    return refuse("16 numbers");
  const m = nudge as readonly number[];
  const at = (r: number, c: number): number => m[4 * r + c] as number;
  if (at(3, 0) !== 0 || at(3, 1) !== 0 || at(3, 2) !== 0 || at(3, 3) !== 1) return refuse("last row 0 0 0 1");
  for (let a = 0; a < 3; a++)
    for (let b = 0; b < 3; b++) {
      const dot = at(0, a) * at(0, b) + at(1, a) * at(1, b) + at(2, a) * at(2, b);
      if (!(Math.abs(dot - Number(a === b)) <= 1e-6)) return refuse("a rotation");
    }
  const turned =
    at(0, 0) * (at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1)) -
    at(0, 1) * (at(1, 0) * at(2, 2) - at(1, 2) * at(2, 0)) +
    at(0, 2) * (at(1, 0) * at(2, 1) - at(1, 1) * at(2, 0));
  if (!(turned > 0)) return refuse("a rotation, not a reflection");
  if (!(Math.hypot(at(0, 3), at(1, 3), at(2, 3)) <= farthest)) return refuse(`at most ${farthest} mm`);
  return m;
}

export interface Decided {
  readonly transform: Transform;
  readonly check: RegistrationCheck;
  /** Why nothing may be read off this image; absent unless it was rejected. */
  readonly rejected?: string;
}

/**
 * A registration under a decision:
 *
 *   accepted:  T' = N T  (N the nudge, identity without one)
 *   rejected:  T stays, and nothing found with it counts
 *
 * A decision made on another registration is left alone, and the check says so.
 */
export function decided(transform: Transform, check: RegistrationCheck, decision: Decision): Decided {
  const { verdict, nudge, at, hash } = decision;
  const day = at.slice(0, 10);
  if (hash !== registrationHash(check.name, transform.matrix)) {
    const note = `${check.note}; a reader's decision of ${day} was made on another registration and is not used`;
    return { transform, check: { ...check, note } };
  }
  const told = { verdict, at, ...(nudge ? { nudge } : {}) };
  if (verdict === "rejected") {
    const rejected = `${check.name}: its registration was rejected by a reader on ${day}; no finding and no measure is taken from it`;
    return {
      transform,
      rejected,
      check: { ...check, verdict: "bad", decision: told, note: `${check.note}; rejected by a reader on ${day}` },
    };
  }
  if (!nudge)
    return { transform, check: { ...check, decision: told, note: `${check.note}; accepted by a reader on ${day}` } };
  const matrix: Affine = multiply(Float64Array.from(nudge), transform.matrix);
  const note = `${check.note}; moved by a reader on ${day} by ${motionOf(nudge)}, which the expected error does not know`;
  return {
    transform: { ...transform, matrix },
    check: { ...check, toAnatomy: matrix, registered: transform.matrix, decision: told, note },
  };
}

/** "2.0 mm and 1.5 degrees" */
function motionOf(m: readonly number[]): string {
  const [x = 0, y = 0, z = 0] = [m[3], m[7], m[11]];
  const trace = (m[0] ?? 1) + (m[5] ?? 1) + (m[10] ?? 1);
  const degrees = (Math.acos(Math.min(1, Math.max(-1, (trace - 1) / 2))) * 180) / Math.PI;
  return `${Math.hypot(x, y, z).toFixed(1)} mm and ${degrees.toFixed(1)} degrees`;
}

export const decideStep: Step<{ placed: Placed }, { decision: Decision }, Placed> = {
  name: "decide",
  version: 1,
  title: "A reader's decision on the registration",
  run({ placed }, { decision }) {
    const { transform, check, rejected } = decided(placed.transform, placed.check, decision);
    const state = check.decision === undefined ? "not used" : decision.verdict;
    const qc = finding(
      check.modality,
      `${check.name}-decision`,
      state,
      state === "accepted" ? "ok" : "warn",
      `a reader's decision of ${decision.at.slice(0, 10)}`,
    );
    return { ...placed, transform, check, qc: [...placed.qc, qc], ...(rejected === undefined ? {} : { rejected }) };
  },
};

/** A wing's outcome when an image of it lies where a reader says it does not belong. */
export function withoutFindings(outcome: WingOutcome, rejected: readonly string[]): WingOutcome {
  if (rejected.length === 0) return outcome;
  return {
    ...outcome,
    note: `${outcome.note}; registration rejected`,
    localises: false,
    measures: [],
    evidence: [],
    warnings: [...outcome.warnings, ...rejected],
  };
}
