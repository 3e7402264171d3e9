import type { Seconds } from "@quintet/core";
import type { PetsirdHeader, PetsirdSignal, PetsirdTimeBlock } from "./model.ts";

/** PETSIRD tells time in whole milliseconds. */
export const petsirdTick: Seconds = 1e-3;

/** Signals whose blocks are instants, not traces; what their values say is left open by the format. */
const triggers: readonly PetsirdSignal["type"][] = [
  "ecgTrigger",
  "respTrigger",
  "otherMotionTrigger",
  "externalSync",
  "mrPulseStart",
];

/**
 * Gate and trigger tags of a list-mode file: the starts of each trigger's blocks, seconds since the start of the
 * acquisition, by the type of signal. These tie PET to the clocks of the other instruments.
 */
export function petsirdPulses(
  header: PetsirdHeader,
  blocks: Iterable<PetsirdTimeBlock>,
): Readonly<Partial<Record<PetsirdSignal["type"], Float64Array>>> {
  const types = new Map((header.exam?.externalSignals ?? []).map(({ id, type }) => [id, type]));
  const found = new Map<PetsirdSignal["type"], number[]>();
  for (const [kind, block] of blocks) {
    if (kind !== "ExternalSignalTimeBlock") continue;
    const type = types.get(block.signalID);
    if (type === undefined || !triggers.includes(type)) continue;
    const times = found.get(type) ?? [];
    times.push(block.timeInterval.start * petsirdTick);
    found.set(type, times);
  }
  return Object.fromEntries([...found].map(([type, times]) => [type, Float64Array.from(times).sort()]));
}
