/**
 * The workstation's server over HTTP: an hour-long EDF of 64 channels at 500 Hz opened and windowed, and the scene of a
 * study. `npm run bench -- station [STUDY] [--command QUINTET.JS]`, where STUDY is for instance the demo's. Each first answer is
 * of a server that was just started, worker threads and all; it is timed once, and again on a new server (median of 3). With
 * `--command` the server is that command's (the bundle's for instance), started as a user starts it: figures then run from its
 * address, and the time to the address is told beside them.
 */
import { spawn } from "node:child_process";
import { mkdtemp, open, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bytesSource, readEdfHeader, writeEdf } from "@quintet/io";
import { openStation } from "@quintet/pipeline";
import { startServer } from "@quintet/server";
import type { Scene } from "@quintet/view";
import { median, printLine } from "../testing/bench-line.ts";

const [channels, rate, seconds] = [64, 500, 3600];

export async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { command: { type: "string" } },
    allowPositionals: true,
  });
  const { command } = values;
  const [study] = positionals;
  const folder = await mkdtemp(join(tmpdir(), "quintet-bench-"));
  try {
    const path = join(folder, "hour.edf");
    await writeHour(path);
    const found = await repeated(path, command, async (server, scene) => {
      const { url } = scene.recordings[0] as Scene["recordings"][number];
      const timed = (query: string): Promise<number> => time(() => get(server, `/${url}?${query}`));
      return [
        await timed("from=0&to=10&pixels=1200"),
        await timed("from=1800&to=1810&pixels=1200"),
        await timed("from=0&to=3600&pixels=1200"),
        await timed("from=600&to=3000&pixels=1200"),
        await timed("from=1800&to=1830&pixels=1200&low=0.5&high=70&notch=50&montage=average"),
      ];
    });
    const [start, first, page, whole, again, filtered] = found;
    if (command !== undefined) line("command to address", start);
    line("EDF of 1 h, 64 channels, 500 Hz: address to first window of 10 s", first);
    line("a window of 10 s further on", page);
    line("the whole hour, its pyramid being built", whole);
    line("40 min of it, the pyramid there", again);
    line("30 s, average reference, 0.5-70 Hz and notch", filtered);
    if (study === undefined) return;
    const [, scene] = await repeated(study, command, async () => []);
    line("scene of the study, server just started", scene);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Served extends AsyncDisposable {
  readonly port: number;
  readonly token: string;
}

/** Medians over three servers: start to address, then the first number with the scene in it, then the others. */
async function repeated(
  path: string,
  command: string | undefined,
  ask: (server: Served, scene: Scene) => Promise<readonly number[]>,
): Promise<readonly number[]> {
  const runs: (readonly number[])[] = [];
  for (let run = 0; run < 3; run++) {
    const begun = performance.now();
    await using station = command === undefined ? await openStation(path) : undefined;
    await using server: Served = station ? await startServer({ station }) : await startCommand(command as string, path);
    const addressed = performance.now();
    const scene = JSON.parse(String(await get(server, "/api/scene"))) as Scene;
    // A server of this process has no start that a user would wait for.
    const opening = performance.now() - (station ? begun : addressed);
    const [first = 0, ...rest] = await ask(server, scene);
    runs.push([addressed - begun, opening + first, ...rest]);
  }
  return (runs[0] ?? []).map((_, k) => median(runs.map((one) => one[k] as number)));
}

async function startCommand(command: string, path: string): Promise<Served> {
  const child = spawn(process.execPath, [command, "view", path, "--no-open"], { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  for await (const part of child.stdout) {
    text += String(part);
    const [, port, token] = /127\.0\.0\.1:(\d+)\/\?token=(\S+)/.exec(text) ?? [];
    if (port === undefined || token === undefined) continue;
    return {
      port: Number(port),
      token,
      async [Symbol.asyncDispose]() {
        child.kill("SIGINT");
        await new Promise((done) => child.once("exit", done));
      },
    };
  }
  throw new Error(`no address in ${text}`);
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function get(server: Served, path: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const headers = { "x-quintet-token": server.token };
    request({ host: "127.0.0.1", port: server.port, path, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () =>
        response.statusCode === 200 ? resolve(Buffer.concat(parts)) : reject(new Error(String(Buffer.concat(parts)))),
      );
    })
      .on("error", reject)
      .end();
  });
}

/** Ten seconds written by the product, their data records repeated 360 times. */
async function writeHour(path: string): Promise<void> {
  const ten = writeEdf({
    clock: "recording",
    groups: [
      {
        rate,
        channels: Array.from({ length: channels }, (_, c) => ({
          name: `E${c + 1}`,
          kind: "eeg",
          unit: "V",
          sensors: [],
        })),
        segments: [
          {
            start: 0,
            data: Float64Array.from(
              { length: channels * rate * 10 },
              (_, i) => 50e-6 * Math.sin(i * 0.37) * Math.sin(i * 0.0011),
            ),
          },
        ],
      },
    ],
  });
  const text = (from: number, to: number): number => Number(String.fromCharCode(...ten.subarray(from, to)));
  const [header, records] = [text(184, 192), text(236, 244)];
  const times = seconds / 10;
  const head = ten.slice(0, header);
  head.set(new TextEncoder().encode(String(records * times).padEnd(8)), 236);
  // As plain EDF, where a record's time is its number: the signal of stamps becomes one more channel.
  const { signals } = readEdfHeader(bytesSource(ten, path), path);
  const stamp = signals.findIndex(({ annotations }) => annotations);
  head.set(new TextEncoder().encode("".padEnd(44)), 192);
  if (stamp >= 0) head.set(new TextEncoder().encode("Stamp".padEnd(16)), 256 + 16 * stamp);
  const file = await open(path, "w");
  await file.write(head);
  for (let k = 0; k < times; k++) await file.write(ten.subarray(header));
  await file.close();
}

function line(what: string, ours: number | undefined): void {
  printLine({
    bench: "station",
    case: what,
    ours: Number((ours ?? Number.NaN).toFixed(1)),
    unit: "ms",
    peer: null,
    peer_name: null,
    ratio: null,
    error: null,
    threads: 3,
  });
}
