/** Starts the pipeline, shows its steps and log as they come, cancels it. */
import type { RunMessage } from "@quintet/view";
import { useEffect, useRef, useState } from "react";
import { openSocket } from "../data/api.ts";
import { useSession } from "../ui.tsx";
import { useWords } from "../words/index.ts";

interface Step {
  readonly key: string;
  readonly title: string;
  readonly event: string;
  readonly fraction?: number;
}

const signs: Readonly<Record<string, string>> = {
  ran: "✓",
  cached: "=",
  failed: "✕",
  skipped: "–",
  start: "…",
  progress: "…",
};

export function Runs({ open }: { readonly open: (subject?: string) => void }): React.JSX.Element {
  const session = useSession();
  const words = useWords();
  const [running, setRunning] = useState(false);
  const [steps, setSteps] = useState<readonly Step[]>([]);
  const [log, setLog] = useState<readonly string[]>([]);
  const [ended, setEnded] = useState<number>();
  const [fault, setFault] = useState<string>();
  const socket = useRef<WebSocket>(null);
  const { scene } = session;

  useEffect(() => {
    if (!scene.can.run) return;
    const line = openSocket("/api/runs");
    socket.current = line;
    line.onmessage = ({ data }) => {
      const message = JSON.parse(String(data)) as RunMessage | { readonly error: string };
      if ("error" in message) return setFault(message.error);
      if (message.kind === "state") {
        setRunning(message.running);
        setLog(message.log);
      } else if (message.kind === "log") setLog((before) => [...before.slice(-500), message.line]);
      else if (message.kind === "end") {
        setRunning(false);
        setEnded(message.code);
      } else {
        const key = `${message.subject} ${message.step}`;
        const step: Step = {
          key,
          title: message.title,
          event: message.event,
          ...(message.fraction === undefined ? {} : { fraction: message.fraction }),
        };
        setSteps((before) =>
          before.some((s) => s.key === key) ? before.map((s) => (s.key === key ? step : s)) : [...before, step],
        );
      }
    };
    return () => line.close();
  }, [scene.can.run]);

  const send = (what: "start" | "cancel"): void => {
    setFault(undefined);
    if (what === "start") [setSteps([]), setEnded(undefined), setRunning(true)];
    socket.current?.send(JSON.stringify({ do: what, subject: scene.subject }));
  };
  if (!scene.can.run) return <p className="soft">{words.cannotRun}</p>;
  const done = steps.filter(({ event }) => ["ran", "cached", "skipped", "failed"].includes(event)).length;
  return (
    <section aria-label={words.panels.runs}>
      <div className="row">
        <button type="button" disabled={running} onClick={() => send("start")}>
          {words.startRun}
        </button>
        <button type="button" disabled={!running} onClick={() => send("cancel")}>
          {words.cancelRun}
        </button>
        <span role="status">
          {running ? `${words.running} · ${done}/${steps.length}` : ended === undefined ? words.idle : ""}
        </span>
      </div>
      {ended !== undefined && !running && (
        <p role="status" className={ended === 0 ? "" : "fault"}>
          {ended === 0 ? (
            <button type="button" onClick={() => open(scene.subject)}>
              {words.runDone}
            </button>
          ) : ended === 130 ? (
            words.runCancelled
          ) : (
            words.runFailed
          )}
        </p>
      )}
      {fault !== undefined && (
        <p className="fault" role="alert">
          {fault}
        </p>
      )}
      <ol className="steps">
        {steps.map(({ key, title, event, fraction }) => (
          <li key={key} className={event}>
            <span aria-hidden="true">{signs[event] ?? "·"}</span> {title}
            {event === "progress" && fraction !== undefined && <progress value={fraction} aria-label={title} />}
          </li>
        ))}
      </ol>
      <details>
        <summary>{words.log}</summary>
        <pre className="log">{log.join("\n")}</pre>
      </details>
    </section>
  );
}
