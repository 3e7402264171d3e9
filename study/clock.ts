/**
 * Does the stated sigma of a clock map cover its true error? `npm run study -- clock [--runs N]`
 *
 * Shared triggers: 60 minutes, up to 50 ppm, 5 ms of jitter, 1 % lost and 1 % spurious pulses on either side, a jump in
 * every other run. Probes: 60 minutes, every 5 s, 2 ms of asymmetry. Nothing of this is told to the estimators.
 */
import { parseArgs } from "node:util";
import { mapTime, timeSigma } from "@quintet/core";
import { huberLine, matchPulses, probeMap, studyClock } from "@quintet/fusion/clock";
import { leastSquares, seededRandom } from "@quintet/kernels";
import { fiveDevices } from "../packages/fusion/test/five-devices.ts";
import { networkProbes } from "../packages/fusion/test/network-probes.ts";
import { twoTrains } from "../packages/fusion/test/pulse-trains.ts";
import { wilson } from "../testing/binomial.ts";

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { runs: { type: "string", default: "500" } } });
  const runs = Number(values.runs);
  triggers(runs);
  visits(runs);
  probesAlone(runs);
}

function triggers(runs: number): void {
  const tally = { one: 0, two: 0, failed: 0 };
  const squares = { ours: 0, oursStill: 0, leastSquares: 0 };
  for (let seed = 1; seed <= runs; seed++) {
    const random = seededRandom(10_000 + seed);
    const drift = 50e-6 * (2 * random.uniform() - 1);
    const jump = seed % 2 === 0 ? 600 + 2400 * random.uniform() : undefined;
    const { mine, other, truth } = twoTrains({ seed, minutes: 60, drift, ...(jump === undefined ? {} : { jump }) });
    const at = truth[random.integer(truth.length)] as (typeof truth)[number];
    try {
      const found = matchPulses({ clock: "eeg", times: mine }, { clock: "mr", times: other });
      const error = mapTime(found.map, at.mine) - at.other;
      const sigma = timeSigma(found.map, at.mine);
      if (Math.abs(error) <= sigma) tally.one++;
      if (Math.abs(error) <= 1.96 * sigma) tally.two++;
      squares.ours += error ** 2 / runs;
      if (jump !== undefined) continue;
      squares.oursStill += error ** 2 / Math.ceil(runs / 2);
      const pairs = found.pairs.map(([i, j]) => [mine[i] as number, other[j] as number] as const);
      squares.leastSquares += (line(pairs)(at.mine) - at.other) ** 2 / Math.ceil(runs / 2);
    } catch {
      tally.failed++;
    }
  }
  const row = { study: "clock", case: "shared triggers", runs, failed: tally.failed };
  print({ ...row, covered: "1 sigma", share: tally.one / runs, interval: wilson(tally.one, runs) });
  print({ ...row, covered: "1.96 sigma", share: tally.two / runs, interval: wilson(tally.two, runs) });
  print({
    ...row,
    rms: {
      ours: Math.sqrt(squares.ours),
      "ours, runs without a jump": Math.sqrt(squares.oursStill),
      "plain least squares on the same pairs, runs without a jump": Math.sqrt(squares.leastSquares),
    },
    unit: "s",
  });
}

/** Five devices: how far each lies from the scanner, and whether its sigma says so. */
function visits(runs: number): void {
  const tally = new Map(["eeg", "nirs", "pet"].map((clock) => [clock, { one: 0, two: 0, squares: 0, missing: 0 }]));
  for (let seed = 1; seed <= runs; seed++) {
    const { streams, truth } = fiveDevices(30_000 + seed, seed % 2 === 0);
    const { maps } = studyClock(streams);
    const random = seededRandom(40_000 + seed);
    for (const [clock, counts] of tally) {
      const own = truth[clock] as Float64Array;
      const k = random.integer(own.length);
      const [map, scanner] = [maps.get(clock), maps.get("mr")];
      if (map === undefined || scanner === undefined) {
        counts.missing++;
        continue;
      }
      const at = own[k] as number;
      const mr = (truth.mr as Float64Array)[k] as number;
      const error = mapTime(map, at) - mapTime(scanner, mr);
      const sigma = Math.hypot(timeSigma(map, at), timeSigma(scanner, mr));
      if (Math.abs(error) <= sigma) counts.one++;
      if (Math.abs(error) <= 1.96 * sigma) counts.two++;
      counts.squares += error ** 2;
    }
  }
  for (const [clock, { one, two, squares, missing }] of tally) {
    const row = { study: "clock", case: `five devices: ${clock} to mr`, runs, missing };
    print({ ...row, covered: "1 sigma", share: one / runs, interval: wilson(one, runs) });
    print({ ...row, covered: "1.96 sigma", share: two / runs, interval: wilson(two, runs) });
    print({ ...row, rms: Math.sqrt(squares / (runs - missing)), unit: "s" });
  }
}

function probesAlone(runs: number): void {
  const tally = { held: 0, failed: 0 };
  const squares = { ours: 0, pyxdf: 0, leastSquares: 0 };
  let bound = 0;
  for (let seed = 1; seed <= runs; seed++) {
    const random = seededRandom(20_000 + seed);
    const drift = 50e-6 * (2 * random.uniform() - 1);
    const { probes, truth } = networkProbes({ seed, minutes: 60, drift });
    const k = random.integer(probes.times.length);
    const at = (probes.times[k] as number) + 5 * random.uniform();
    const { map } = probeMap("device", "host", probes);
    const error = mapTime(map, at) - truth(at);
    if (Math.abs(error) <= (map.biasBound ?? 0) + 2 * timeSigma(map, at)) tally.held++;
    bound += (map.biasBound ?? 0) / runs;
    squares.ours += error ** 2 / runs;
    const { intercept, slope } = huberLine(probes.times, probes.offsets);
    squares.pyxdf += (at + intercept + slope * at - truth(at)) ** 2 / runs;
    const pairs = Array.from(probes.times, (t, i) => [t, t + (probes.offsets[i] as number)] as const);
    squares.leastSquares += (line(pairs)(at) - truth(at)) ** 2 / runs;
  }
  const row = { study: "clock", case: "probes alone, 2 ms of asymmetry", runs };
  print({
    ...row,
    covered: "bound + 2 sigma",
    share: tally.held / runs,
    interval: wilson(tally.held, runs),
    meanBound: bound,
  });
  print({
    ...row,
    rms: {
      ours: Math.sqrt(squares.ours),
      "pyxdf's line": Math.sqrt(squares.pyxdf),
      "least squares": Math.sqrt(squares.leastSquares),
    },
    unit: "s",
  });
}

function line(pairs: readonly (readonly [number, number])[]): (x: number) => number {
  const [x0, y0] = pairs[0] as readonly [number, number];
  const fit = leastSquares(
    pairs.map(([x]) => [1, x - x0]),
    pairs.map(([, y]) => y - y0),
  );
  return (x) => y0 + (fit.coefficients[0] as number) + (fit.coefficients[1] as number) * (x - x0);
}

const print = (row: object): void => console.log(JSON.stringify(row));
