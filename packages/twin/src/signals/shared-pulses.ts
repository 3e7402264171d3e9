/**
 * EEG, light and the MR scanner side by side: each on a clock of its own, all three hearing the scanner's volume pulses.
 *
 *   t_device = (1 + drift) (t - start),   stamp = tick round((t_device + jitter) / tick)
 *
 * t is the visit's true time, s from the full minute at which the EEG was started by its file's wall clock. Volumes start
 * every repetition time of the scanner's own clock, which is the true one's but for its drift.
 */
import type { Event, Seconds } from "@quintet/core";
import type { Random } from "@quintet/kernels";

/** What nobody who reads the data set can know. */
export interface DeviceClock {
  /** True time of the device's second 0. */
  readonly start: Seconds;
  /** Its rate less 1. */
  readonly drift: number;
  /** Step in which it tells the time of a pulse; 0 for the scanner, whose volumes are its clock. */
  readonly tick: Seconds;
}

export interface SharedClocks {
  readonly eeg: DeviceClock;
  readonly nirs: DeviceClock;
  readonly bold: DeviceClock;
}

export interface SharedPulses {
  readonly clocks: SharedClocks;
  /** Volume pulses as each recording has them, on its clock. */
  readonly eeg: readonly Event[];
  readonly nirs: readonly Event[];
}

export interface SharedRun {
  readonly volumes: number;
  readonly repetitionTime: Seconds;
  /** Sampling steps: a pulse is marked at a sample. */
  readonly ticks: { readonly eeg: Seconds; readonly nirs: Seconds };
  /** Starts by the wall clock, s after the EEG's. */
  readonly starts: { readonly nirs: Seconds; readonly bold: Seconds };
}

/** Largest drift of a quartz clock, and the scatter of the trigger's edge at the input, s. */
const [largestDrift, edgeJitter] = [50e-6, 0.2e-3] as const;

export function sharedPulses(random: Random, { volumes, repetitionTime, ticks, starts }: SharedRun): SharedPulses {
  // Wall clocks tell whole seconds: the device began some time within.
  const clock = (name: string, start: Seconds, tick: Seconds): DeviceClock => {
    const own = random.fork(name);
    return { start: start + own.uniform(), drift: largestDrift * (2 * own.uniform() - 1), tick };
  };
  const clocks = {
    eeg: clock("eeg", 0, ticks.eeg),
    nirs: clock("nirs", starts.nirs, ticks.nirs),
    bold: clock("bold", starts.bold, 0),
  };
  const heard = (name: "eeg" | "nirs"): readonly Event[] => {
    const [own, { tick }] = [random.fork(`${name} edges`), clocks[name]];
    return Array.from({ length: volumes }, (_, k) => {
      const time = onDevice(clocks[name], trueTime(clocks.bold, k * repetitionTime)) + edgeJitter * own.normal();
      return { onset: tick * Math.round(time / tick), duration: 0, type: "volume" };
    });
  };
  return { clocks, eeg: heard("eeg"), nirs: heard("nirs") };
}

export function trueTime({ start, drift }: DeviceClock, time: Seconds): Seconds {
  return start + time / (1 + drift);
}

export function onDevice({ start, drift }: DeviceClock, time: Seconds): Seconds {
  return (1 + drift) * (time - start);
}
