/** A simulated visit: five devices that hear the same pulses, each in its own way. For the study of the clock. */
import { seededRandom } from "@quintet/kernels";
import type { ClockStream } from "../src/clock/study-clock.ts";

export interface FiveDevices {
  readonly streams: readonly ClockStream[];
  /** The same instants on every device's clock: truth[device][k]. */
  readonly truth: Readonly<Record<string, Float64Array>>;
}

interface Device {
  readonly clock: string;
  /** Standard deviation of a stamp, s. */
  readonly jitter: number;
  readonly tick: number;
  readonly rounding: "nearest" | "up";
}

/** The scanner sends; the others hear. fNIRS sees a pulse in its next sample of 10 Hz, PET tags it in its list in milliseconds. */
const devices: readonly Device[] = [
  { clock: "mr", jitter: 0, tick: 0, rounding: "nearest" },
  { clock: "eeg", jitter: 5e-3, tick: 2e-4, rounding: "nearest" },
  { clock: "nirs", jitter: 5e-3, tick: 0.1, rounding: "up" },
  { clock: "pet", jitter: 5e-3, tick: 1e-3, rounding: "nearest" },
];

/**
 * 60 minutes of pulses 1.5 to 3.5 s apart; each device runs up to 50 ppm off, misses 1 % and hears 1 % that are none; the
 * EEG's clock jumps by 100 s half way in `jump` runs. SPECT hears nothing and has its wall clock alone.
 */
export function fiveDevices(seed: number, jump: boolean, minutes = 60): FiveDevices {
  const random = seededRandom(seed);
  const pulses: number[] = [];
  for (let t = 0; t < 60 * minutes; t += 1.5 + 2 * random.uniform()) pulses.push(t);
  const truth: Record<string, Float64Array> = {};
  const leap = 60 * minutes * (0.3 + 0.4 * random.uniform());
  const streams = devices.map(({ clock, jitter, tick, rounding }): ClockStream => {
    const rate = clock === "mr" ? 1 : 1 + 50e-6 * (2 * random.uniform() - 1);
    const begin = 500 * random.uniform();
    const leaps = jump && clock === "eeg";
    const own = Float64Array.from(pulses, (t) => (t + begin) * rate + (leaps && t >= leap ? 100 : 0));
    truth[clock] = own;
    const heard: number[] = [];
    for (const time of own) {
      if (random.uniform() >= 0.01) heard.push(time + jitter * random.normal());
      if (random.uniform() < 0.01) heard.push(time + 0.2 + random.uniform());
    }
    const stamps = heard.map((t) =>
      tick === 0 ? t : (rounding === "up" ? Math.ceil(t / tick) : Math.round(t / tick)) * tick,
    );
    const middle = own[own.length >> 1] as number;
    return {
      clock,
      middle,
      pulses: { stimulus: stamps.sort((a, b) => a - b) },
      tick,
      rounding,
      startedAt: "2026-01-01T10:00:00",
    };
  });
  streams.push({ clock: "spect", middle: 600, pulses: {}, startedAt: "2026-01-01T12:00:00" });
  return { streams, truth };
}
