import type { Channel, Montage, Recording } from "@quintet/core";
import { convolveFir, firDesign, seededRandom } from "@quintet/kernels";
import { describe, expect, test } from "vitest";
import { bandAsymmetry, channelQuality, focalSlowing, markBad, qc, sharpTransients } from "./index.ts";
import { fewestPairs, pairOutliers } from "./quantify/pair-outliers.ts";

const rate = 128;
const names = "Fp1 Fp2 F7 F3 Fz F4 F8 T7 C3 Cz C4 T8 P7 P3 Pz P4 P8 O1 O2".split(" ");
const channels = names.map((name): Channel => ({ name, kind: "eeg", unit: "V", sensors: [name] }));

/**
 * Background EEG: noise falling as 1/f, 10 uV, part of it common to all channels, each electrode with its own gain.
 * `asymmetry` is the SD of ln gain over the head, `tilt` that of the slow part's share: the spread of normal heads.
 */
function background(seed: number, seconds: number, asymmetry = 0.1, tilt = 0): Float64Array[] {
  const random = seededRandom(seed);
  const n = seconds * rate;
  const pink = (): Float64Array => {
    let [slow, slower] = [0, 0];
    const share = tilt > 0 ? Math.exp(tilt * random.normal()) : 1;
    return Float64Array.from({ length: n }, () => {
      const white = random.normal();
      slow = 0.9 * slow + white;
      slower = 0.98 * slower + white;
      return share * (0.5 * slow + 0.3 * slower) + white;
    });
  };
  const shared = pink();
  return names.map(() => {
    const gain = 3e-6 * Math.exp(asymmetry * random.normal());
    return pink().map((x, t) => gain * (x + shared[t]));
  });
}

const asRecording = (rows: Float64Array[]): Recording => ({
  clock: "device:eeg",
  groups: [{ rate, channels, segments: [{ start: 0, data: Float64Array.from(rows.flatMap((row) => [...row])) }] }],
});

/** `rows` with delta waves of `amplitude` (V) on the named channels. */
function withDelta(rows: Float64Array[], on: Record<string, number>, seed: number): Float64Array[] {
  const random = seededRandom(seed);
  const white = Float64Array.from({ length: rows[0].length }, () => random.normal());
  const delta = convolveFir([white], firDesign(rate, { low: 1.5, high: 3.5, lowTransition: 1, highTransition: 1 }))[0];
  const scale = 1 / Math.sqrt(delta.reduce((sum, x) => sum + x * x, 0) / delta.length);
  return rows.map((row, i) => row.map((x, t) => x + (on[names[i]] ?? 0) * scale * delta[t]));
}

/** `rows` with spikes (a 60 ms triangle of `height` V) each `every` seconds on the named channels. */
function withSpikes(rows: Float64Array[], on: Record<string, number>, every: number): Float64Array[] {
  const half = Math.round(0.03 * rate);
  return rows.map((row, i) =>
    row.map((x, t) => {
      const phase = (t % Math.round(every * rate)) - 2 * half;
      return x + (on[names[i]] ?? 0) * Math.max(0, 1 - Math.abs(phase) / half);
    }),
  );
}

describe("pairOutliers", () => {
  test("by hand: three of eight stand out together, the others' spread is the measure", () => {
    const found = pairOutliers([1, -1, 1, -1, 1, 20, -20, 25], 0);
    expect(found.map(({ familywise }) => familywise < 0.01)).toEqual([
      false,
      false,
      false,
      false,
      false,
      true,
      true,
      true,
    ]);
    expect(found[7].score / found[5].score).toBeCloseTo(1.25, 12);
    // The least spread is the floor of the measure.
    expect(pairOutliers([1, -1, 1, -1, 1, 20, -20, 25], 10)[7].score).toBeCloseTo(2.5, 12);
    expect(fewestPairs).toBe(4);
  });
  test.each([4, 8, 20])("%d normal pairs: the smallest family-wise p is uniform", (pairs) => {
    const random = seededRandom(99 + pairs);
    let below = 0;
    for (let round = 0; round < 2000; round++) {
      const values = Array.from({ length: pairs }, () => random.normal());
      if (Math.min(...pairOutliers(values, 0).map(({ familywise }) => familywise)) < 0.05) below++;
    }
    // 100 expected, binomial SE 9.7; the null's own Monte Carlo adds 4.4.
    expect(Math.abs(below - 100)).toBeLessThan(4 * 10.7);
  });
});

