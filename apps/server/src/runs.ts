/** A run started, watched and cancelled from the page: the command line itself, in a process of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { DataError } from "@quintet/core";
import type { RunMessage } from "@quintet/view";
import type { WebSocket } from "ws";

export interface RunCommand {
  readonly program: string;
  /** Words before those of the run: the script, where the program is an interpreter. */
  readonly before: readonly string[];
  /** Of the run of one person, or of all. */
  args(subject: string | undefined): Promise<readonly string[]>;
}

export interface RunDesk extends AsyncDisposable {
  /** Tells the page the state and every change; hears `{do: "start" | "cancel", subject?}`. */
  attend(page: WebSocket): void;
}

const mostLines = 500;

export function openRunDesk(command: RunCommand | undefined): RunDesk {
  const pages = new Set<WebSocket>();
  let child: ChildProcess | undefined;
  let log: string[] = [];
  // The last word on every step, for a page that comes later.
  const steps = new Map<string, RunMessage>();

  const tell = (message: RunMessage): void => {
    const text = JSON.stringify(message);
    for (const page of pages) page.send(text);
  };
  const note = (line: string): void => {
    log = [...log.slice(1 - mostLines), line];
    tell({ kind: "log", line });
  };
  const hear = (line: string): void => {
    const told = readLine(line);
    if (!told) note(line);
    else if (told.event === "finished") note(`finished in ${String(told.seconds)} s`);
    else {
      const message = stepMessage(told);
      steps.set(`${told.subject} ${told.step}`, message);
      tell(message);
    }
  };

  async function start(subject: unknown): Promise<void> {
    if (!command) throw new DataError("cannot-run", "there is no study to run here");
    if (child) throw new DataError("already-running", "a run is going on already");
    if (subject !== undefined && !(typeof subject === "string" && /^[A-Za-z0-9+]+$/.test(subject)))
      throw new DataError("bad-request", "a person is named by the label");
    const args = await command.args(subject);
    // Between the question above and here another page may have been quicker.
    if (child) throw new DataError("already-running", "a run is going on already");
    const began = performance.now();
    log = [];
    steps.clear();
    const own = spawn(command.program, [...command.before, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    child = own;
    tell({ kind: "state", running: true, log });
    createInterface({ input: own.stdout }).on("line", hear);
    createInterface({ input: own.stderr }).on("line", note);
    let failure: Error | undefined;
    own.on("error", (error) => {
      failure = error;
    });
    own.on("close", (code, signal) => {
      child = undefined;
      if (failure) note(failure.message);
      tell({
        kind: "end",
        code: code ?? (signal ? 130 : 1),
        seconds: Number(((performance.now() - began) / 1000).toFixed(1)),
      });
    });
  }

  function cancel(): void {
    if (!child) throw new DataError("not-running", "no run is going on");
    child.kill("SIGINT");
  }

  return {
    attend(page) {
      pages.add(page);
      page.on("close", () => pages.delete(page));
      page.send(JSON.stringify({ kind: "state", running: child !== undefined, log } satisfies RunMessage));
      for (const step of steps.values()) page.send(JSON.stringify(step));
      page.on("message", (data, isBinary) => {
        void (async () => {
          try {
            const { do: what, subject } = asked(isBinary ? "" : String(data));
            if (what === "start") await start(subject);
            else if (what === "cancel") cancel();
            else throw new DataError("bad-request", "do is start or cancel");
          } catch (error) {
            const code = error instanceof DataError ? error.code : "fault";
            page.send(JSON.stringify({ error: error instanceof Error ? error.message : String(error), code }));
          }
        })();
      });
    },
    async [Symbol.asyncDispose]() {
      const last = child;
      if (!last) return;
      const ended = new Promise((done) => last.once("close", done));
      last.kill("SIGINT");
      await ended;
    },
  };
}

type Told = Readonly<Record<string, unknown>> & { readonly event: string };

function readLine(line: string): Told | undefined {
  try {
    const told = JSON.parse(line) as Told | null;
    return typeof told === "object" && typeof told?.event === "string" ? told : undefined;
  } catch {
    return undefined;
  }
}

function stepMessage({ event, subject, step, title, fraction, done, total, note, why }: Told): RunMessage {
  const number = (value: unknown): number | undefined => (typeof value === "number" ? value : undefined);
  const words = why ?? note;
  const [share, count, all] = [number(fraction), number(done), number(total)];
  return {
    kind: "step",
    event,
    subject: String(subject),
    step: String(step),
    title: String(title),
    ...(share === undefined ? {} : { fraction: share }),
    ...(count === undefined ? {} : { done: count }),
    ...(all === undefined ? {} : { total: all }),
    ...(typeof words === "string" ? { note: words } : {}),
  };
}

/** @throws DataError `bad-request` */
function asked(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // Told below, as every wish that is no object is.
  }
  throw new DataError("bad-request", "a wish is a JSON object");
}
