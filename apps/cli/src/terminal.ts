/** What a run looks like: bars on a terminal, one JSON line per event or one plain line per step elsewhere. */
import type { RunEvent } from "@quintet/pipeline";

export interface RunDisplay {
  show(event: RunEvent, subject: string): void;
  /** Nothing is drawn after it. */
  close(): void;
}

type Out = Pick<NodeJS.WriteStream, "write" | "columns" | "isTTY">;

export function runDisplay(json: boolean, out: Out = process.stderr, lines: Out = process.stdout): RunDisplay {
  if (json) return jsonLines(lines);
  return out.isTTY ? bars(out) : plainLines(out);
}

function jsonLines(out: Out): RunDisplay {
  return {
    show(event, subject) {
      const { id: step, title } = event.node;
      const told: Record<string, unknown> = { event: event.kind, subject, step, title };
      if (event.kind === "progress") Object.assign(told, { fraction: event.fraction, note: event.note });
      if (event.kind === "end")
        Object.assign(told, { event: event.state.kind, done: event.done, total: event.total, ...outcome(event) });
      out.write(`${JSON.stringify(told)}\n`);
    },
    close() {},
  };
}

function plainLines(out: Out): RunDisplay {
  return {
    show(event, subject) {
      if (event.kind !== "end") return;
      const { seconds, why } = outcome(event);
      const words = [
        event.state.kind,
        seconds === undefined ? "" : ` in ${seconds.toFixed(1)} s`,
        why ? `: ${why}` : "",
      ];
      out.write(`sub-${subject} [${event.done}/${event.total}] ${nameOf(event)}: ${words.join("")}\n`);
    },
    close() {},
  };
}

type EndEvent = Extract<RunEvent, { kind: "end" }>;

function outcome({ state }: EndEvent): { readonly seconds?: number; readonly why?: string } {
  if (state.kind === "ran") return { seconds: Number(state.stored.seconds.toFixed(2)) };
  if (state.kind === "failed") return { why: firstLine(state.failure.message) };
  return state.kind === "skipped" ? { why: firstLine(state.because) } : {};
}

/** Of several nodes of one step, which. */
function nameOf({ node: { id, step, title } }: RunEvent): string {
  return id === step ? title : `${title} (${id})`;
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}

function bars(out: Out): RunDisplay {
  const going = new Map<string, { title: string; fraction: number; note: string; since: number }>();
  let [done, total, drawn, subjectNow, closed] = [0, 0, 0, "", false];
  const wipe = (): void => {
    if (drawn > 0) out.write(`\x1b[${drawn}A\x1b[J`);
    drawn = 0;
  };
  const draw = (): void => {
    wipe();
    // One column is left free: a line that fills the last wraps on some terminals and would not be wiped.
    const width = Math.min(out.columns ?? 80, 110) - 1;
    const rows = [...going.values()].map(({ title, fraction, note, since }) => {
      const seconds = `${((performance.now() - since) / 1000).toFixed(0)} s`;
      return `  ${title.slice(0, 38).padEnd(38)} ${bar(fraction, 16)} ${seconds.padStart(5)} ${note}`.slice(0, width);
    });
    rows.push(`  sub-${subjectNow} ${bar(total ? done / total : 0, 30)} ${done} of ${total} steps`.slice(0, width));
    out.write(`${rows.join("\n")}\n`);
    drawn = rows.length;
  };
  const timer = setInterval(draw, 500);
  timer.unref();
  return {
    show(event, subject) {
      if (closed) return;
      subjectNow = subject;
      if (event.kind === "start")
        going.set(event.node.id, { title: nameOf(event), fraction: 0, note: "", since: performance.now() });
      if (event.kind === "progress") {
        const row = going.get(event.node.id);
        if (row) [row.fraction, row.note] = [event.fraction, event.note ?? ""];
      }
      if (event.kind === "end") {
        going.delete(event.node.id);
        [done, total] = [event.done, event.total];
        const { why } = outcome(event);
        if (why !== undefined) {
          wipe();
          out.write(`  ${nameOf(event)}: ${event.state.kind}: ${why}\n`);
        }
      }
      draw();
    },
    close() {
      if (closed) return;
      closed = true;
      clearInterval(timer);
      wipe();
    },
  };
}

export function bar(fraction: number, width: number): string {
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * width);
  return `${"█".repeat(full)}${"░".repeat(width - full)}`;
}
