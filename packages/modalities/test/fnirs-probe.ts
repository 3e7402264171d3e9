/** A small probe and recordings on it, for tests of the fNIRS wing. */
import type { Channel, Montage, Recording } from "@quintet/core";

export const montage: Montage = {
  space: "subject:T1w",
  sensors: [
    { name: "S1", kind: "source", position: [-50, 0, 60] },
    { name: "D1", kind: "detector", position: [-50, 30, 60] },
    { name: "D9", kind: "detector", position: [-50, 8, 60] },
    { name: "S2", kind: "source", position: [50, 0, 60] },
    { name: "D2", kind: "detector", position: [50, 30, 60] },
  ],
};
export const light = (
  source: string,
  detector: string,
  wavelength: number,
  kind: "nirs-intensity" | "nirs-od",
): Channel => ({
  name: `${source}-${detector} ${wavelength}`,
  kind,
  unit: kind === "nirs-od" ? "{od}" : "{intensity}",
  sensors: [source, detector],
  wavelength,
});
export const recording = (channels: Channel[], rows: number[][], rate = 10): Recording => ({
  clock: "device:nirs",
  groups: [{ rate, channels, segments: [{ start: 0, data: Float64Array.from(rows.flat()) }] }],
});
export const od = (a: number[], b: number[]): Recording =>
  recording([light("S1", "D1", 760, "nirs-od"), light("S1", "D1", 850, "nirs-od")], [a, b]);
