/**
 * A recorder killed at random: does its file open, and how much is lost? `npm run study -- record-kill [--runs 50]`
 *
 * A stream of 8 channels at 1 kHz is recorded by a process of its own, which gets SIGKILL after 1 to 4 seconds.
 */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { readXdf } from "@quintet/io";
import { seededRandom } from "@quintet/kernels";
import { localClock, openOutlet } from "@quintet/live";
import { wilson } from "../testing/binomial.ts";

const script = fileURLToPath(new URL("../packages/live/test/record-until-killed.ts", import.meta.url));

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { runs: { type: "string", default: "50" } } });
  const runs = Number(values.runs);
  const random = seededRandom(1);
  const folder = await mkdtemp(join(tmpdir(), "quintet-kill-"));
  const made = {
    name: "cap",
    type: "EEG",
    channelCount: 8,
    format: "float32",
    rate: 1000,
    sourceId: "study-kill",
  } as const;
  await using outlet = await openOutlet(made);
  const begun = localClock();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.floor((localClock() - begun) * made.rate) - sent;
    if (due > 0) outlet.push(new Float32Array(8 * due));
    sent += due;
  }, 10);
  const lost: number[] = [];
  let opened = 0;
  for (let run = 1; run <= runs; run++) {
    const path = join(folder, `${run}.xdf`);
    const child = spawn(process.execPath, [script, path, made.sourceId], { stdio: ["ignore", "pipe", "inherit"] });
    await new Promise((go) => child.stdout.once("data", go));
    await new Promise((go) => setTimeout(go, 1000 + 3000 * random.uniform()));
    const gone = new Promise((go) => child.once("exit", go));
    child.kill("SIGKILL");
    const killed = localClock();
    await gone;
    try {
      const last = readXdf(await readFile(path), { file: path }).streams[0]?.stamps.at(-1);
      if (last === undefined) continue;
      opened++;
      lost.push(killed - last);
    } catch (cause) {
      console.error(`run ${run}: ${cause instanceof Error ? cause.message : cause}`);
    }
  }
  clearInterval(timer);
  await rm(folder, { recursive: true });
  const within = lost.filter((seconds) => seconds <= 1).length;
  console.log(
    JSON.stringify({
      study: "record-kill",
      runs,
      opened,
      lostAtMostOneSecond: within,
      interval: wilson(within, runs),
      mostLost: Math.max(...lost),
      meanLost: lost.reduce((a, b) => a + b, 0) / lost.length,
      unit: "s",
    }),
  );
}
