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
  const view = fieldOfView(image);
  const pixel = Math.max(Math.min(...steps) / 2, view.side / most);
  const slices = planeNames.map((plane) => slicePlane(plane, view.centre, view, { pixel, convention: "RAD" }));
  const values = slices.map((slice) => sampleSlice(slice, image));
  const shown = unit === undefined ? displayUnit(image.unit) : { unit, scale: 1 };
  const [high = 0] = quantiles(Float32Array.from(values.flatMap((cut) => [...cut.filter((v) => v > 0)])), [top]);
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
  return html`${store.markup()}<div class="panel"><div class="fusedrow"><div class="about">${colourBar(layer)}<p class="unit">${layer.unit}</p><p>${note} The brightest colour is the ${100 * top} % point of the cuts and all above it.</p></div><div class="planes three">${figures}</div></div></div>
<p class="muted">Through ${pointText(view.centre)} of the scanner’s own coordinates, the middle of what is seen; not yet placed on the anatomy. L is the patient’s left.</p>`;
}
