/** What a run looks like: bars on a terminal, one JSON line per event elsewhere. */
import type { RunEvent } from "@quintet/pipeline";

export interface RunDisplay {
  show(event: RunEvent, subject: string): void;
  close(): void;
}

export function runDisplay(json: boolean, out: NodeJS.WriteStream = process.stderr): RunDisplay {
  return json || !out.isTTY ? jsonLines(json ? process.stdout : out, json) : bars(out);
}

/** JSON lines when asked for; plain lines in a log file otherwise. */
function jsonLines(out: NodeJS.WriteStream, json: boolean): RunDisplay {
  return {
    show(event, subject) {
      if (event.kind === "progress" && !json) return;
      const seconds = event.kind === "end" && event.state.kind === "ran" ? event.state.stored.seconds : undefined;
      const told = {
        event: event.kind === "end" ? event.state.kind : event.kind,
        subject,
        step: event.node.id,
        title: event.node.title,
        ...(event.kind === "end" ? { done: event.done, total: event.total } : {}),
        ...(event.kind === "progress" ? { fraction: event.fraction, note: event.note } : {}),
        ...(seconds === undefined ? {} : { seconds: Number(seconds.toFixed(2)) }),
        ...(event.kind === "end" && event.state.kind === "failed" ? { why: event.state.failure.message } : {}),
        ...(event.kind === "end" && event.state.kind === "skipped" ? { why: event.state.because } : {}),
      };
      if (json) out.write(`${JSON.stringify(told)}\n`);
      else if (event.kind === "end") {
        const why = "why" in told ? `: ${told.why}` : "";
        out.write(
          `[${event.done}/${event.total}] ${event.node.title}: ${told.event}${seconds === undefined ? "" : ` in ${seconds.toFixed(1)} s`}${why}\n`,
        );
      }
    },
    close() {},
  };
}

function bars(out: NodeJS.WriteStream): RunDisplay {
  const going = new Map<string, { title: string; fraction: number; note: string; since: number }>();
  let [done, total, drawn, subjectNow] = [0, 0, 0, ""];
  const wipe = (): void => {
    if (drawn > 0) out.write(`\x1b[${drawn}A\x1b[J`);
    drawn = 0;
  };
  const draw = (): void => {
    wipe();
    const width = Math.min(out.columns ?? 80, 110);
    const rows = [...going.values()].map(({ title, fraction, note, since }) => {
      const seconds = `${((performance.now() - since) / 1000).toFixed(0)} s`;
      return `  ${title.slice(0, 44).padEnd(44)} ${bar(fraction, 20)} ${seconds.padStart(5)} ${note}`.slice(0, width);
    });
    rows.push(`  ${subjectNow} ${bar(total ? done / total : 0, 30)} ${done} of ${total} steps`.slice(0, width));
    out.write(`${rows.join("\n")}\n`);
    drawn = rows.length;
  };
  const timer = setInterval(draw, 500);
  timer.unref();
  return {
    show(event, subject) {
      subjectNow = subject;
      if (event.kind === "start")
        going.set(event.node.id, { title: event.node.title, fraction: 0, note: "", since: performance.now() });
      if (event.kind === "progress") {
        const row = going.get(event.node.id);
        if (row) [row.fraction, row.note] = [event.fraction, event.note ?? ""];
      }
      if (event.kind === "end") {
        going.delete(event.node.id);
        [done, total] = [event.done, event.total];
        if (event.state.kind === "failed" || event.state.kind === "skipped") {
          wipe();
          const why = event.state.kind === "failed" ? event.state.failure.message : event.state.because;
          out.write(`  ${event.node.title}: ${event.state.kind}: ${why.split("\n")[0]}\n`);
        }
      }
      draw();
    },
    close() {
      clearInterval(timer);
      wipe();
    },
  };
}

function bar(fraction: number, width: number): string {
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * width);
  return `${"█".repeat(full)}${"░".repeat(width - full)}`;
}
