/** A reader's decisions on the registrations that are shown, kept for the next run. */
import { DataError, identityAffine, invert, multiply } from "@quintet/core";
import type { SceneDecision } from "@quintet/view";
import { readDecisions, writeDecisions } from "../decisions.ts";
import { checkedNudge, type Decision, registrationHash } from "../recipes/five/decide-step.ts";
import { inTurn } from "./in-turn.ts";
import { registrationId } from "./scene-volumes.ts";
import type { StoredRegistration } from "./stored-subject.ts";

/** Of the registration as it was found; a nudge that a run has used is not in it. */
function hashOf({ name, matrix, registered }: StoredRegistration): string {
  return registrationHash(name, registered ?? matrix);
}

/** What is in the shown place already. */
function usedNudge({ decision }: StoredRegistration): Float64Array {
  return decision?.nudge ? Float64Array.from(decision.nudge) : identityAffine();
}

/** As the page is told of it: `nudge` is what is still to be moved, from the place shown. */
export function sceneDecision(stored: StoredRegistration, decisions: readonly Decision[]): SceneDecision | undefined {
  const decision = decisions.find(({ registration }) => registration === stored.name);
  if (!decision) return undefined;
  const { verdict, at, nudge } = decision;
  if (decision.hash !== hashOf(stored)) return { verdict, at, stale: true };
  if (stored.decision?.at === at) return { verdict, at, applied: true };
  const rest = multiply(Float64Array.from(nudge ?? identityAffine()), invert(usedNudge(stored)));
  const moves = rest.some((v, i) => Math.abs(v - (identityAffine()[i] as number)) > 1e-9);
  return { verdict, at, ...(verdict === "accepted" && moves ? { nudge: [...rest] } : {}) };
}

/**
 * Keeps a decision on the registration `id` as it is shown; a nudge comes on top of one that a run has used.
 * verdict null takes a decision back.
 *
 * @throws DataError `unknown-id`, `bad-request`, `bad-nudge`, `bad-decisions`, `unwritable`
 */
export function decide(
  out: string,
  label: string,
  registrations: readonly StoredRegistration[],
  id: string,
  asked: Readonly<Record<string, unknown>>,
): Promise<SceneDecision | null> {
  return inTurn(`${out} ${label}`, async () => {
    const stored = registrations.find(({ name }) => registrationId(name) === id);
    if (!stored)
      throw new DataError("unknown-id", "there is no such registration", { found: JSON.stringify(id.slice(0, 80)) });
    const { verdict } = asked;
    if (verdict !== null && verdict !== "accepted" && verdict !== "rejected")
      throw new DataError("bad-request", "a verdict is accepted, rejected or null", {
        found: String(verdict).slice(0, 40),
      });
    const nudge = asked.nudge === undefined || asked.nudge === null ? undefined : checkedNudge(asked.nudge);
    if (nudge && verdict !== "accepted") throw new DataError("bad-request", "only an accepted registration is moved");
    const others = (await readDecisions(out, label)).filter(({ registration }) => registration !== stored.name);
    if (verdict === null) {
      await writeDecisions(out, label, others);
      return null;
    }
    const whole = nudge ? multiply(Float64Array.from(nudge), usedNudge(stored)) : usedNudge(stored);
    const moves = nudge !== undefined || stored.decision?.nudge !== undefined;
    const decision: Decision = {
      registration: stored.name,
      verdict,
      ...(verdict === "accepted" && moves ? { nudge: [...whole] } : {}),
      at: new Date().toISOString(),
      hash: hashOf(stored),
    };
    await writeDecisions(out, label, [...others, decision]);
    return sceneDecision(stored, [decision]) ?? null;
  });
}
