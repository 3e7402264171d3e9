/** One side of the live benchmark, as a process of its own: `live-run.ts send|receive NAME CHANNELS RATE SECONDS`. */
import { localClock, openInlet, openOutlet, resolveStreams } from "@quintet/live";

const [side = "", name = "", channelText = "", rateText = "", secondText = ""] = process.argv.slice(2);
const [channels, rate, seconds] = [Number(channelText), Number(rateText), Number(secondText)];
/** Counts to here fit float32 exactly. */
const wrap = 2 ** 24;

const tell = (told: object): void => {
  process.stdout.write(`${JSON.stringify(told)}\n`);
};
const cpuShare = (since: NodeJS.CpuUsage, wall: number): number => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6 / wall;
};

if (side === "send") {
  const outlet = await openOutlet({
    name,
    type: "EEG",
    channelCount: channels,
    format: "float32",
    rate,
    sourceId: name,
  });
  tell({ ready: true });
  while (outlet.readers() === 0) await new Promise((go) => setTimeout(go, 10));
  const [begun, cpu] = [localClock(), process.cpuUsage()];
  let sent = 0;
  while (sent < rate * seconds) {
    await new Promise((go) => setTimeout(go, 4));
    const due = Math.min(rate * seconds, Math.floor((localClock() - begun) * rate)) - sent;
    const data = new Float32Array(due * channels);
    for (let i = 0; i < due; i++) data[i * channels] = (sent + i) % wrap;
    outlet.push(data);
    sent += due;
  }
  const share = cpuShare(cpu, localClock() - begun);
  await new Promise((go) => setTimeout(go, 500));
  tell({ sent, dropped: outlet.dropped(), cpu: share });
  await outlet.close();
} else {
  const [info] = await resolveStreams(`name='${name}'`, { interfaces: ["127.0.0.1"], timeout: 10, enough: 1 });
  if (info === undefined) throw new Error(`${name} was not found`);
  const latencies: number[] = [];
  let [received, gaps] = [0, 0];
  const [begun, cpu] = [localClock(), process.cpuUsage()];
  const done = new Promise<void>((resolve) => {
    void openInlet(
      info,
      {
        onChunk({ stamps, values }) {
          const now = localClock();
          for (let i = 0; i < stamps.length; i++) {
            latencies.push(now - (stamps[i] as number));
            if (values[i * channels] !== (received + i) % wrap) gaps++;
          }
          received += stamps.length;
          if (received >= rate * seconds) resolve();
        },
        onState: (state) => state === "ended" && resolve(),
      },
      { recover: false },
    );
    setTimeout(resolve, 1000 * (seconds + 15));
  });
  await done;
  const share = cpuShare(cpu, localClock() - begun);
  const sorted = Float64Array.from(latencies).sort();
  const at = (q: number): number => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
  tell({ received, gaps, p50: at(0.5), p99: at(0.99), cpu: share });
  process.exit(0);
}
