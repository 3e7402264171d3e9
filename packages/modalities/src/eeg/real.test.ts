import { readRecording } from "@quintet/io/node";
import { expect, test } from "vitest";
import { describeRealData } from "../../../../testing/real-data.ts";
import { bandPower, epochAverage, evokedPeaks, focalSlowing, qc, slowing, welch } from "./index.ts";

describeRealData("EEGLAB sample (visual attention)", ["eeg/eeglab/eeglab_data.set"], (path) => {
  const loaded = readRecording(path);

  test("evoked potential to the squares: Pz 31.08, POz 24.14, Oz 13.02 uV at 0.4297 s (MNE 1.3.0)", async () => {
    const { recording, events } = await loaded;
    const evoked = epochAverage(recording, events, { type: "square", window: [-0.2, 0.8], baseline: [-0.2, 0] });
    expect(evoked.n).toBe(80);
    const peaks = new Map(evokedPeaks(evoked, [0.2, 0.6]).map((peak) => [peak.channel, peak]));
    expect(peaks.get("Pz")?.latency).toBeCloseTo(0.4297, 4);
    const at = ["Pz", "POz", "Oz"].map((name) => {
      const row = evoked.channels.findIndex((channel) => channel.name === name);
      const sample = evoked.times.findIndex((t) => Math.abs(t - 0.4297) < 1e-3);
      return 1e6 * evoked.mean[row * evoked.times.length + sample];
    });
    // The reference is given to two decimals (Oz is 13.0151).
    expect(at).toBeAllclose([31.08, 24.14, 13.02], { atol: 0.0051 });
    const pz = peaks.get("Pz");
    expect(pz && pz.amplitude / pz.standardError).toBeGreaterThan(5);
  });

  test("alpha is largest at Pz, POz, PO3, P3, in that order (MNE 1.3.0)", async () => {
    const { recording } = await loaded;
    const mean = welch(recording).map(({ channel, frequencies, density }) => {
      const inside = [...density].filter((_, k) => frequencies[k] >= 8 && frequencies[k] <= 13);
      return { name: channel.name, alpha: inside.reduce((a, b) => a + b, 0) / inside.length };
    });
    const order = mean.sort((a, b) => b.alpha - a.alpha).map(({ name }) => name);
    expect(order.slice(0, 4)).toEqual(["Pz", "POz", "PO3", "P3"]);
    const power = bandPower(recording).filter(({ band }) => band === "alpha");
    expect(power.sort((a, b) => b.power - a.power)[0].channel).toBe("Pz");
  });

  test("an adult's posterior rhythm lies between 8 and 12 Hz; a healthy person has no focal slowing", async () => {
    const { recording, montage } = await loaded;
    const peak = slowing(recording).find(({ channel }) => channel === "Pz")?.peakAlpha;
    expect(peak).toBeGreaterThan(8);
    expect(peak).toBeLessThan(12);
    const { findings, pairs } = focalSlowing(recording, montage);
    expect(pairs).toBeGreaterThanOrEqual(10);
    expect(findings).toEqual([]);
    expect(qc(recording).find(({ name }) => name === "flat-channels")?.value).toBe(0);
  });
});