describe("focalSlowing", () => {
  test("false positives on 50 seeded normal heads: at most 5 % name anything", () => {
    let named = 0;
    for (let seed = 1; seed <= 50; seed++) {
      if (focalSlowing(asRecording(background(seed, 40, 0.1, 0.3))).findings.length > 0) named++;
    }
    // 2.5 expected at most; 4 binomial SEs (1.54) above.
    expect(named).toBeLessThanOrEqual(2.5 + 4 * 1.54);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
    "a temporal focus of delta is named first, on its side (seed %d)",
    (seed) => {
      const side = seed % 2 ? { T7: 25e-6, F7: 15e-6, P7: 15e-6 } : { T8: 25e-6, F8: 15e-6, P8: 15e-6 };
      const { findings, pairs } = focalSlowing(asRecording(withDelta(background(seed, 120), side, seed + 50)));
      expect(pairs).toBe(8);
      expect(findings[0]).toMatchObject({
        channel: seed % 2 ? "T7" : "T8",
        side: seed % 2 ? "left" : "right",
        kind: "slowing",
      });
      expect(findings.every((f) => f.side === (seed % 2 ? "left" : "right"))).toBe(true);
      expect(findings[0].effect).toBeGreaterThan(1.5);
      expect(findings[0].note).toContain("times that of the other side");
    },
  );

  test("mirroring the head mirrors the finding", () => {
    const rows = withDelta(background(3, 120), { T7: 25e-6 }, 9);
    const swapped = rows.map((_, i) => {
      const twin = names[i].replace(/\d+/, (d) => `${Number(d) % 2 ? Number(d) + 1 : Number(d) - 1}`);
      return rows[names.indexOf(twin)];
    });
    const [a, b] = [rows, swapped].map((r) => focalSlowing(asRecording(r)).findings[0]);
    expect([a.channel, b.channel]).toEqual(["T7", "T8"]);
    expect(a.score).toBeCloseTo(b.score, 10);
  });

  test("one side larger in all bands, or in beta, is no slowing; delta everywhere is none", () => {
    const random = seededRandom(40);
    const muscle = background(4, 120).map((row, i) =>
      ["T8", "F8"].includes(names[i]) ? row.map((x) => x + 3e-5 * random.normal()) : row,
    );
    expect(focalSlowing(asRecording(muscle)).findings.filter(({ kind }) => kind === "slowing")).toEqual([]);
    const loud = background(4, 120).map((row, i) => (["T7", "F7"].includes(names[i]) ? row.map((x) => 3 * x) : row));
    expect(focalSlowing(asRecording(loud)).findings.filter(({ kind }) => kind === "slowing")).toEqual([]);
    const everywhere = Object.fromEntries(names.map((name) => [name, 25e-6]));
    expect(focalSlowing(asRecording(withDelta(background(5, 120), everywhere, 6))).findings).toEqual([]);
  });

  test("spikes on one side are named as sharp transients with their rate", () => {
    const rows = withSpikes(background(6, 120), { F8: 150e-6, T8: 150e-6 }, 5);
    const { findings } = focalSlowing(asRecording(rows));
    const sharp = findings.filter(({ kind }) => kind === "sharp-transients");
    expect(sharp.map(({ channel }) => channel).sort()).toEqual(["F8", "T8"]);
    // 24 spikes in 2 minutes.
    expect(sharp[0].effect).toBeCloseTo(12, 0);
  });

  test("positions give the contrast with the neighbours; too few pairs say so", () => {
    const montage: Montage = {
      space: "subject:T1w",
      sensors: names.map((name, i) => ({ name, kind: "electrode", position: [Math.cos(i) * 80, Math.sin(i) * 80, i] })),
    };
    const rows = withDelta(background(3, 120), { T7: 25e-6 }, 9);
    expect(focalSlowing(asRecording(rows), montage).findings[0].neighbourContrast).toBeGreaterThan(1);
    const few = markBad(asRecording(rows), new Set(["F7", "F3", "T7", "C3", "P7"]));
    expect(focalSlowing(few)).toMatchObject({ findings: [], pairs: 3 });
    expect(focalSlowing(few).notes[0]).toContain("fewer than 4");
  });
});

describe("sharpTransients", () => {
  test("counts what was put in, and nothing in an artefact all channels share", () => {
    const spiky = sharpTransients(asRecording(withSpikes(background(7, 60), { C3: 150e-6 }, 4)));
    expect(spiky.find(({ channel }) => channel === "C3")?.count).toBe(15);
    expect(spiky.find(({ channel }) => channel === "O2")?.count).toBe(0);
    const all = Object.fromEntries(names.map((name) => [name, 150e-6]));
    expect(sharpTransients(asRecording(withSpikes(background(7, 60), all, 4))).every(({ count }) => count === 0)).toBe(
      true,
    );
  });
  test("refuses a rate below 100 Hz; the focal search then says so and goes on", () => {
    const rows = background(8, 120);
    const slow: Recording = { clock: "c", groups: [{ ...asRecording(rows).groups[0], rate: 64 }] };
    expect(() => sharpTransients(slow)).toThrow(expect.objectContaining({ code: "rate-too-low" }));
    expect(focalSlowing(slow).notes[0]).toContain("sharp transients not looked for");
  });
});

describe("bandAsymmetry", () => {
  test("by hand: the right side at twice the amplitude has ln 4 more power in every band", () => {
    const rows = background(9, 40);
    const [left, right] = [names.indexOf("O1"), names.indexOf("O2")];
    rows[right] = rows[left].map((x) => 2 * x);
    const found = bandAsymmetry(asRecording(rows)).filter((row) => row.left === "O1");
    expect(found.map(({ right: name }) => name)).toEqual(["O2", "O2", "O2", "O2"]);
    for (const row of found) expect(row.value).toBeCloseTo(Math.log(4), 10);
  });
  test("z is standard normal on symmetric noise", () => {
    const zs = [11, 12, 13, 14].flatMap((seed) =>
      bandAsymmetry(asRecording(background(seed, 120, 0))).map(({ z }) => z),
    );
    const variance = zs.reduce((sum, z) => sum + z * z, 0) / zs.length;
    // 128 values, of which bands of one pair are nearly independent: SE of the variance 0.13; t with 59 dof adds 3 %.
    expect(Math.abs(variance - 1.03)).toBeLessThan(4 * 0.13);
  });
  test("a window that one side lost is left out on both", () => {
    const rows = background(10, 40);
    const [left, right] = [names.indexOf("C3"), names.indexOf("C4")];
    rows[right] = rows[left].map((x, t) => (t > 300 && t < 500 ? 1e4 * x : 2 * x));
    const found = bandAsymmetry(asRecording(rows), undefined, undefined, { rejectAbove: 5 });
    for (const row of found.filter((r) => r.left === "C3")) {
      expect(row.value).toBeCloseTo(Math.log(4), 10);
      expect(row.standardError).toBeLessThan(1e-10);
      expect(row.n).toBe(19);
    }
  });
  test("refuses a recording without pairs", () => {
    const few = markBad(asRecording(background(1, 20)), new Set(names.filter((name) => /[2468]$/.test(name))));
    expect(() => bandAsymmetry(few)).toThrow(expect.objectContaining({ code: "no-pairs" }));
  });
});

describe("quality", () => {
  const rows = background(21, 60);
  const random = seededRandom(5);
  rows[names.indexOf("F3")] = new Float64Array(60 * rate);
  rows[names.indexOf("C4")] = Float64Array.from({ length: 60 * rate }, () => 2e-3 * random.normal());
  rows[names.indexOf("Pz")] = rows[names.indexOf("Pz")].map(
    (x, t) => x + 8e-6 * Math.sin((2 * Math.PI * 50 * t) / rate),
  );
  const quality = channelQuality(asRecording(rows));
  const of = (name: string): (typeof quality)[number] => quality.find(({ channel }) => channel === name)!;
  test("impedances are a finding where the recording tells them: the middle, and who is above 10 kOhm", () => {
    const plain = asRecording(rows);
    expect(qc(plain).map(({ name }) => name)).not.toContain("impedances");
    const ohms: Readonly<Record<string, number>> = { C4: 12_000, Cz: Number.POSITIVE_INFINITY };
    const groups = plain.groups.map((group) => ({
      ...group,
      channels: group.channels.map((channel) => ({ ...channel, impedance: ohms[channel.name] ?? 5000 })),
    }));
    const found = qc({ ...plain, groups }).find(({ name }) => name === "impedances");
    expect(found).toMatchObject({ value: 5, unit: "kOhm", verdict: "warn" });
    expect(found?.note).toContain("all but Cz (out of range), C4 (12) within 10 kOhm");
  });

  test("finds the dead, the noisy and the one with mains", () => {
    expect(quality.filter(({ flat }) => flat).map(({ channel }) => channel)).toEqual(["F3"]);
    expect(quality.filter(({ noisy }) => noisy).map(({ channel }) => channel)).toEqual(["C4"]);
    expect(of("C4").unrelated).toBeGreaterThan(0.9);
    expect(of("Pz").lineRatio).toBeGreaterThan(100);
    expect(of("Cz").lineRatio).toBeLessThan(10);
    expect(of("Cz").bad).toBe(false);
  });
  test("as findings", () => {
    const findings = qc(asRecording(rows));
    expect(findings.find(({ name }) => name === "bad-channels")).toMatchObject({ verdict: "warn", modality: "eeg" });
    expect(findings.find(({ name }) => name === "bad-channels")?.note).toContain("F3, C4");
    expect(qc(asRecording(background(22, 60))).every(({ verdict }) => verdict === "ok")).toBe(true);
  });
});
