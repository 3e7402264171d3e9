import type { Recording } from "@quintet/core";
import { convolveFir, firDesign } from "@quintet/kernels";
import { describe, expect, test } from "vitest";
import { type InScanner, inScannerEeg, rms } from "../../../../../../testing/in-scanner-eeg.ts";
import { type GradientCleaned, removeGradientArtefact, templateGain } from "../../index.ts";

const decibels = (ratio: number): number => 20 * Math.log10(ratio);

/** While the scanner runs: [channel][sample] of the truth, of the cleaned signal, of the artefact. */
function inside(scan: InScanner, { recording }: GradientCleaned) {
  const { rate, onsets, repetition, truth, artefact } = scan;
  const [from, to] = [Math.round(onsets[0] * rate), Math.round((onsets[onsets.length - 1] + repetition) * rate)];
  const { data } = recording.groups[0].segments[0];
  const n = truth[0].length;
  const cut = (x: Float64Array | Float32Array): Float64Array => Float64Array.from(x.subarray(from, to));
  return truth.map((signal, c) => ({
    truth: cut(signal),
    // The offset of the channel is no part of the truth.
    cleaned: cut(data.subarray(c * n, (c + 1) * n)).map((v) => v - 2e-3 * (c - 1)),
    artefact: cut(artefact[c]),
  }));
}

/** Amplitude of x at f by its product with a turning pointer. */
function amplitude(x: ArrayLike<number>, f: number, rate: number): number {
  const turn = (2 * Math.PI * f) / rate;
  const [c, s] = [Math.cos(turn), Math.sin(turn)];
  let [p, q, re, im] = [1, 0, 0, 0];
  for (let i = 0; i < x.length; i++) {
    re += p * x[i];
    im += q * x[i];
    [p, q] = [c * p - s * q, s * p + c * q];
  }
  return (2 * Math.hypot(re, im)) / x.length;
}

/** RMS of x in the five bins about every slice harmonic up to 600 Hz. */
function atHarmonics(x: ArrayLike<number>, { slices, repetition, rate }: InScanner): number {
  let power = 0;
  for (let h = slices / repetition; h < 600; h += slices / repetition)
    for (let bin = -2; bin <= 2; bin++) power += amplitude(x, h + (bin * rate) / x.length, rate) ** 2 / 2;
  return Math.sqrt(power);
}

function band(x: Float64Array, rate: number): number {
  return rms(convolveFir([x], firDesign(rate, { low: 8, high: 12 }))[0]);
}

describe("a scan of 60 volumes: 100 times the EEG, TR 2.0003 s at 5 kHz, 5 % drift, a head step, 10 us of jitter", () => {
  const scan = inScannerEeg();
  const done = removeGradientArtefact(scan.recording, scan.triggers, {
    slices: scan.slices,
    interest: [10.24, 10, [8, 12]],
  });
  const parts = inside(scan, done);
  const named = (name: string) => done.findings.find((finding) => finding.name === name);

  test("the residual at the slice harmonics lies 20 dB below the EEG, 60 dB below the artefact", () => {
    for (const { truth, cleaned, artefact } of parts) {
      const left = atHarmonics(
        cleaned.map((v, i) => v - truth[i]),
        scan,
      );
      expect(decibels(rms(artefact) / rms(truth))).toBeCloseTo(40, 0);
      // Measured -39 to -44 dB; what is left there is the EEG's own share of the template.
      expect(decibels(left / rms(truth))).toBeLessThan(-20);
      expect(decibels(left / rms(artefact))).toBeLessThan(-60);
    }
  });

  test("10 uV at 10.24 Hz and noise of 8 to 12 Hz are kept within 5 %; 10.000 Hz, locked to the TR, is lost", () => {
    const [sine, noise, locked] = parts;
    const kept = amplitude(sine.cleaned, 10.24, scan.rate) / amplitude(sine.truth, 10.24, scan.rate);
    expect(kept).toBeGreaterThan(0.95);
    expect(kept).toBeLessThan(1.05);
    const alpha = band(noise.cleaned, scan.rate) / band(noise.truth, scan.rate);
    expect(alpha).toBeGreaterThan(0.95);
    expect(alpha).toBeLessThan(1.05);
    const lost = amplitude(locked.cleaned, 10, scan.rate) / amplitude(locked.truth, 10, scan.rate);
    console.log(
      `kept at 10.24 Hz ${kept.toFixed(4)}, of 8-12 Hz noise ${alpha.toFixed(4)}, at 10.000 Hz ${lost.toFixed(4)}`,
    );
    expect(lost).toBeLessThan(0.1);
  });

  test("it says so: the TR, the jitter, the step, what is locked, and no slice harmonic stands out", () => {
    const [{ repetition, jitter, steps, volumes }] = done.timing;
    expect(volumes).toBe(60);
    // Onsets are good to 0.01 us, jitter of 5.8 us (10 us uniform) over 60 volumes makes the slope uncertain by 0.04 us.
    expect(repetition).toBeCloseTo(2.0003, 6);
    expect(jitter).toBeGreaterThan(4e-6);
    expect(jitter).toBeLessThan(8e-6);
    expect(steps.length).toBe(1);
    expect(steps[0]).toBeCloseTo(scan.stepAt, 2);
    expect(named("kept-at-10.24-Hz")?.verdict).toBe("ok");
    expect(named("kept-at-10-Hz")).toMatchObject({ verdict: "bad", note: expect.stringContaining("20.003 cycles") });
    expect(named("kept-of-8-to-12-Hz")?.verdict).toBe("ok");
    expect(named("gradient-removed")?.value).toBeLessThan(-60);
    expect(named("gradient-left")?.verdict).toBe("ok");
    // What jitters, drifts and steps spreads between the multiples before it is taken out.
    expect(named("alpha-kept")?.value).toBeGreaterThan(0.5);
  });

  test("before the first volume nothing is touched; the trigger channels and the input stay", () => {
    const { data } = done.recording.groups[0].segments[0];
    const before = scan.recording.groups[0].segments[0].data;
    expect(data.subarray(0, 14_000)).toBeAllclose(before.subarray(0, 14_000), { atol: 0 });
    expect(data).not.toBe(before);
  });
});

