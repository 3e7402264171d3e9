/** What all image sections share: the field of view, the planes through the crosshair, and pictures drawn once. */
import type { Point } from "@quintet/core";
import { colourAt, cssColour } from "../colour/colour-map.ts";
import { fieldOfView, maskCentre, quantiles } from "../slices/field-of-view.ts";
import { paintGray, paintLayer, paintSensors } from "../slices/paint.ts";
import type { FieldOfView, PlaneName, SideConvention, SlicePlane } from "../slices/plane.ts";
import { slicePlane } from "../slices/plane.ts";
import { sampleMask, sampleSlice } from "../slices/sample.ts";
import type { PictureStore, SensorDot, SliceMarker } from "../slices/slice-figure.ts";
import { pictureStore } from "../slices/slice-figure.ts";
import type { Html } from "./html.ts";
import { html, slug } from "./html.ts";
import type { Anatomy, Layer, ReportModel } from "./model.ts";

export const planeNames = ["axial", "coronal", "sagittal"] as const;

export interface Scene {
  readonly anatomy: Anatomy;
  /** What the gray image is called. */
  readonly base: string;
  readonly view: FieldOfView;
  readonly convention: SideConvention;
  /** Pixel edge of the main pictures, mm. */
  readonly pixel: number;
  readonly crosshair: Point;
  readonly crosshairLabel: string;
  readonly centre: Point;
  readonly store: PictureStore;
  /** A cut through `through`; `pixel` in mm. */
  readonly cut: (plane: PlaneName, through: Point, pixel: number) => SlicePlane;
  /** Ids of the pictures of a cut, drawn on first use. */
  readonly anatomyPicture: (slice: SlicePlane) => string;
  readonly layerPicture: (slice: SlicePlane, layer: Layer) => string;
}

/** Which way the pictures face, in words that turn with them. */
export function conventionWords({ convention }: Scene): Html {
  const words = {
    RAD: "Radiological view: the patient’s left, marked L, is at the viewer’s right.",
    NEURO: "Neurological view: the patient’s left, marked L, is at the viewer’s left.",
  } as const;
  const other = convention === "RAD" ? "NEURO" : "RAD";
  return html`<strong class="drawn">${words[convention]}</strong><strong class="mirrored">${words[other]}</strong> Sagittal: nose to the left.`;
}

/** The finding's place as a circle, for `sliceFigure`. */
export function findingMarker({ findings }: Pick<ReportModel, "findings">): { readonly marker?: SliceMarker } {
  const best = findings.find((f) => f.position);
  if (!best?.position) return {};
  return {
    marker: { position: best.position, ...(best.positionError === undefined ? {} : { radius: best.positionError }) },
  };
}

/** Every third voxel of the mask: enough for percentiles. */
function insideOf(values: Float32Array, mask: Uint8Array): Float32Array {
  const some = new Float32Array(Math.ceil(values.length / 3));
  let n = 0;
  for (let i = 0; i < values.length; i += 3) if (mask[i]) some[n++] = values[i] as number;
  return some.subarray(0, n);
}

/** Black at the 1st percentile, white 15 % above the 99.5th: of the brain where it is known, else of what is not air. */
function grayRange({ t1, brain }: Anatomy): readonly [number, number] {
  const n = t1.shape[0] * t1.shape[1] * t1.shape[2];
  const head = t1.data.subarray(0, n);
  const known = brain !== undefined && brain.data.length === n;
  const [top = 1] = quantiles(head, [0.98]);
  const values = known ? insideOf(head, brain.data) : head;
  const [low = 0, high = 1] = quantiles(values, [0.01, 0.995], known ? undefined : 0.1 * top);
  return [Math.min(low, 0.1 * high), high > low ? 1.15 * high : low + 1];
}

export function sceneOf(
  model: Pick<ReportModel, "findings" | "crosshair">,
  anatomy: Anatomy,
  convention: SideConvention,
  pixel: number,
): Scene {
  const { t1, brain } = anatomy;
  const view = fieldOfView(t1, brain);
  const range = anatomy.range ?? grayRange(anatomy);
  const centre = (brain && maskCentre(brain)) ?? view.centre;
  const store = pictureStore();
  const best = model.findings.find((f) => f.position);
  const crosshair = model.crosshair?.position ?? best?.position ?? centre;
  const label = model.crosshair?.label;
  const crosshairLabel = (label && midSentence(label)) ?? (best ? "the first finding" : "the middle of the brain");
  const key = (slice: SlicePlane): string =>
    slug(`${slice.plane} ${slice.at < 0 ? "m" : "p"}${Math.abs(slice.at).toFixed(1)} ${slice.size}`);
  const masks = new Map<string, Uint8Array>();
  const inside = (slice: SlicePlane): Uint8Array | undefined => {
    if (!brain) return undefined;
    let mask = masks.get(key(slice));
    if (!mask) {
      mask = sampleMask(slice, brain);
      masks.set(key(slice), mask);
    }
    return mask;
  };
  return {
    anatomy,
    base: anatomy.name ?? "T1",
    view,
    convention,
    pixel,
    crosshair,
    crosshairLabel,
    centre,
    store,
    cut: (plane, through, pixel) => slicePlane(plane, through, view, { pixel, convention }),
    anatomyPicture: (slice) =>
      store.add(`t1-${key(slice)}`, () => paintGray(sampleSlice(slice, t1), slice.size, range)),
    layerPicture: (slice, layer) =>
      store.add(`${slug(layer.id)}-${key(slice)}`, () =>
        layer.kind === "image"
          ? paintLayer(
              sampleSlice(slice, layer.volume, layer.toAnatomy, layer.frame ?? 0),
              slice.size,
              layer,
              layer.insideBrain ? inside(slice) : undefined,
            )
          : paintSensors(slice, layer, inside(slice)),
      ),
  };
}

/** "The named finding" -> "the named finding"; "T7" stays. */
function midSentence(label: string): string {
  return /^[A-Z][a-z ]/.test(label) ? label.charAt(0).toLowerCase() + label.slice(1) : label;
}

/** The sensors of a layer as dots in its colours; bad ones are hollow gray. */
export function sensorDots(layer: Layer): SensorDot[] {
  if (layer.kind !== "sensors") return [];
  const [low, high] = layer.range;
  return layer.points.map(({ name, position, value }) => ({
    name:
      value === undefined
        ? `${name} (no value)`
        : `${name}: ${(value * (layer.scale ?? 1)).toPrecision(3)} ${layer.unit}`,
    position,
    fill:
      value === undefined
        ? "#555"
        : cssColour(colourAt(layer.colourMap, (value * (layer.scale ?? 1) - low) / (high - low))),
  }));
}

/** Opacity at the start in the stack: maps with a threshold are on; without any, the first layer is. */
export function startOpacity(layer: Layer, layers: readonly Layer[]): number {
  const thresholded = layers.some((l) => l.threshold !== undefined && l.kind === "image");
  const on = thresholded ? layer.threshold !== undefined && layer.kind === "image" : layer === layers[0];
  return on ? (layer.opacity ?? 0.8) : 0;
}

export function layerVariable(layer: Layer): string {
  return `o-${slug(layer.id)}`;
}
