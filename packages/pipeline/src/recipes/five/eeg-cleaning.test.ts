import type { Channel, Events, Recording } from "@quintet/core";
import { seededRandom } from "@quintet/kernels";
import { onlyEeg } from "@quintet/modalities/eeg";
import { describe, expect, test } from "vitest";
import { background, inScannerEeg } from "../../../../../testing/in-scanner-eeg.ts";
import { eventAverages } from "./eeg-averages.ts";
import { withoutEyes, withoutScanner } from "./eeg-cleaning.ts";

describe("withoutScanner", () => {
  const scan = inScannerEeg({ volumes: 12, rate: 1000, jitter: 0, step: 0 });
  const events: Events = {
    clock: scan.recording.clock,
    list: scan.triggers.map((onset) => ({ onset, duration: 0, type: "R128" })),
  };
  test("an artefact that is there is taken out, and how far is told in dB", () => {
    const { steps, findings } = withoutScanner(scan.recording, events);
    expect(steps[0]).toMatch(/12 volumes/);
    expect(findings.find(({ name }) => name === "repeats-with-volumes")?.value).toBeGreaterThan(0.9);
    expect(findings.find(({ name }) => name === "gradient-removed")?.value).toBeLessThan(-30);
  });
  test("triggers beside an EEG without it leave every sample as it is", () => {
    const random = seededRandom(1);
    const [group] = scan.recording.groups;
    const n = (group?.segments[0]?.data.length ?? 0) / (group?.channels.length ?? 1);
    const rows = group?.channels.map((_, c) => [...background(n, 1000, random.fork(`${c}`), 1e-5)]) ?? [];
    const quiet: Recording = {
      ...scan.recording,
      groups: scan.recording.groups.map((one) => ({
        ...one,
        segments: [{ start: one.segments[0]?.start ?? 0, data: Float64Array.from(rows.flat()) }],
      })),
    };
    const { recording, findings, steps } = withoutScanner(quiet, events);
    expect(recording).toBe(quiet);
    expect(steps).toEqual([]);
    expect(findings[0]?.value).toBeLessThan(0.2);
  });
});

const rate = 100;
const names = ["Fp1", "Fp2", "C3", "C4", "P3", "P4", "O1", "O2", "EOG"];
/** Eight EEG channels and an EOG of 60 s; the second signal is added with a gain per channel. */
function made(course: (t: number) => number, gains: readonly number[]): Recording {
  const random = seededRandom(2);
  const n = 60 * rate;
  const rows = names.map((name, c) => {
    const own = background(n, rate, random.fork(name), 8e-6);
    return own.map((v, t) => v + (gains[c] as number) * course(t / rate));
  });
  const channels = names.map(
    (name): Channel => ({ name, kind: name === "EOG" ? "eog" : "eeg", unit: "V", sensors: [name] }),
  );
  const data = Float64Array.from(rows.flatMap((row) => [...row]));
  return { clock: "c", groups: [{ rate, channels, segments: [{ start: 0, data }] }] };
}

test("withoutEyes takes blinks out and tells how much alpha is left", () => {
  const blink = (t: number): number => Math.exp(-((((t + 1.5) % 3) - 1.5) ** 2) / 0.01);
  const recording = made(blink, [9e-5, 9e-5, 2e-5, 2e-5, 5e-6, 5e-6, 1e-6, 1e-6, 2e-4]);
  const { recordings, components, findings } = withoutEyes(recording, [onlyEeg(recording)], undefined);
  expect(components.filter(({ removed }) => removed).map(({ label }) => label)).toEqual(["eye"]);
  const at = (one: Recording | undefined, t: number): number => one?.groups[0]?.segments[0]?.data[t] as number;
  // Fp1 at the blinks: 90 uV and what stands behind them, then that alone.
  const mean = (one: Recording | undefined): number =>
    Array.from({ length: 19 }, (_, k) => at(one, 300 * (k + 1))).reduce((a, b) => a + b, 0) / 19;
  expect(mean(onlyEeg(recording))).toBeGreaterThan(7e-5);
  expect(Math.abs(mean(recordings[0]))).toBeLessThan(1.5e-5);
  expect(findings.find(({ name }) => name === "alpha-kept")?.value).toBeGreaterThan(0.7);
});

test("eventAverages: kinds with 20 events and more, the field, the single trials", () => {
  const bump = (t: number): number => 2e-5 * Math.exp(-((((t + 0.2) % 2) - 0.5) ** 2) / 0.002);
  const recording = onlyEeg(made(bump, [0, 0, 0, 0, 1, 1, 0, 0, 0]));
  const list = Array.from({ length: 29 }, (_, k) => ({ onset: 2 * k + 2, duration: 0, type: "flash" }));
  const few = list.slice(0, 5).map((event) => ({ ...event, type: "rare" }));
  const [average, ...more] = eventAverages(recording, { clock: "c", list: [...list, ...few] });
  expect(more).toEqual([]);
  expect(average).toMatchObject({ name: "flash", trials: 29 });
  expect(average?.channels[0]?.name).toMatch(/^P[34]$/);
  expect(average?.single?.trials.length).toBe(29);
  // The bump stands 0.3 s after the event.
  expect(average?.maps?.[0]?.name).toMatch(/^(2[89]0|3[012]0) ms$/);
});
