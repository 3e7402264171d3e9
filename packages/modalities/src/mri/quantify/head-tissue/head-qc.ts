import { type Mask, type QcFinding, spacing, type Volume, voxelVolume } from "@quintet/core";
import { headTissues } from "./head-tissues.ts";
import type { SkullShell } from "./skull-shell.ts";

export interface HeadQcInput {
  /** `headTissues`. */
  readonly labels: Uint8Array;
  readonly head: Mask;
  readonly brain: Mask;
  /** Absent for an image of the brain alone. */
  readonly shell: SkullShell | undefined;
}

/**
 * What is wrong with a head as the image shows it: cut off at the top, slices missing, no skull, a skull that is seen
 * badly, or a brain unlike itself left and right. Limits are judgements, chosen on the made head and on Colin27.
 */
export function headQc(t1: Volume, { labels, head, brain, shell }: HeadQcInput): QcFinding[] {
  const row = (name: string, value: number, unit: string, verdict: QcFinding["verdict"], note: string): QcFinding => ({
    modality: "mri",
    name,
    value,
    unit,
    verdict,
    note,
  });
  const empty = emptySlices(t1);
  const out = [
    row(
      "empty-slices",
      empty,
      "{count}",
      empty > 0 ? "bad" : "ok",
      "slices without contrast between others: missing or filled up",
    ),
  ];
  if (!shell) {
    out.push(row("skull-seen", 0, "%", "warn", "the image holds the brain alone: no skull, no scalp"));
    return out;
  }
  const cut = topCut(head, brain);
  out.push(
    row("head-cut-at-top", cut, "cm2", cut > 5 ? "bad" : "ok", "area of head at image faces above or beside the brain"),
  );
  const seen = 100 * shell.seen;
  out.push(
    row(
      "skull-seen",
      seen,
      "%",
      seen < 50 ? "bad" : seen < 70 ? "warn" : "ok",
      "share of the skull's outer edge that the image shows; else its neighbours' edge",
    ),
  );
  const { skull, scalp } = shell.thickness;
  const odd = skull < 3 || skull > 12;
  out.push(row("skull-thickness", skull, "mm", odd ? "warn" : "ok", "median; 3 to 12 mm expected"));
  out.push(row("scalp-thickness", scalp, "mm", scalp < 2 || scalp > 20 ? "warn" : "ok", "median; 2 to 20 mm expected"));
  const [left, right] = whiteBySide(t1, labels);
  const ai = (200 * (left - right)) / Math.max(1, left + right);
  out.push(
    row(
      "white-asymmetry",
      ai,
      "%",
      Math.abs(ai) > 12 ? "warn" : "ok",
      "white matter left of the brain's middle against right: a lesion, a shift or a wrong label",
    ),
  );
  return out;
}

/** A slice with fewer voxels than this above its least value holds no head: a few stray ones beyond the image's edge. */
const leastHead = 0.005;

/** Slices along any axis whose voxels all have one value, between slices that hold some of the head. */
function emptySlices({ data, shape }: Volume): number {
  const low = shape.map((n) => new Float64Array(n).fill(Number.POSITIVE_INFINITY)) as unknown as Triple<Float64Array>;
  const above = shape.map((n) => new Uint32Array(n)) as unknown as Triple<Uint32Array>;
  eachVoxel(shape, (x, y, z, i) => {
    const value = data[i] as number;
    if (value < (low[0][x] as number)) low[0][x] = value;
    if (value < (low[1][y] as number)) low[1][y] = value;
    if (value < (low[2][z] as number)) low[2][z] = value;
  });
  eachVoxel(shape, (x, y, z, i) => {
    const value = data[i] as number;
    if (value > (low[0][x] as number)) above[0][x] = (above[0][x] as number) + 1;
    if (value > (low[1][y] as number)) above[1][y] = (above[1][y] as number) + 1;
    if (value > (low[2][z] as number)) above[2][z] = (above[2][z] as number) + 1;
  });
  let found = 0;
  for (const counts of above) {
    const held = Array.from(counts, (count) => count > (leastHead * data.length) / counts.length);
    for (let k = held.indexOf(true); k >= 0 && k < held.lastIndexOf(true); k++) if (counts[k] === 0) found++;
  }
  return found;
}

type Triple<T> = readonly [T, T, T];

function eachVoxel([nx, ny, nz]: Volume["shape"], visit: (x: number, y: number, z: number, i: number) => void): void {
  for (let z = 0, i = 0; z < nz; z++) for (let y = 0; y < ny; y++) for (let x = 0; x < nx; x++, i++) visit(x, y, z, i);
}

/** Head on the image's faces at heights (world z) of the brain's upper half, cm2. */
function topCut(head: Mask, brain: Mask): number {
  const [nx, ny, nz] = head.shape;
  const a = head.affine;
  const edges = spacing(head);
  const height = (x: number, y: number, z: number): number =>
    (a[8] as number) * x + (a[9] as number) * y + (a[10] as number) * z + (a[11] as number);
  let [sum, n] = [0, 0];
  for (let z = 0, i = 0; z < nz; z++)
    for (let y = 0; y < ny; y++)
      for (let x = 0; x < nx; x++, i++)
        if (brain.data[i] !== 0) {
          sum += height(x, y, z);
          n++;
        }
  const middle = sum / Math.max(1, n);
  let area = 0;
  for (let z = 0, i = 0; z < nz; z++)
    for (let y = 0; y < ny; y++)
      for (let x = 0; x < nx; x++, i++) {
        if (head.data[i] === 0 || height(x, y, z) < middle + 10) continue;
        if (x === 0 || x === nx - 1) area += edges[1] * edges[2];
        else if (y === 0 || y === ny - 1) area += edges[0] * edges[2];
        else if (z === 0 || z === nz - 1) area += edges[0] * edges[1];
      }
  return area / 100;
}

/** mL of white matter on either side of the brain's own middle along world x. */
function whiteBySide(grid: Volume, labels: Uint8Array): [left: number, right: number] {
  const [nx, ny] = grid.shape;
  const a = grid.affine;
  const x = (i: number): number =>
    (a[0] as number) * (i % nx) +
    (a[1] as number) * (Math.floor(i / nx) % ny) +
    (a[2] as number) * Math.floor(i / (nx * ny));
  let [sum, n] = [0, 0];
  for (let i = 0; i < labels.length; i++)
    if ((labels[i] as number) >= headTissues.csf) {
      sum += x(i);
      n++;
    }
  const middle = sum / Math.max(1, n);
  const counts: [number, number] = [0, 0];
  for (let i = 0; i < labels.length; i++) if (labels[i] === headTissues.white) counts[x(i) < middle ? 0 : 1]++;
  const v = voxelVolume(grid);
  return [counts[0] * v, counts[1] * v];
}
