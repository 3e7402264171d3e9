/**
 * One cut as an SVG picture in mm: images, contours, sensors, crosshair, side marks, coordinate, scale bar.
 * The side marks and the RAD/NEURO badge are always drawn.
 *
 * Pictures are stored once and used by reference; what must flip with the viewer's convention lies in `.px`.
 */
import type { Point } from "@quintet/core";
import type { Html } from "../report/html.ts";
import { html, trusted } from "../report/html.ts";
import type { SlicePlane } from "./plane.ts";
import { axisName, onPlane } from "./plane.ts";
import type { Picture } from "./png.ts";
import { pngUrl } from "./png.ts";

/** Pictures by key, embedded once each. */
export interface PictureStore {
  readonly add: (key: string, make: () => Picture) => string;
  /** The hidden SVG that holds them; goes before the first use. */
  readonly markup: () => Html;
}

export function pictureStore(): PictureStore {
  const held = new Map<string, Html>();
  return {
    add(key, make) {
      const id = `pic-${key}`;
      if (!held.has(id)) {
        held.set(
          id,
          html`<image id="${id}" width="1" height="1" preserveAspectRatio="none" href="${trusted(pngUrl(make()))}"/>`,
        );
      }
      return id;
    },
    markup: () =>
      html`<svg class="store" width="0" height="0" aria-hidden="true"><defs>${[...held.values()]}</defs></svg>`,
  };
}

export interface StackedPicture {
  readonly id: string;
  /** 0 ... 1. */
  readonly opacity?: number;
  /** Name of the CSS variable that the opacity slider sets. */
  readonly variable?: string;
}

export interface SliceMarker {
  readonly position: Point;
  /** One-sigma radius, mm: drawn as a dashed circle. */
  readonly radius?: number;
}

export interface SensorDot {
  readonly name: string;
  readonly position: Point;
  readonly fill: string;
}

export interface SliceFigureOptions {
  readonly pictures: readonly StackedPicture[];
  /** Paths in pixel coordinates. */
  readonly contours?: readonly {
    readonly path: string;
    readonly colour: string;
    readonly width?: number;
    readonly dashed?: boolean;
  }[];
  readonly crosshair?: Point;
  readonly marker?: SliceMarker;
  readonly sensors?: readonly SensorDot[];
  /** Says what is shown, for those who do not see it. */
  readonly label: string;
}

const sensorReach = 9; // mm before and behind the cut within which a sensor is drawn

export function sliceFigure(slice: SlicePlane, options: SliceFigureOptions): Html {
  const edge = slice.size * slice.pixel;
  const place = (p: Point): { x: number; y: number; distance: number } => {
    const { column, row, distance } = onPlane(slice, p);
    return { x: (column + 0.5) * slice.pixel, y: (row + 0.5) * slice.pixel, distance };
  };
  const images = options.pictures.map(({ id, opacity, variable }) => {
    const shown = opacity ?? 1;
    const style = variable ? html` style="opacity:var(--${variable},${shown})"` : html` opacity="${shown}"`;
    return html`<use href="#${id}" transform="scale(${fixed(edge)})"${style}/>`;
  });
  const contours = (options.contours ?? []).map(
    ({ path, colour, width = 0.9, dashed }) =>
      html`<path transform="scale(${slice.pixel}) translate(.5 .5)" d="${trusted(path)}" fill="none" stroke="${colour}" stroke-width="${width / slice.pixel}" ${dashed ? html`stroke-dasharray="3 2"` : ""}/>`,
  );
  const sensors = (options.sensors ?? []).flatMap(({ name, position, fill }) => {
    const { x, y, distance } = place(position);
    return Math.abs(distance) > sensorReach
      ? []
      : [
          html`<circle cx="${fixed(x)}" cy="${fixed(y)}" r="3.2" fill="${fill}" stroke="#fff" stroke-width=".8"><title>${name}</title></circle>`,
        ];
  });
  return html`<svg class="slice ${slice.plane}" viewBox="0 0 ${fixed(edge)} ${fixed(edge)}" role="img" aria-label="${options.label}">
<rect width="${fixed(edge)}" height="${fixed(edge)}" fill="#000"/>
<g class="px">${images}${contours}${sensors}${options.marker ? markerOf(options.marker) : ""}${options.crosshair ? crosshairOf(options.crosshair) : ""}</g>
${letters(slice, edge)}${scaleBar(edge)}</svg>`;

  function markerOf({ position, radius }: SliceMarker): Html {
    const { x, y, distance } = place(position);
    const r = radius ?? 6;
    return Math.abs(distance) > r
      ? html``
      : html`<circle cx="${fixed(x)}" cy="${fixed(y)}" r="${fixed(r)}" fill="none" stroke="#7fe7ff" stroke-width=".9" stroke-dasharray="2.4 1.8"/>`;
  }

  function crosshairOf(p: Point): Html {
    const { x, y } = place(p);
    const gap = 8;
    const d = `M0 ${fixed(y)}H${fixed(x - gap)}M${fixed(x + gap)} ${fixed(y)}H${fixed(edge)}M${fixed(x)} 0V${fixed(y - gap)}M${fixed(x)} ${fixed(y + gap)}V${fixed(edge)}`;
    return html`<path class="cross" d="${trusted(d)}" stroke="#7fe7ff" stroke-width=".45" stroke-opacity=".75" fill="none"/>`;
  }
}

function letters(slice: SlicePlane, edge: number): Html {
  const { left, right, top, bottom } = slice.marks;
  const middle = fixed(edge / 2);
  const text = (x: number | string, y: number | string, letter: string, anchor: string, kind: string): Html =>
    html`<text class="mark${kind}" x="${x}" y="${y}" text-anchor="${anchor}">${letter}</text>`;
  const flips = slice.plane !== "sagittal";
  const pair = (x: number | string, anchor: string, drawn: string, mirrored: string): Html =>
    flips
      ? html`${text(x, middle, drawn, anchor, " side drawn")}${text(x, middle, mirrored, anchor, " side mirrored")}`
      : text(x, middle, drawn, anchor, " side");
  const badge = !flips
    ? ""
    : html`<text class="badge drawn" x="${fixed(edge - 4)}" y="9.5" text-anchor="end">${slice.convention}</text><text class="badge mirrored" x="${fixed(edge - 4)}" y="9.5" text-anchor="end">${slice.convention === "RAD" ? "NEURO" : "RAD"}</text>`;
  return html`<g class="marks">${pair(4, "start", left, right)}${pair(fixed(edge - 4), "end", right, left)}${text(middle, 12, top, "middle", "")}${text(middle, fixed(edge - 4), bottom, "middle", "")}
<text class="at" x="4" y="9.5">${axisName[slice.plane]} ${signed(slice.at)} mm</text>${badge}</g>`;
}

function scaleBar(edge: number): Html {
  const y = fixed(edge - 7);
  return html`<g class="scale"><path d="M${fixed(edge - 54)} ${y}h50M${fixed(edge - 54)} ${fixed(edge - 8.5)}v3M${fixed(edge - 4)} ${fixed(edge - 8.5)}v3" stroke="#fff" stroke-width=".9" fill="none"/><text x="${fixed(edge - 29)}" y="${fixed(edge - 10)}" text-anchor="middle">50 mm</text></g>`;
}

function fixed(x: number): string {
  return String(Math.round(x * 100) / 100);
}

/** "+12", "−3", "0": with a true minus sign. */
export function signed(x: number, digits = 0): string {
  const text = Math.abs(x).toFixed(digits);
  return Number(text) === 0 ? text : `${x < 0 ? "\u2212" : "+"}${text}`;
}
