import { readFileSync } from "node:fs";
import type { Montage, Recording } from "@quintet/core";
import { matField, matNumbers, readMat } from "@quintet/io";
import { readRecording } from "@quintet/io/node";
import { loadKernels } from "@quintet/kernels/node";
import { beforeAll, expect, test } from "vitest";
import { describeRealData } from "../../../../testing/real-data.ts";
import {
  activation,
  type BlockResponse,
  bandpass,
  beerLambert,
  blockAverage,
  heartRate,
  lateralisation,
  linearModel,
  opticalDensity,
  opticalPairs,
  poolResponses,
  qc,
  scalpCouplingIndex,
  selectChannels,
  splitByDistance,
} from "./index.ts";

const runs = [
  "fnirs/homer3_GrpTap/subj1/Fingertapping_08192013.nirs",
  "fnirs/homer3_GrpTap/subj1/Fingertapping_08212013.nirs",
];
const stored = "fnirs/homer3_GrpTap/groupResults_homer2_lpf_0_50.mat";

/**
 * Homer2's stored result for subject 1 (groupResults_homer2_lpf_0_50.mat: hmrIntensity2OD, hmrBandpassFilt 0.01-0.5 Hz,
 * hmrOD2Conc ppf 6, hmrBlockAvg -2..20 s), mean over 5 to 10 s, mol/L; pairs counted from 1 at the first wavelength.
 */
const homer2 = [
  { pair: 5, hbo: 8.70804302e-7, hbr: -9.78028276e-8 },
  { pair: 48, hbo: 7.02573634e-7, hbr: -1.45030727e-7 },
  { pair: 21, hbo: 3.50435818e-7, hbr: 1.44820572e-7 },
  { pair: 30, hbo: 3.16559001e-7, hbr: -1.1172764e-7 },
  { pair: 28, hbo: 3.04344904e-7, hbr: -9.14675996e-8 },
  { pair: 23, hbo: 2.9909767e-7, hbr: -3.57475756e-8 },
] as const;