describe("FASTR: slice templates, residual components, low-pass, adaptive cancelling", () => {
  const scan = inScannerEeg({ volumes: 24, step: 0, seed: 3 });
  const options = { slices: scan.slices, template: "slice", lowPass: 70 } as const;
  const measured = (done: GradientCleaned) => {
    const [sine] = inside(scan, done);
    const left = atHarmonics(
      sine.cleaned.map((v, i) => v - sine.truth[i]),
      scan,
    );
    const kept = amplitude(sine.cleaned, 10.24, scan.rate) / amplitude(sine.truth, 10.24, scan.rate);
    return { left: decibels(left / rms(sine.truth)), kept };
  };
  test("the residual at the slice harmonics lies 20 dB below the EEG; 10.24 Hz is kept within 5 %", () => {
    const { left, kept } = measured(removeGradientArtefact(scan.recording, scan.triggers, options));
    expect(left).toBeLessThan(-20);
    expect(kept).toBeGreaterThan(0.95);
    expect(kept).toBeLessThan(1.05);
  });
  test("the adaptive stage does not bring the artefact back, and keeps 10.24 Hz within 5 %", () => {
    const { left, kept } = measured(
      removeGradientArtefact(scan.recording, scan.triggers, { ...options, adaptive: true }),
    );
    expect(left).toBeLessThan(-20);
    // What least mean squares are told ends where their signal does: their wandering weights write nothing below.
    expect(Math.abs(kept - 1)).toBeLessThan(0.05);
  });
});

test("the gain of a template by hand: 0 when locked; three occurrences half a period apart keep 4/3", () => {
  expect(templateGain(10, { period: 2, window: 30 })).toBeCloseTo(0, 12);
  expect(templateGain(0.25, { period: 2, window: 2 })).toBeCloseTo(4 / 3, 12);
});

describe("refusals", () => {
  const channel = (kind: "eeg" | "misc") => ({ name: "Cz", kind, unit: "V" as const, sensors: ["Cz"] });
  const flat = (kind: "eeg" | "misc" = "eeg", data = new Float64Array(20_000)): Recording => ({
    clock: "c",
    groups: [{ rate: 1000, channels: [channel(kind)], segments: [{ start: 0, data }] }],
  });
  test.each([
    ["two volumes", flat(), [1, 3], {}, "no-events"],
    ["no EEG", flat("misc"), [1, 3, 5], {}, "no-channels"],
    ["slice triggers among volumes", flat(), [1, 3, 3.7, 5, 7], {}, "irregular-volumes"],
    ["slice templates without slices", flat(), [1, 3, 5], { template: "slice" }, "bad-slices"],
    ["half a slice", flat(), [1, 3, 5], { slices: 2.5 }, "bad-slices"],
    ["NaN", flat("eeg", new Float64Array(20_000).fill(Number.NaN)), [1, 3, 5], {}, "not-finite"],
    ["less than the filter", flat("eeg", new Float64Array(3000)), [0.1, 0.8, 1.5], {}, "segment-too-short"],
  ] as const)("%s", (_, recording, volumes, options, code) => {
    expect(() => removeGradientArtefact(recording, volumes, options)).toThrow(expect.objectContaining({ code }));
  });
});
