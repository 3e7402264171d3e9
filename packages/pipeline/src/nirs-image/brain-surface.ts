/** The brain of a head of labels as a surface, and images on it. */
import { frameData, type LabelVolume, type Surface, type Volume } from "@quintet/core";
import { isosurface, sampleOnSurface, smoothGaussian, smoothSurface } from "@quintet/kernels";
import { opticalHead, opticalTissues } from "@quintet/modalities/fnirs";

/** mm inwards from the smoothed surface at which the cortex is looked for. */
const depths = [2, 0, -2, -4, -6, -8];

/** Half way through grey and white matter, smoothed over 2 mm: gyri, without the depths of the sulci. */
export function brainSurface(labels: LabelVolume): Surface {
  const head = opticalHead(labels, { spacing: 2 });
  const brain = ["grey", "white"].map((tissue) => 1 + opticalTissues.indexOf(tissue as "grey"));
  const mask = Float32Array.from(head.labels, (label) => (brain.includes(label) ? 1 : 0));
  return smoothSurface(isosurface(smoothGaussian(mask, head.grid.shape, [1, 1, 1]), head.grid, 0.5), 4);
}

/** The value of largest size within the cortex under each vertex; NaN where the image is 0. */
export function onBrain(volume: Volume, surface: Surface, scale: number): Float32Array {
  const known: Volume = { ...volume, data: Float32Array.from(frameData(volume, 0), (v) => scale * v) };
  const out = new Float32Array(surface.vertices.length / 3).fill(Number.NaN);
  for (const depth of depths) {
    const values = sampleOnSurface(known, surface, { interpolation: "nearest", depths: [depth] });
    for (let v = 0; v < out.length; v++) {
      const value = values[v] as number;
      if (value !== 0 && !(Math.abs(value) <= Math.abs(out[v] as number)) && Number.isFinite(value)) out[v] = value;
    }
  }
  return out;
}
