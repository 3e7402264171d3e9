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
import { onDevice, sharedPulses, trueTime } from "@quintet/twin";
import { fiveDevices } from "../packages/fusion/test/five-devices.ts";
import { networkProbes } from "../packages/fusion/test/network-probes.ts";
import { twoTrains } from "../packages/fusion/test/pulse-trains.ts";
import { wilson } from "../testing/binomial.ts";

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { runs: { type: "string", default: "500" } } });
  const runs = Number(values.runs);
  triggers(runs);
  visits(runs);
  coarseTicks(runs);
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

/**
 * The phantom's visit: 64 volumes of 2 s heard by EEG (4 ms) and light (100 ms), whose ticks fit whole into 2 s, so that
 * all pulses are rounded nearly alike. An error that is even over a tick lies within one sigma in 58 % of cases.
 */
function coarseTicks(runs: number): void {
  const ticks = { eeg: 1 / 256, nirs: 0.1 } as const;
  const tally = { eeg: { one: 0, two: 0, squares: 0, missing: 0 }, nirs: { one: 0, two: 0, squares: 0, missing: 0 } };
  for (let seed = 1; seed <= runs; seed++) {
    const starts = { nirs: -262, bold: 25 };
    const random = seededRandom(50_000 + seed);
    const { clocks, ...heard } = sharedPulses(random, { volumes: 64, repetitionTime: 2, ticks, starts });
    const devices = (["eeg", "nirs"] as const).map((clock) => ({
      ...{ clock, tick: ticks[clock], middle: 90 },
      pulses: { volume: heard[clock].map(({ onset }) => onset) },
    }));
    const bold = { clock: "bold", middle: 64, pulses: { volume: Array.from({ length: 64 }, (_, k) => 2 * k) } };
    const { maps } = studyClock([...devices, bold]);
    const at = trueTime(clocks.bold, 126 * random.uniform());
    for (const clock of ["eeg", "nirs"] as const) {
      const [map, scanner] = [maps.get(clock), maps.get("bold")];
      if (map === undefined || scanner === undefined) {
        tally[clock].missing++;
        continue;
      }
      const [own, mr] = [onDevice(clocks[clock], at), onDevice(clocks.bold, at)];
      const error = mapTime(map, own) - mapTime(scanner, mr);
      const sigma = Math.hypot(timeSigma(map, own), timeSigma(scanner, mr));
      if (Math.abs(error) <= sigma) tally[clock].one++;
      if (Math.abs(error) <= 1.96 * sigma) tally[clock].two++;
      tally[clock].squares += error ** 2;
    }
  }
  for (const [clock, { one, two, squares, missing }] of Object.entries(tally)) {
    const row = { study: "clock", case: `volumes on a coarse tick: ${clock} to mr`, runs, missing };
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
