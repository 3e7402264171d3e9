/**
 * Live streams over loopback, sender and reader each a process: samples lost, latency from stamp to callback, share of a
 * core. `npm run bench -- live [--seconds 60]`. The latency holds the half of a push period (4 ms) that a sample waits.
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
  const { values } = parseArgs({ args: [...args], options: { seconds: { type: "string", default: "60" } } });
  const seconds = Number(values.seconds);
  for (const [channels, rate] of [
    [64, 20_000],
    [256, 5000],
  ] as const) {
    const name = `bench ${channels} x ${rate}`;
    const common = [name, String(channels), String(rate), String(seconds)];
    const sender = side(["send", ...common]);
    await sender.next();
    const reader = side(["receive", ...common]);
    const [got, sent] = [await reader.next(), await sender.next()];
    const row = { bench: "live", peer: null, peer_name: null, ratio: null, threads: 1 } as const;
    const what = `${channels} channels at ${rate} Hz, ${seconds} s`;
    const lost = Number(sent.sent) - Number(got.received) + Number(got.gaps);
    printLine({ ...row, case: `${what}: lost samples`, ours: lost, unit: "samples", error: lost });
    for (const q of ["p50", "p99"] as const)
      printLine({ ...row, case: `${what}: latency ${q}`, ours: 1000 * Number(got[q]), unit: "ms", error: lost });
    printLine({
      ...row,
      case: `${what}: core share of the sender`,
      ours: 100 * Number(sent.cpu),
      unit: "%",
      error: lost,
    });
    printLine({
      ...row,
      case: `${what}: core share of the reader`,
      ours: 100 * Number(got.cpu),
      unit: "%",
      error: lost,
    });
  }
  await twentyStreams(Math.min(seconds, 20));
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
