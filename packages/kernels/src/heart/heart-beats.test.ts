import { describe, expect, test } from "vitest";
import { seededRandom } from "../random/random.ts";
import { heartBeats } from "./heart-beats.ts";

const rate = 500;
const bell = (t: number, at: number, width: number): number => Math.exp(-((t - at) ** 2) / (2 * width * width));
function ecg(beats: readonly number[], seconds: number, size: (k: number) => number = () => 1, wave = 2): Float64Array {
  const random = seededRandom(1);
  return Float64Array.from({ length: seconds * rate }, (_, i) => {
    const t = i / rate;
    const own = beats.reduce(
      (sum, at, k) =>
        Math.abs(t - at) < 0.7 ? sum + size(k) * bell(t, at, 0.012) + wave * bell(t, at + 0.3, 0.06) : sum,
      0,
    );
    return own + 0.05 * random.normal();
  });
}
const beats = Array.from({ length: 30 }, (_, k) => 1 + k * 0.9 + 0.05 * Math.sin(k));

describe("heartBeats", () => {
  test("every R peak within 2 ms, no T wave though it is twice as high", () => {
    const { peaks } = heartBeats(ecg(beats, 29), rate);
    expect(peaks.map((at) => at / rate)).toBeAllclose(beats, { atol: 2e-3 });
  });
  test("upside down they are the same", () => {
    const { peaks } = heartBeats(
      ecg(beats, 29).map((v) => -v),
      rate,
    );
    expect(peaks.map((at) => at / rate)).toBeAllclose(beats, { atol: 2e-3 });
  });
  test("a beat of a third of the height is found by looking back", () => {
    const { peaks, lookedBack } = heartBeats(
      ecg(beats, 29, (k) => (k === 12 ? 0.4 : 1), 0),
      rate,
    );
    expect(peaks.length).toBe(30);
    expect(lookedBack).toBe(1);
  });
  test.each([
    ["60 Hz", new Float64Array(3000), 60, "bad-rate"],
    ["nothing", new Float64Array(3000), 500, "no-beats"],
    ["less than the filter", new Float64Array(100), 500, "segment-too-short"],
    ["NaN", new Float64Array(3000).fill(Number.NaN), 500, "not-finite"],
  ])("refuses %s", (_, x, hertz, code) => {
    expect(() => heartBeats(x, hertz)).toThrow(expect.objectContaining({ code }));
  });
});
