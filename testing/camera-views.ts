/** Twelve small views of a camera whose two heads stand opposite each other, in the photopeak and in a window below it. */
import type { SpectProjections } from "@quintet/core";

const views = 12;

export const photopeak: SpectProjections = {
  columns: 6,
  rows: 4,
  size: [3.3, 4],
  // from the front towards the patient's left
  angles: Float64Array.from({ length: views }, (_, v) => Math.PI / 2 + (Math.PI * v) / 6),
  radii: Float64Array.from({ length: views }, (_, v) => 120 + v),
  start: 0,
  duration: 90,
  viewTimes: Array.from({ length: views }, (_, v) => ({ start: (v % 6) * 15, duration: 15 })),
  window: { low: 126, high: 154 },
  data: Float32Array.from({ length: 24 * views }, (_, i) => (i * 37) % 500),
};

export const below: SpectProjections = {
  ...photopeak,
  window: { low: 120, high: 126 },
  data: photopeak.data.map((y) => y + 7),
};
