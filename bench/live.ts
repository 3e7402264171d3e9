/**
 * Live streams over loopback, sender and reader each a process: samples lost, latency from stamp to callback, share of a
 * core. `npm run bench -- live [--seconds 60] [--only 64|256|20]`. A push comes every 4 ms, so that a sample waits 2 ms in the
 * mean and 4 at most before it is sent. Beside each case its control: a bare TCP socket with the same bytes at the same
 * times, which is what the machine gives. The first second, in which code is compiled, is in all figures and has its row.
 */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { readXdf } from "@quintet/io";
import { openOutlet, openRecorder, resolveStreams } from "@quintet/live";
import { printLine } from "../testing/bench-line.ts";

const script = fileURLToPath(new URL("./live-run.ts", import.meta.url));

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { seconds: { type: "string", default: "60" }, only: { type: "string" } },
  });
  const seconds = Number(values.seconds);
  for (const [channels, rate] of [
    [64, 20_000],
    [256, 5000],
  ] as const) {
    if (values.only !== undefined && values.only !== String(channels)) continue;
    // Both at once would take each other's core: the control first, then the product.
    const control = await runPair("bare", channels, rate, seconds);
    const ours = await runPair("lsl", channels, rate, seconds);
    printPair(`${channels} channels at ${rate} Hz, ${seconds} s`, ours, control);
  }
  if ((values.only ?? "20") === "20") await twentyStreams(Math.min(seconds, 20));
}

interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

interface Watched {
  readonly cpu: number;
  readonly collections: number;
  readonly collecting: number;
}

interface Pair {
  readonly sender: Watched & { readonly sent: number; readonly late: Spread };
  readonly reader: Watched & {
    readonly received: number;
    readonly gaps: number;
    readonly all: Spread;
    readonly first: Spread;
    readonly rest: Spread;
    readonly transit: Spread;
  };
}

async function runPair(way: string, channels: number, rate: number, seconds: number): Promise<Pair> {
  const common = [way, `bench ${channels} x ${rate}`, String(channels), String(rate), String(seconds)];
  const sender = side(["send", ...common]);
  const { port } = await sender.next();
  const reader = side(["receive", ...common, String(port)]);
  return { reader: await reader.next(), sender: await sender.next() } as unknown as Pair;
}

function printPair(what: string, { sender, reader }: Pair, control: Pair): void {
  const lost = sender.sent - reader.received + reader.gaps;
  const print = (of: string, ours: number, peer: number, unit: string): void =>
    printLine({
      ...{ bench: "live", case: `${what}: ${of}`, ours, unit, peer, peer_name: "bare socket" },
      ...{ ratio: null, error: lost, threads: 1 },
    });
  print("lost samples", lost, control.sender.sent - control.reader.received, "samples");
  for (const q of ["p50", "p99", "max"] as const) print(`latency ${q}`, reader.all[q], control.reader.all[q], "ms");
  print("latency p99 of the first second", reader.first.p99, control.reader.first.p99, "ms");
  print("latency p99 of the rest", reader.rest.p99, control.reader.rest.p99, "ms");
  print("of it, from push to callback, p99", reader.transit.p99, control.reader.transit.p99, "ms");
  print("of it, the sender woke late, p99", sender.late.p99, control.sender.late.p99, "ms");
  print("core share of the sender", 100 * sender.cpu, 100 * control.sender.cpu, "%");
  print("core share of the reader", 100 * reader.cpu, 100 * control.reader.cpu, "%");
  print("garbage collections of the sender", sender.collecting, control.sender.collecting, "ms");
  print("garbage collections of the reader", reader.collecting, control.reader.collecting, "ms");
}

type Told = Readonly<Record<string, unknown>>;

/** A child whose JSON lines are read one by one. */
function side(args: readonly string[]): { readonly next: () => Promise<Told> } {
  const child = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const lines: Told[] = [];
  const waiting: ((told: Told) => void)[] = [];
  let text = "";
  child.stdout.on("data", (bytes) => {
    text += bytes;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n")) {
      const told = JSON.parse(text.slice(0, end)) as Told;
      text = text.slice(end + 1);
      const next = waiting.shift();
      if (next === undefined) lines.push(told);
      else next(told);
    }
  });
  return {
    next: () => {
      const told = lines.shift();
      return told === undefined ? new Promise((tell) => waiting.push(tell)) : Promise.resolve(told);
    },
  };
}

/** 20 streams of 8 channels at 250 Hz into one file. */
async function twentyStreams(seconds: number): Promise<void> {
  const interfaces = ["127.0.0.1"];
  const folder = await mkdtemp(join(tmpdir(), "quintet-twenty-"));
  const path = join(folder, "twenty.xdf");
  const outlets = await Promise.all(
    Array.from({ length: 20 }, (_, k) =>
      openOutlet(
        { name: `s${k}`, type: "bench20", channelCount: 8, format: "float32", rate: 250, sourceId: `bench-${k}` },
        { interfaces },
      ),
    ),
  );
  const recorder = await openRecorder(path, { interfaces });
  const found = await resolveStreams("type='bench20'", { interfaces, timeout: 5, enough: 20 });
  for (const info of found) await recorder.add(info);
  while (outlets.some((outlet) => outlet.readers() === 0)) await new Promise((go) => setTimeout(go, 20));
  const begun = performance.now();
  const cpu = process.cpuUsage();
  let sent = 0;
  while (sent < 250 * seconds) {
    await new Promise((go) => setTimeout(go, 8));
    const due = Math.min(250 * seconds, Math.floor(((performance.now() - begun) * 250) / 1000)) - sent;
    for (const outlet of outlets) outlet.push(new Float32Array(8 * due));
    sent += due;
  }
  const { user, system } = process.cpuUsage(cpu);
  await new Promise((go) => setTimeout(go, 500));
  await recorder.stop();
  const { streams } = readXdf(await readFile(path), { file: path });
  const lost = 20 * sent - streams.reduce((sum, { stamps }) => sum + stamps.length, 0);
  const row = { bench: "live", peer: null, peer_name: null, ratio: null, threads: 1, error: lost } as const;
  printLine({ ...row, case: `20 streams recorded at once, ${seconds} s: lost samples`, ours: lost, unit: "samples" });
  const share = (100 * (user + system)) / 1000 / (performance.now() - begun);
  printLine({ ...row, case: "the same: core share of senders and recorder together", ours: share, unit: "%" });
  for (const outlet of outlets) await outlet.close();
  await rm(folder, { recursive: true });
}
