/**
 * One side of the live benchmark, as a process of its own: `live-run.ts send|receive WAY NAME CHANNELS RATE SECONDS PORT`.
 * WAY is "lsl", the product, or "bare", the control: a TCP socket with the same bytes at the same times and nothing else.
 */
import { connect, createServer, type Socket } from "node:net";
import { PerformanceObserver } from "node:perf_hooks";
import { localClock, openInlet, openOutlet, resolveStreams } from "@quintet/live";

const [side = "", way = "", name = "", ...numbers] = process.argv.slice(2);
const [channels = 0, rate = 0, seconds = 0, port = 0] = numbers.map(Number);
const samples = rate * seconds;
/** Counts to here fit float32 exactly. */
const wrap = 2 ** 24;
/** Between two pushes, s: a device's buffer. */
const period = 0.004;

const tell = (told: object): void => {
  process.stdout.write(`${JSON.stringify(told)}\n`);
};
const sleep = (ms: number): Promise<void> => new Promise((go) => setTimeout(go, ms));

/** 50th and 99th percentile and maximum, ms. */
function spread(seconds: Float64Array): { readonly p50: number; readonly p99: number; readonly max: number } {
  const sorted = seconds.toSorted();
  const at = (q: number): number => 1000 * (sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0);
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

/** Processor share and garbage collections from here on. */
function watch(): () => { readonly cpu: number; readonly collections: number; readonly collecting: number } {
  const [begun, cpu] = [localClock(), process.cpuUsage()];
  let [collections, collecting] = [0, 0];
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      collections++;
      collecting += duration;
    }
  });
  observer.observe({ entryTypes: ["gc"] });
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    observer.disconnect();
    return { cpu: (user + system) / 1e6 / (localClock() - begun), collections, collecting };
  };
}

interface Sending {
  readonly port: number;
  readonly ready: () => boolean;
  readonly push: (data: Float32Array) => void;
  readonly dropped: () => number;
}

async function sender(): Promise<Sending> {
  if (way === "lsl") {
    const stream = { name, type: "EEG", channelCount: channels, format: "float32", rate, sourceId: name } as const;
    const outlet = await openOutlet(stream);
    return { port: 0, ready: () => outlet.readers() > 0, push: outlet.push, dropped: outlet.dropped };
  }
  let peer: Socket | undefined;
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    peer = socket;
  });
  await new Promise<void>((go) => server.listen(0, "127.0.0.1", go));
  const head = new Float64Array(2);
  return {
    port: (server.address() as { readonly port: number }).port,
    ready: () => peer !== undefined,
    push(data) {
      head.set([localClock(), data.length / channels]);
      peer?.write(Buffer.concat([new Uint8Array(head.buffer), new Uint8Array(data.buffer, 0, data.byteLength)]));
    },
    dropped: () => 0,
  };
}

async function send(): Promise<void> {
  const { port, ready, push, dropped } = await sender();
  tell({ port });
  while (!ready()) await sleep(10);
  const late = new Float64Array(seconds / period + 1);
  let data = new Float32Array(0);
  let [sent, wakes] = [0, 0];
  const told = watch();
  const begun = localClock();
  while (sent < samples) {
    // Against the schedule, not the last wake: what a late one loses the next does not.
    const next = begun + period * (Math.floor((localClock() - begun) / period) + 1);
    do await sleep(Math.max(0, 1000 * (next - localClock())));
    while (localClock() < next);
    if (wakes < late.length) late[wakes++] = localClock() - next;
    const due = Math.min(samples, Math.floor((localClock() - begun) * rate)) - sent;
    if (data.length < due * channels) data = new Float32Array(2 * due * channels);
    for (let i = 0; i < due; i++) data[i * channels] = (sent + i) % wrap;
    push(data.subarray(0, due * channels));
    sent += due;
  }
  const watched = told();
  await sleep(500);
  tell({ sent, dropped: dropped(), late: spread(late.subarray(0, wakes)), ...watched });
  process.exit(0);
}

async function receive(): Promise<void> {
  const [latency, onTheWay] = [new Float64Array(samples), new Float64Array(samples)];
  let [received, chunks, gaps] = [0, 0, 0];
  let told: ReturnType<typeof watch> | undefined;
  await new Promise<void>((done) => {
    /** @param stamp of the first sample; the last one's is the time of the push */
    const arrived = (stamp: number, count: number): void => {
      told ??= watch();
      const now = localClock();
      for (let i = 0; i < count && received < samples; i++) latency[received++] = now - (stamp + i / rate);
      if (chunks < samples) onTheWay[chunks++] = now - (stamp + (count - 1) / rate);
      if (received >= samples) done();
    };
    setTimeout(done, 1000 * (seconds + 15)).unref();
    if (way === "bare") bareReader(arrived);
    else
      void lslReader((values, stamps) => {
        for (let i = 0; i < stamps.length; i++) if (values[i * channels] !== (received + i) % wrap) gaps++;
        arrived(stamps[0] as number, stamps.length);
      }, done);
  });
  const [first, rest] = [latency.subarray(0, rate), latency.subarray(rate, received)];
  const [all, transit] = [spread(latency.subarray(0, received)), spread(onTheWay.subarray(0, chunks))];
  tell({ received, gaps, all, first: spread(first), rest: spread(rest), transit, ...told?.() });
  process.exit(0);
}

async function lslReader(
  onChunk: (values: ArrayLike<number>, stamps: Float64Array) => void,
  ended: () => void,
): Promise<void> {
  const [info] = await resolveStreams(`name='${name}'`, { interfaces: ["127.0.0.1"], timeout: 10, enough: 1 });
  if (info === undefined) throw new Error(`${name} was not found`);
  const events = {
    onChunk: ({ stamps, values }: { readonly stamps: Float64Array; readonly values: ArrayLike<number> }) =>
      onChunk(values, stamps),
    onState: (state: string) => state === "ended" && ended(),
  };
  await openInlet(info, events, { recover: false, reuse: true });
}

/** Frames of time, count and values, each read whole. */
function bareReader(arrived: (stamp: number, count: number) => void): void {
  const held = Buffer.alloc(2 ** 24);
  let filled = 0;
  const callback = (length: number, buffer: Uint8Array): boolean => {
    held.set(buffer.subarray(0, length), filled);
    filled += length;
    while (filled >= 16) {
      const [time, count] = [held.readDoubleLE(0), held.readDoubleLE(8)];
      const end = 16 + 4 * count * channels;
      if (filled < end) break;
      held.copyWithin(0, end, filled);
      filled -= end;
      arrived(time - (count - 1) / rate, count);
    }
    return true;
  };
  connect({ host: "127.0.0.1", port, onread: { buffer: Buffer.alloc(65_536), callback } }).setNoDelay(true);
}

await (side === "send" ? send() : receive());
