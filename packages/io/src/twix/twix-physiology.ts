import type { KSpaceWaveform } from "@quintet/core";

/** What each signal of the physiological unit is marked with; the pulse of an external trigger is EXT1 or EXT2. */
const signals: ReadonlyMap<number, string> = new Map([
  [0x01010000, "ECG1"],
  [0x01020000, "ECG2"],
  [0x01030000, "ECG3"],
  [0x01040000, "ECG4"],
  [0x01050000, "PULS"],
  [0x01060000, "RESP"],
  [0x01070000, "EXT1"],
  [0x01080000, "EXT2"],
]);

/** Packet: size, a name of 52 bytes, byte order; then stamp of arrival, stamp, number and duration of the block. */
const [packetHead, nameBytes, blockHead] = [60, 52, 16] as const;
/** Durations and periods count 0.1 ms. */
const step = 1e-4;
const [valueChannel, triggerChannel] = [0, 1] as const;

/**
 * Physiology (PMU) of one block of synchronous data of a VD file: each signal a waveform of two channels, value and
 * trigger. The layout is the published reverse-engineered one of twixtools, not the vendor's, and has been seen on made
 * files only. A block that is something else, or does not hold what it tells, gives none: the images do not hang on it.
 *
 * @param packet what stands behind the block's measurement header
 */
export function physiologyOf(packet: Uint8Array): readonly KSpaceWaveform[] {
  if (packet.length < packetHead + blockHead) return [];
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  const name = new TextDecoder("latin1").decode(packet.subarray(4, 4 + nameBytes)).replace(/\0.*$/s, "");
  if (!name.startsWith("PMU")) return [];
  const learning = name.startsWith("PMULearnPhase") ? " (learning)" : "";
  const [stamp, duration] = [view.getUint32(packetHead + 4, true), view.getUint32(packetHead + 12, true)];
  const found: KSpaceWaveform[] = [];
  for (let at = packetHead + blockHead; at + 8 <= packet.length; ) {
    const signal = signals.get(view.getUint32(at, true));
    const period = view.getUint32(at + 4, true);
    const samples = period > 0 ? Math.floor(duration / period) : 0;
    if (signal === undefined || samples === 0 || at + 8 + 4 * samples > packet.length) break;
    const data = new Float64Array(2 * samples);
    for (let k = 0; k < samples; k++) {
      const place = at + 8 + 4 * k;
      data[valueChannel * samples + k] = view.getUint16(place, true);
      data[triggerChannel * samples + k] = view.getUint16(place + 2, true);
    }
    found.push({ name: `${signal}${learning}`, channels: 2, stamp, dwell: period * step, data, triggerChannel });
    at += 8 + 4 * samples;
  }
  return found;
}