describeRealData("Homer2 finger tapping, subject 1, two runs", [...runs, stored], (...files) => {
  const paths = files.slice(0, runs.length);
  let pooled: BlockResponse;
  let montage: Montage;
  let raw: Recording;
  let pairs: string[];
  beforeAll(async () => {
    await loadKernels();
    const responses: BlockResponse[] = [];
    for (const path of paths) {
      const file = await readRecording(path);
      if (!file.montage) throw new Error("no optodes");
      [raw, montage] = [file.recording, file.montage];
      const od = bandpass(opticalDensity(raw), { low: 0.01, high: 0.5 });
      const conc = beerLambert(od, montage, { table: "wray", pathlength: { ppf: 6 } });
      // Homer2's baseline ends before the onset.
      responses.push(...blockAverage(conc, file.events, { window: [-2, 20], baseline: [-2, -0.1] }));
    }
    pooled = poolResponses(responses);
    pairs = opticalPairs(raw.groups[0].channels, "nirs-intensity").map(({ name }) => name);
  });

  test("24 trials, 111 samples, 51 pairs", () => {
    expect([pooled.n, pooled.times.length, pairs.length]).toEqual([24, 111, 51]);
    expect(pooled.channels.length).toBe(3 * 51);
  });

  test.each(homer2)("pair $pair: HbO $hbo, HbR $hbr", ({ pair, hbo, hbr }) => {
    const rows = activation(pooled).filter((row) => row.pair === pairs[pair - 1]);
    const value = (kind: string): number => rows.find((row) => row.kind === kind)?.value as number;
    // Homer2 takes 2.303 for ln 10: ours are 1.80e-4 larger; the rest (2e-6) is its filters' rounding.
    const ln10 = 2303 / 1000 / Math.LN10;
    expect([value("hbo"), value("hbr")]).toBeAllclose([hbo * ln10, hbr * ln10], { rtol: 5e-6 });
  });

  test("all 36 long pairs: the whole course of HbO and HbR within 1 % of the largest long-pair peak", () => {
    const group = matField(readMat(readFileSync(files.at(-1) as string), { file: stored }).get("group"), "subjs");
    // [time][HbO, HbR, HbT][pair], column-major, of both runs together: the file holds no result of one run.
    const theirs = matNumbers(matField(matField(group, "procResult", 0), "dcAvg")) as Float64Array;
    const { long } = splitByDistance(raw, montage);
    const names = opticalPairs(long.groups[0].channels, "nirs-intensity").map(({ name }) => name);
    expect(names.length).toBe(36);
    const n = pooled.times.length;
    let [peak, worst] = [0, 0];
    for (const name of names) {
      for (const [k, kind] of (["hbo", "hbr"] as const).entries()) {
        const row = pooled.channels.findIndex((channel) => channel.kind === kind && channel.sensors.join("-") === name);
        for (let t = 0; t < n; t++) {
          const value = theirs[t + n * (k + 3 * pairs.indexOf(name))] as number;
          peak = Math.max(peak, Math.abs(value));
          worst = Math.max(worst, Math.abs((pooled.mean[row * n + t] as number) - value));
        }
      }
    }
    expect(worst).toBeLessThan(0.01 * peak);
  });

  test("the table matters: Gratzer and Kollias' gives 4 % less HbO and 16 % less HbR at pair 30", async () => {
    const file = await readRecording(paths[0]);
    const od = bandpass(opticalDensity(file.recording), { low: 0.01, high: 0.5 });
    const amplitude = (table: "wray" | "prahl", kind: string): number => {
      const conc = beerLambert(od, montage, { table, pathlength: { ppf: 6 } });
      const [response] = blockAverage(conc, file.events);
      return activation(response).find((row) => row.pair === pairs[29] && row.kind === kind)?.value as number;
    };
    expect(amplitude("prahl", "hbo") / amplitude("wray", "hbo")).toBeGreaterThan(0.9);
    expect(amplitude("prahl", "hbo") / amplitude("wray", "hbo")).toBeLessThan(1);
    expect(amplitude("prahl", "hbr") / amplitude("wray", "hbr")).toBeLessThan(0.95);
  });

  test("15 pairs are short (8 mm), 36 long (30 mm)", () => {
    const { short, long } = splitByDistance(raw, montage);
    expect([short, long].map(({ groups }) => groups[0].channels.length)).toEqual([30, 72]);
  });

  test("quality: a heart beat, coupling of most long pairs, nothing dark", () => {
    const od = opticalDensity(raw);
    const heart = heartRate(od);
    expect(heart?.beatsPerMinute).toBeGreaterThan(45);
    expect(heart?.beatsPerMinute).toBeLessThan(110);
    const sci = scalpCouplingIndex(od);
    expect(sci.length).toBe(51);
    expect(sci.every(({ value }) => value >= -1 && value <= 1)).toBe(true);
    const findings = qc(raw, montage);
    expect(findings.find(({ name }) => name === "dark-channels")?.verdict).toBe("ok");
    expect(findings.find(({ name }) => name === "weakly-coupled-pairs")).toMatchObject({ value: 5, verdict: "warn" });
    expect(findings.find(({ name }) => name === "heart-rate")?.verdict).toBe("ok");
  });

  test.each([
    [0, ["30", "28"]],
    [1, ["23"]],
  ] as const)(
    "linear model of run %i, blocks of 10 s: the largest t of HbO on %j, three of the largest averages",
    async (run, first) => {
      const file = await readRecording(paths[run]);
      const concentration = beerLambert(opticalDensity(file.recording), montage, {
        table: "wray",
        pathlength: { ppf: 6 },
      });
      // The file holds onsets alone.
      const blocks = { ...file.events, list: file.events.list.map((event) => ({ ...event, duration: 10 })) };
      const { effects } = linearModel(
        selectChannels(concentration, ({ kind }) => kind === "hbo" || kind === "hbr"),
        montage,
        blocks,
      );
      const of = (kind: string) => effects.filter(({ channel }) => channel.kind === kind).sort((a, b) => b.t - a.t);
      const number = ({ channel }: (typeof effects)[number]): string =>
        `${pairs.indexOf(channel.sensors.join("-")) + 1}`;
      expect(of("hbo").slice(0, first.length).map(number)).toEqual(first);
      for (const pair of first) expect(of("hbr").find((effect) => number(effect) === pair)?.value).toBeLessThan(0);
    },
  );

  test("both hemispheres are covered; amplitudes carry errors over 24 trials", () => {
    const { short } = splitByDistance(raw, montage);
    const scalp = new Set(opticalPairs(short.groups[0].channels, "nirs-intensity").map(({ name }) => name));
    const rows = activation(pooled).filter(({ pair, kind }) => kind === "hbo" && !scalp.has(pair));
    expect(rows.length).toBe(36);
    expect(rows.every(({ n, standardError }) => n === 24 && standardError > 0)).toBe(true);
    const both = lateralisation(pooled, montage);
    expect(both.channels.left).toBe(both.channels.right);
    expect(Math.abs(both.index)).toBeLessThan(1);
  });
});
