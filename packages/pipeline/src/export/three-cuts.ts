/** A result at a glance: axial, coronal and sagittal cut side by side, as colour pixels. */
import { apply, type Point, type Volume } from "@quintet/core";
import { colourTable, sampleSlice, slicePlane } from "@quintet/view";

export interface ColourPicture {
  readonly width: number;
  readonly height: number;
  /** RGB, row by row. */
  readonly pixels: Uint8Array;
}

const edge = 256;

/**
 * Cuts through the grid's middle, radiological (the patient's left at the viewer's right, marked L), colours inferno from 0 to
 * the greatest value.
 *
 * @param frame time frame shown
 */
export function threeCuts(volume: Volume, frame = 0): ColourPicture {
  const [nx, ny, nz] = volume.shape;
  const centre = apply(volume.affine, [(nx - 1) / 2, (ny - 1) / 2, (nz - 1) / 2]);
  const corner = apply(volume.affine, [nx, ny, nz]);
  const zero = apply(volume.affine, [0, 0, 0]);
  const side = Math.max(...corner.map((value, axis) => Math.abs(value - (zero[axis] as number))));
  const planes = (["axial", "coronal", "sagittal"] as const).map((plane) => {
    const slice = slicePlane(plane, centre as Point, { centre, side }, { pixel: side / edge });
    return sampleSlice(slice, volume, undefined, frame);
  });
  const most = planes.reduce((top, cut) => cut.reduce((a, b) => (b > a ? b : a), top), 0);
  const colours = colourTable("inferno");
  const width = planes.length * edge;
  const pixels = new Uint8Array(3 * width * edge);
  for (const [k, cut] of planes.entries()) {
    for (let i = 0; i < cut.length; i++) {
      const value = cut[i] as number;
      const level = most > 0 && value > 0 ? Math.min(255, Math.round((255 * value) / most)) : 0;
      pixels.set(
        Number.isNaN(value) ? [0, 0, 0] : (colours[level] as readonly number[]),
        3 * (Math.floor(i / edge) * width + k * edge + (i % edge)),
      );
    }
    if (k < 2) markLeft(pixels, width, k);
  }
  return { width, height: edge, pixels };
}

/** An L of light bars at the viewer's right. */
function markLeft(pixels: Uint8Array, width: number, cut: number): void {
  const [x, y] = [cut * edge + edge - 20, edge / 2 - 8];
  const bar = (left: number, top: number, w: number, h: number): void => {
    for (let row = top; row < top + h; row++)
      for (let column = left; column < left + w; column++) pixels.set([255, 255, 255], 3 * (row * width + column));
  };
  bar(x, y, 3, 16);
  bar(x, y + 13, 10, 3);
}
