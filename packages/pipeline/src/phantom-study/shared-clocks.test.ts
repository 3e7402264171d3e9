/** What the phantom knows of its clocks against what the study's clock says of them, over many seeds. */
import { mapTime, timeSigma } from "@quintet/core";
import { studyClock } from "@quintet/fusion/clock";
import { seededRandom } from "@quintet/kernels";
import { onDevice, sharedPulses, trueTime } from "@quintet/twin";
import { expect, test } from "vitest";

const [volumes, repetitionTime] = [64, 2] as const;
const ticks = { eeg: 1 / 256, nirs: 0.1 } as const;

test("volumes heard on ticks of 4 and 100 ms: the stated sigma covers the true error at any time of the run", () => {
  const runs = 80;
  const within = { eeg: 0, nirs: 0 };
  for (let seed = 1; seed <= runs; seed++) {
    const { clocks, ...heard } = sharedPulses(seededRandom(seed), {
      ...{ volumes, repetitionTime, ticks },
      starts: { nirs: -262, bold: 25 },
    });
    const { maps } = studyClock([
      ...(["eeg", "nirs"] as const).map((clock) => ({
        ...{ clock, tick: ticks[clock], middle: 90 },
        pulses: { volume: heard[clock].map(({ onset }) => onset) },
      })),
      { clock: "bold", middle: 64, pulses: { volume: Array.from({ length: volumes }, (_, k) => k * repetitionTime) } },
    ]);
    const at = trueTime(clocks.bold, 126 * seededRandom(1000 + seed).uniform());
    const placed = (clock: "eeg" | "nirs" | "bold"): readonly [number, number] => {
      const [map, time] = [maps.get(clock), onDevice(clocks[clock], at)];
      if (map === undefined) throw new Error(`${clock} is not placed`);
      return [mapTime(map, time), timeSigma(map, time)];
    };
    const [scanner, sigma] = placed("bold");
    for (const clock of ["eeg", "nirs"] as const) {
      const [time, own] = placed(clock);
      if (Math.abs(time - scanner) <= 1.96 * Math.hypot(own, sigma)) within[clock]++;
    }
  }
  // 95 % of 80 less two and a half standard deviations of a count; an error that is even over a tick is always within.
  expect(Math.min(within.eeg, within.nirs)).toBeGreaterThanOrEqual(71);
});
