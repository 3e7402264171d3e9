/**
 * Colour maps of medical images, as published.
 *
 * - `gray`, `gray-inverted`: linear in display value.
 * - `hot-iron`: DICOM PS3.6 Annex B.1.1, the well-known palette: red 2i, green 2(i-128), blue 4(i-191), last entry white.
 * - `cividis`: colour-blind safe, Nuñez et al. 2018.
 * - `inferno`: colour-blind safe and never gray, for paint on gray anatomy; van der Walt and Smith 2015.
 * - `cool-warm`: for signed maps about zero, Moreland 2009.
 */
import { cividis } from "./cividis.ts";
import { coolWarm } from "./cool-warm.ts";
import { inferno } from "./inferno.ts";

export const colourMapNames = ["gray", "gray-inverted", "hot-iron", "cividis", "inferno", "cool-warm"] as const;
export type ColourMapName = (typeof colourMapNames)[number];
export type Rgb = readonly [red: number, green: number, blue: number];

const byte = (x: number): number => Math.min(255, Math.max(0, x));

const hexEntry = (table: string, i: number): Rgb =>
  [0, 2, 4].map((k) => Number.parseInt(table.slice(6 * i + k, 6 * i + k + 2), 16)) as unknown as Rgb;

const entry: Record<ColourMapName, (i: number) => Rgb> = {
  gray: (i) => [i, i, i],
  "gray-inverted": (i) => [255 - i, 255 - i, 255 - i],
  "hot-iron": (i) => (i === 255 ? [255, 255, 255] : [byte(2 * i), byte(2 * (i - 128)), byte(4 * (i - 191))]),
  cividis: (i) => hexEntry(cividis, i),
  inferno: (i) => hexEntry(inferno, i),
  "cool-warm": (i) => coolWarm(i / 255),
};

const tables = new Map<ColourMapName, readonly Rgb[]>();

/** The map's 256 colours, lowest first. */
export function colourTable(name: ColourMapName): readonly Rgb[] {
  let table = tables.get(name);
  if (!table) {
    table = Array.from({ length: 256 }, (_, i) => entry[name](i));
    tables.set(name, table);
  }
  return table;
}

/** Colour at `t` in 0 ... 1; beyond the ends the end colour. NaN takes the lowest. */
export function colourAt(name: ColourMapName, t: number): Rgb {
  const i = t > 0 ? Math.min(255, Math.round(t * 255)) : 0;
  return colourTable(name)[i] as Rgb;
}

export function cssColour([r, g, b]: Rgb): string {
  return `#${[r, g, b].map((c) => c.toString(16).padStart(2, "0")).join("")}`;
}
