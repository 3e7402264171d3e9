/** Registrations at a glance: error and verdict, the moving image over the anatomy, a decision that the next run uses. */
import type { DecisionRequest, SceneDecision, SceneRegistration } from "@quintet/view";
import { errorP95 } from "@quintet/view";
import { useState } from "react";
import { sendJson } from "../data/api.ts";
import type { Nudge } from "../state/nudge.ts";
import { isMoved, noNudge, nudgeMatrix } from "../state/nudge.ts";
import { modalityColour } from "../state/sensors.ts";
import { useSession, useView } from "../ui.tsx";
import { useWords } from "../words/index.ts";
import { NumberField } from "./number-field.tsx";

export function Registration(): React.JSX.Element {
  const { scene } = useSession();
  const words = useWords();
  if (scene.registrations.length === 0) return <p className="soft">{words.noRegistrations}</p>;
  return (
    <section aria-label={words.panels.registration}>
      {scene.registrations.map((registration) => (
        <Check key={registration.id} registration={registration} />
      ))}
    </section>
  );
}

function Check({ registration }: { readonly registration: SceneRegistration }): React.JSX.Element {
  const session = useSession();
  const words = useWords();
  const [decision, setDecision] = useState(registration.decision);
  const [nudge, setNudge] = useState<Nudge>(noNudge);
  const [fault, setFault] = useState<string>();
  const nudged = useView((s) => s.nudges[registration.id]);
  const { scene, store } = session;
  const { volume } = registration;

  const show = (how: "swipe" | "edges"): void => {
    if (volume === undefined) return;
    store.set((s) => {
      const layers = Object.entries(s.layers).map(([id, layer]) => {
        const anatomy = scene.volumes.find((v) => v.id === id)?.role === "anatomy";
        return [
          id,
          {
            ...layer,
            visible: anatomy || id === volume,
            ...(id === volume
              ? { opacity: how === "edges" ? 1 : Math.max(layer.opacity, 0.5), edges: how === "edges" }
              : {}),
          },
        ];
      });
      return { layers: Object.fromEntries(layers), current: volume, blend: how === "swipe" ? "swipe" : "over" };
    });
  };
  const move = (kind: keyof Nudge, k: number, value: number): void => {
    const next: Nudge = {
      ...nudge,
      [kind]: nudge[kind].map((v, i) => (i === k ? value : v)) as unknown as Nudge["shift"],
    };
    setNudge(next);
    store.set((s) => {
      const { [registration.id]: _, ...others } = s.nudges;
      return {
        nudges: isMoved(next) ? { ...others, [registration.id]: nudgeMatrix(next, session.field.centre) } : others,
      };
    }, "nudge");
  };
  const decide = async (verdict: DecisionRequest["verdict"]): Promise<void> => {
    try {
      const body: DecisionRequest = { verdict, ...(verdict === "accepted" && nudged ? { nudge: nudged } : {}) };
      const answer = await sendJson<SceneDecision | null>(
        `/api/decisions/${encodeURIComponent(registration.id)}?subject=${encodeURIComponent(scene.subject)}`,
        "POST",
        body,
      );
      setDecision(verdict === null ? undefined : (answer ?? undefined));
      setFault(undefined);
    } catch (why) {
      setFault(why instanceof Error ? why.message : String(why));
    }
  };
  return (
    <article className="check" data-registration={registration.id}>
      <h3>
        <i className="dot" style={{ background: modalityColour[registration.modality] }} />
        {registration.name}
      </h3>
      <dl>
        <dt>{words.expectedError}</dt>
        <dd title={words.errorP95Hint}>
          {registration.expectedError.toFixed(1)} mm · {words.errorP95(errorP95(registration.expectedError).toFixed(1))}
        </dd>
        <dt>{words.verdict}</dt>
        <dd>{registration.verdict}</dd>
      </dl>
      <p className="soft">{registration.note}</p>
      <div className="row">
        <button type="button" disabled={volume === undefined} onClick={() => show("swipe")}>
          {words.showMoving}
        </button>
        <button type="button" disabled={volume === undefined} onClick={() => show("edges")}>
          {words.showEdges}
        </button>
      </div>
      <div className="row">
        <button
          type="button"
          disabled={!scene.can.decide}
          aria-pressed={decision?.verdict === "accepted"}
          onClick={() => void decide("accepted")}
        >
          ✓ {words.accept}
        </button>
        <button
          type="button"
          disabled={!scene.can.decide}
          aria-pressed={decision?.verdict === "rejected"}
          onClick={() => void decide("rejected")}
        >
          ✕ {words.reject}
        </button>
        {decision && (
          <button type="button" onClick={() => void decide(null)}>
            {words.withdraw}
          </button>
        )}
      </div>
      {decision && (
        <p role="status">
          {words.decided[decision.verdict]} {decision.at.slice(0, 16).replace("T", " ")}.{" "}
          {decision.stale ? words.decisionStale : decision.applied ? words.decisionApplied : words.decisionNext}
        </p>
      )}
      {fault !== undefined && (
        <p className="fault" role="alert">
          {fault}
        </p>
      )}
      {volume !== undefined && (
        <details>
          <summary>{words.nudge}</summary>
          {(["shift", "turn"] as const).map((kind) => (
            <div className="row" key={kind}>
              <span>{kind === "shift" ? words.nudgeShift : words.nudgeTurn}</span>
              {(["x", "y", "z"] as const).map((axis, k) => (
                <NumberField
                  key={axis}
                  step={0.5}
                  value={nudge[kind][k]}
                  label={`${kind === "shift" ? words.nudgeShift : words.nudgeTurn} ${axis}`}
                  onValue={(value) => move(kind, k, value)}
                />
              ))}
            </div>
          ))}
          <button
            type="button"
            onClick={() => {
              setNudge(noNudge);
              store.set((s) => {
                const { [registration.id]: _, ...others } = s.nudges;
                return { nudges: others };
              });
            }}
          >
            {words.nudgeReset}
          </button>
        </details>
      )}
    </article>
  );
}
