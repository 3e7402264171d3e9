/** Three cuts of an image as it was reconstructed, before it is placed on any anatomy: PET and SPECT alike. */
import type { Volume } from "@quintet/core";
import { colourBar } from "../colour/colour-bar.ts";
import { fieldOfView, quantiles } from "../slices/field-of-view.ts";
import { paintLayer } from "../slices/paint.ts";
import { axisName, slicePlane } from "../slices/plane.ts";
import { sampleSlice } from "../slices/sample.ts";
import { pictureStore, sliceFigure } from "../slices/slice-figure.ts";
import { displayUnit } from "./display-unit.ts";
import type { Html } from "./html.ts";
import { html, slug } from "./html.ts";
import type { ImageLayer } from "./model.ts";
import { planeNames } from "./scene.ts";
import { pointText } from "./words.ts";

export interface ReconCuts {
  /** The file's name: two images on one page have different ones. */
  readonly source: string;
  readonly modality: "pet" | "spect";
  /** Of the numbers, where the image's own says nothing: "counts per mm of line". */
  readonly unit?: string;
  /** What is shown: the one frame, the mean of several. */
  readonly note: string;
}

/** Pixels along an edge at most; finer than half a voxel nothing is to be seen. */
const most = 320;
/** One noisy voxel at the edge of the field does not darken the head. */
const top = 0.998;

/** Axial, coronal and sagittal through the middle of what is seen, in the radiological view. */
export function reconCuts(image: Volume, { source, modality, unit, note }: ReconCuts): Html {
  const steps = [0, 1, 2].map((k) => Math.hypot(...[0, 4, 8].map((row) => image.affine[row + k] as number)));
  const inner = withoutRim(image, steps);
  const view = fieldOfView(inner);
  const pixel = Math.max(Math.min(...steps) / 2, view.side / most);
  const slices = planeNames.map((plane) => slicePlane(plane, view.centre, view, { pixel, convention: "RAD" }));
  const values = slices.map((slice) => sampleSlice(slice, image));
  const shown = unit === undefined ? displayUnit(image.unit) : { unit, scale: 1 };
  const inside = slices.flatMap((slice) => [...sampleSlice(slice, inner).filter((v) => v > 0)]);
  const [high = 0] = quantiles(inside, [top]);
  const layer: ImageLayer = {
    kind: "image",
    id: slug(`${modality} ${source}`),
    modality,
    name: source,
    unit: shown.unit,
    scale: shown.scale,
    volume: image,
    range: [0, high > 0 ? shown.scale * high : 1],
    colourMap: "hot-iron",
    note,
  };
  const store = pictureStore();
  const figures = slices.map((slice, k) => {
    const id = store.add(`${layer.id}-${slice.plane}`, () => paintLayer(values[k] as Float32Array, slice.size, layer));
    const label = `${source}, ${slice.plane} plane at ${axisName[slice.plane]} = ${slice.at.toFixed(0)} mm`;
    return html`<figure>${sliceFigure(slice, { pictures: [{ id }], label })}</figure>`;
  });
  return html`${store.markup()}<div class="panel"><div class="fusedrow"><div class="about">${colourBar(layer)}<p class="unit">${layer.unit}</p><p>${note} The brightest colour is the ${100 * top} % point of the cuts (without the field’s rim) and all above it.</p></div><div class="planes three">${figures}</div></div></div>
<p class="muted">Through ${pointText(view.centre)} of the scanner’s own coordinates, the middle of what is seen; not yet placed on the anatomy. L is the patient’s left.</p>`;
}

/**
 * The first frame without what lies outside the circle of the field: a few lines cross there, and single voxels of it can stand far
 * above all the rest.
 */
function withoutRim(
  { shape: [nx, ny, nz], data, frames, ...about }: Volume,
  [sx = 1, sy = 1]: readonly number[],
): Volume {
  const reach = 0.95 * Math.min((nx * sx) / 2, (ny * sy) / 2);
  const kept = data.slice(0, nx * ny * nz);
  for (let y = 0; y < ny; y++) {
    for (let x = 0; x < nx; x++) {
      if (Math.hypot((x - (nx - 1) / 2) * sx, (y - (ny - 1) / 2) * sy) <= reach) continue;
      for (let z = 0; z < nz; z++) kept[(z * ny + y) * nx + x] = 0;
    }
  }
  return { ...about, shape: [nx, ny, nz], data: kept, frames: frames.slice(0, 1) };
}
