/** Curves of regions from a dynamic image, and the time that it spans. */
import { type LabelVolume, type Tac, type Tacs, type Volume, voxelCount } from "@quintet/core";

/** As few as these hold no curve. Chosen here. */
export const fewestFrames = 8;

/** Mean curve of every region of enough voxels. */
export function regionalCurves(pet: Volume, regions: LabelVolume, fewest = 10): Tacs {
  const n = voxelCount(pet);
  const labels = [...regions.names.keys()].sort((a, b) => a - b);
  const place = new Map(labels.map((label, i) => [label, i]));
  const counts = new Float64Array(labels.length);
  const sums = labels.map(() => new Float64Array(pet.frames.length));
  for (let v = 0; v < n; v++) {
    const i = place.get(regions.data[v] as number);
    if (i === undefined) continue;
    counts[i] = (counts[i] as number) + 1;
    const sum = sums[i] as Float64Array;
    for (let t = 0; t < sum.length; t++) sum[t] = (sum[t] as number) + (pet.data[t * n + v] as number);
  }
  const found = labels.flatMap((label, i): Tac[] => {
    const count = counts[i] as number;
    if (count < fewest || count === 0) return [];
    const values = (sums[i] as Float64Array).map((sum) => sum / count);
    return [{ name: regions.names.get(label) ?? `label ${label}`, values, volume: count }];
  });
  return { clock: pet.clock, unit: pet.unit, frames: pet.frames, regions: found };
}

/** From the start of the first frame to the end of the last. */
export function spanOf({ frames }: Volume): Volume["frames"][number] {
  const [first, last] = [frames[0], frames[frames.length - 1]];
  const start = first?.start ?? 0;
  return { start, duration: (last?.start ?? 0) + (last?.duration ?? 0) - start };
}
