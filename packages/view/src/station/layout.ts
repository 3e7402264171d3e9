/** Where the windows of the workstation lie on its one canvas. */
import type { PlaneName } from "../slices/plane.ts";

export const layoutNames = ["quad", "row", "mosaic", "compare"] as const;
export type LayoutName = (typeof layoutNames)[number];

export interface Pane {
  /** Stable from frame to frame: "axial", "3d", "mosaic-4", "compare-pet-axial". */
  readonly id: string;
  readonly kind: PlaneName | "3d";
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Added to the cursor's coordinate along the normal, mm. */
  readonly offset: number;
  /** This layer alone over the anatomy. */
  readonly only?: string;
}

export interface LayoutOptions {
  readonly width: number;
  readonly height: number;
  /** Id of the pane that fills the canvas. */
  readonly maximised?: string | undefined;
  /** Layers of `compare`, one column each; the first six are shown. */
  readonly layers?: readonly string[];
  /** mm between the cuts of `mosaic`. */
  readonly step?: number;
}

const gap = 2;
const most = 6;

type Cell = Pick<Pane, "id" | "kind" | "offset"> & { readonly only?: string };

function grid(cells: readonly Cell[], columns: number, { width, height }: LayoutOptions): Pane[] {
  const rows = Math.ceil(cells.length / columns);
  const edge = (i: number, count: number, size: number): number => Math.round((i * (size + gap)) / count);
  return cells.map((cell, i) => {
    const [column, row] = [i % columns, Math.floor(i / columns)];
    const [x, y] = [edge(column, columns, width), edge(row, rows, height)];
    return {
      ...cell,
      x,
      y,
      width: Math.max(1, edge(column + 1, columns, width) - gap - x),
      height: Math.max(1, edge(row + 1, rows, height) - gap - y),
    };
  });
}

const plain = (kind: Cell["kind"]): Cell => ({ id: kind, kind, offset: 0 });

/**
 * - `quad`: axial, coronal; sagittal, 3D.
 * - `row`: the same four side by side.
 * - `mosaic`: twelve axial cuts, `step` mm apart, the sixth through the cursor.
 * - `compare`: a column per layer (alone over the anatomy), a row per plane.
 *
 * Panes do not overlap and leave 2 pixels between them.
 */
export function layoutPanes(layout: LayoutName, options: LayoutOptions): readonly Pane[] {
  const panes = arranged(layout, options);
  const one = panes.find(({ id }) => id === options.maximised);
  return one ? [{ ...one, x: 0, y: 0, width: options.width, height: options.height }] : panes;
}

function arranged(layout: LayoutName, options: LayoutOptions): Pane[] {
  const { layers = [], step = 8 } = options;
  if (layout === "row") return grid([plain("axial"), plain("coronal"), plain("sagittal"), plain("3d")], 4, options);
  if (layout === "mosaic") {
    const cells = Array.from(
      { length: 12 },
      (_, i): Cell => ({ id: `mosaic-${i}`, kind: "axial", offset: (i - 5) * step }),
    );
    return grid(cells, 4, options);
  }
  if (layout === "compare" && layers.length > 0) {
    const shown = layers.slice(0, most);
    const cells = (["axial", "coronal", "sagittal"] as const).flatMap((kind) =>
      shown.map((only): Cell => ({ id: `compare-${only}-${kind}`, kind, offset: 0, only })),
    );
    return grid(cells, shown.length, options);
  }
  return grid([plain("axial"), plain("coronal"), plain("sagittal"), plain("3d")], 2, options);
}

export function paneAt(panes: readonly Pane[], x: number, y: number): Pane | undefined {
  return panes.find((p) => x >= p.x && y >= p.y && x < p.x + p.width && y < p.y + p.height);
}
