import type { LabelVolume } from "@quintet/core";
import type { Rgb } from "../colour/colour-map.ts";
import type { SlicePlane } from "./plane.ts";
import type { Picture } from "./png.ts";
import { sampleMask } from "./sample.ts";

/**
 * Labels on a cut as a palette picture: each pixel takes the label of its nearest voxel; labels without a colour and the
 * background are transparent.
 *
 * @param colours by label, 1 ... 255
 */
export function paintLabels(slice: SlicePlane, labels: LabelVolume, colours: ReadonlyMap<number, Rgb>): Picture {
  const known = new Uint8Array(labels.data.length).map((_, i) =>
    colours.has(labels.data[i] as number) ? (labels.data[i] as number) : 0,
  );
  const pixels = sampleMask(slice, { ...labels, data: known });
  const palette = Array.from({ length: 256 }, (_, label) => ({
    colour: colours.get(label) ?? ([0, 0, 0] as Rgb),
    alpha: colours.has(label) ? 255 : 0,
  }));
  return { width: slice.size, height: slice.size, channels: 1, pixels, palette };
}
