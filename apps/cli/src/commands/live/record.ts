import { setTimeout as sleep } from "node:timers/promises";
import {
  localClock,
  openRecorder,
  queryOf,
  type Recorder,
  type RecorderStatus,
  resolveStreams,
  type StreamInfo,
  type StreamStatus,
} from "@quintet/live";
import { type Call, type Command, UsageError, wholeNumber } from "../../command.ts";
import { interruption } from "../../interruption.ts";
import { interfacesOf, networkOptions, peersOf } from "./network.ts";
import { streamLine } from "./streams.ts";

export const record: Command = {
  name: "record",
  usage: "quintet record --find type=EEG [--find type=NIRS ...] --out RUN.xdf",
  summary: "Record live Lab Streaming Layer streams into one XDF file",
  description: `Looks for the streams named by --find (field=value, e.g. type=EEG, name=cap, source_id=abc; several fields of one stream
joined by a comma: type=EEG,name=cap), records them with their clocks measured against this machine's, and shows how each is
doing. Ctrl-C ends the recording. Without --find everything that can be heard is recorded.

The file is written at least every quarter second in whole pieces: after a power cut or kill it opens and lacks at most the
last second. A stream that vanishes is looked for and goes on in the same file. A full disk ends the recording; what was
written stays readable.

Exit code: 0 recorded, 1 a stream was not found or nothing could be written, 2 wrong usage.

Example: quintet record --find type=EEG --find type=NIRS --find type=Markers --out run.xdf`,
  options: {
    find: { type: "string", multiple: true, value: "FIELD=VALUE", help: "A stream to record (repeat for more)" },
    out: { type: "string", value: "FILE", help: "The XDF file to make; an existing one is never written over" },
    for: { type: "string", value: "SECONDS", help: "Stop by itself after so long (default: until Ctrl-C)" },
    wait: { type: "string", value: "SECONDS", help: "How long to look for each stream (default 10)" },
    ...networkOptions,
    json: { type: "boolean", help: "One JSON line a second on standard output, and a last one with the totals" },
  },
  async run(call) {
    const out = call.text("out");
    if (out === undefined || call.positionals.length > 0)
      throw new UsageError("record needs --out: quintet record --find type=EEG --out run.xdf");
    const seconds =
      call.text("for") === undefined ? Number.POSITIVE_INFINITY : wholeNumber("for", call.text("for") ?? "", 1);
    const network = { interfaces: interfacesOf(call, "all"), ...peersOf(call) };
    using stop = interruption("stopped before anything was recorded");
    const found = await findAll(call, network, stop.signal);
    if (found === undefined) return 1;
    const say = call.flag("json") ? () => undefined : (line: string) => console.error(line);
    await using recorder = await openRecorder(out, { ...network, onNote: say });
    for (const info of found) {
      await recorder.add(info);
      say(`recording ${streamLine(info)}`);
    }
    // By the monotonic clock: the machine's date may be set meanwhile.
    const end = localClock() + seconds;
    const show = call.flag("json") ? jsonLine : liveTable();
    while (!stop.signal.aborted && localClock() < end) {
      await Promise.race([
        sleep(1000 * Math.min(1, end - localClock()), undefined, { signal: stop.signal }).catch(() => undefined),
        recorder.failed,
      ]);
      show(recorder.status());
    }
    const status = await recorder.stop();
    if (call.flag("json")) jsonLine(status);
    else
      console.log(
        `${out}: ${status.seconds.toFixed(1)} s, ${(status.bytes / 1e6).toFixed(2)} MB\n${status.streams.map(total).join("\n")}`,
      );
    return 0;
  },
};

type Network = Parameters<typeof resolveStreams>[1];

async function findAll(call: Call, network: Network, signal: AbortSignal): Promise<readonly StreamInfo[] | undefined> {
  const wanted = call.texts("find");
  const timeout = call.text("wait") === undefined ? 10 : wholeNumber("wait", call.text("wait") ?? "", 1);
  if (wanted.length === 0) {
    const all = await resolveStreams("", { ...network, timeout: Math.min(timeout, 3), signal });
    if (all.length === 0)
      console.error("quintet: no stream was heard; quintet streams --help tells where they are looked for");
    return all.length > 0 ? all : undefined;
  }
  const found = new Map<string, StreamInfo>();
  for (const text of wanted) {
    const some = await resolveStreams(queryOf(fieldsOf(text)), { ...network, timeout, enough: 1, signal });
    // One answer ends the wait; others of the same kind have answered by the next round.
    const more =
      some.length > 0 ? await resolveStreams(queryOf(fieldsOf(text)), { ...network, timeout: 1, signal }) : [];
    if (some.length === 0) {
      console.error(
        `quintet: no stream with ${text} was heard within ${timeout} s; quintet streams lists what is there`,
      );
      return undefined;
    }
    for (const info of [...some, ...more]) found.set(info.uid, info);
  }
  return [...found.values()];
}

/** "type=EEG,name=cap" */
function fieldsOf(text: string): Record<string, string> {
  const fields = text.split(",").map((part) => /^\s*([a-z_][\w/]*)\s*=\s*(.+?)\s*$/i.exec(part));
  if (fields.some((field) => field === null))
    throw new UsageError(`--find takes field=value, such as type=EEG, not "${text}"`);
  return Object.fromEntries(fields.map((field) => [field?.[1] ?? "", field?.[2] ?? ""]));
}

function jsonLine(status: ReturnType<Recorder["status"]>): void {
  const streams = status.streams.map(({ info, ...rest }) => ({ name: info.name, type: info.type, ...rest }));
  process.stdout.write(`${JSON.stringify({ ...status, streams })}\n`);
}

/** On a terminal the rows are drawn over each other; elsewhere nothing moves. */
function liveTable(out: NodeJS.WriteStream = process.stderr): (status: RecorderStatus) => void {
  let drawn = 0;
  return (status) => {
    if (!out.isTTY) return;
    const rows = [
      `${clock(status.seconds)}  ${(status.bytes / 1e6).toFixed(2)} MB  Ctrl-C ends`,
      ...status.streams.map(row),
    ];
    const width = (out.columns ?? 100) - 1;
    out.write(
      `${drawn > 0 ? `\x1b[${drawn}A` : ""}${rows.map((line) => `\x1b[2K${line.slice(0, width)}`).join("\n")}\n`,
    );
    drawn = rows.length;
  };
}

function row({ info, state, samples, rate, silence, clock: measured }: StreamStatus): string {
  const mark = state === "open" ? "●" : state === "lost" ? "◌" : "×";
  const offset =
    measured === undefined
      ? "clock not measured yet"
      : `clock ${(1000 * measured.correction).toFixed(3)} ms ± ${(500 * measured.roundTrip).toFixed(3)}`;
  const quiet = info.rate > 0 && silence > 2 ? `  silent for ${silence.toFixed(0)} s` : "";
  return `${mark} ${info.name.padEnd(20)} ${String(samples).padStart(10)} samples ${rate.toFixed(1).padStart(9)} Hz  ${offset}${quiet}`;
}

const total = ({ info, samples, state }: StreamStatus): string =>
  `  ${info.name}: ${samples} samples${state === "open" ? "" : ` (${state === "lost" ? "vanished" : "ended"} before the end)`}`;

const clock = (seconds: number): string =>
  `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
