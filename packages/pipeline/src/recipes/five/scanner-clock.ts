/** The scanner's own clock as a side file tells it: what `quintet mri recon` writes, or BIDS's VolumeTiming. */
import { DataError, type Metadata, type Seconds } from "@quintet/core";

/** Seconds from the first volume on the scanner's clock. */
export interface ScannerClock {
  /** Step of its stamps, s. */
  readonly Tick: Seconds;
  readonly VolumeTimes: readonly Seconds[];
  /** What its physiological unit saw, by signal. */
  readonly Triggers: Readonly<Record<string, readonly Seconds[]>>;
}

export interface ScannerTimes {
  readonly volumes: readonly Seconds[];
  readonly triggers: Readonly<Record<string, readonly Seconds[]>>;
  readonly tick?: Seconds;
}

/**
 * Measured times of volumes and triggers; undefined where the side file has none.
 *
 * @throws DataError `bad-scanner-clock` (times that are no ascending numbers, a tick that is not above 0)
 */
export function scannerTimes(metadata: Metadata, file: string): ScannerTimes | undefined {
  const { ScannerClock: own, VolumeTiming: timing } = metadata;
  if (own === undefined && timing === undefined) return undefined;
  if (own === undefined) return { volumes: ascending(timing, "VolumeTiming", file), triggers: {} };
  const { Tick: tick, VolumeTimes: volumes, Triggers: triggers = {} } = own as Partial<ScannerClock>;
  if (!(typeof tick === "number" && tick > 0 && Number.isFinite(tick)))
    throw new DataError("bad-scanner-clock", "ScannerClock tells the step of its stamps", {
      file,
      expected: "Tick above 0 s",
      found: `${tick}`,
    });
  const trains = Object.entries(triggers).map(([name, times]) => [name, ascending(times, name, file)] as const);
  return { tick, volumes: ascending(volumes, "VolumeTimes", file), triggers: Object.fromEntries(trains) };
}

function ascending(times: unknown, name: string, file: string): readonly Seconds[] {
  const list: readonly unknown[] = Array.isArray(times) ? times : [];
  const bad = list.findIndex(
    (time, k) => !(typeof time === "number" && Number.isFinite(time) && (k === 0 || time > (list[k - 1] as number))),
  );
  if (!Array.isArray(times) || bad >= 0)
    throw new DataError("bad-scanner-clock", `${name} are ascending times`, {
      file,
      expected: "seconds",
      found: bad >= 0 ? `${list[bad]} at ${bad}` : typeof times,
    });
  return list as readonly Seconds[];
}
