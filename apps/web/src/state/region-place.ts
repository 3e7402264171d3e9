/** Where a named region lies: the voxel of its label nearest to the label's centre of mass. */
import type { Point, Side } from "@quintet/core";
import { affineOf, apply } from "@quintet/core";
import type { SceneVolume } from "@quintet/view";
import type { Session } from "../session.ts";

const words = (text: string): string[] =>
  text
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean);

/** Label whose name is the region's words, with the side where the name holds one. */
export function labelOfRegion(
  labels: Readonly<Record<number, string>>,
  region: string,
  side?: Side,
): number | undefined {
  const wanted = words(region)
    .filter((w) => !["left", "right", "midline"].includes(w))
    .join(" ");
  for (const [number, name] of Object.entries(labels)) {
    const has = words(name);
    const own = has.filter((w) => !["left", "right", "l", "r", "lh", "rh"].includes(w)).join(" ");
    const left = has.some((w) => ["left", "l", "lh"].includes(w));
    const right = has.some((w) => ["right", "r", "rh"].includes(w));
    if (own !== wanted) continue;
    if ((side === "left" && right) || (side === "right" && left)) continue;
    return Number(number);
  }
  return undefined;
}

export function centreOfLabel(
  volume: SceneVolume,
  data: ArrayLike<number>,
  label: number,
  side?: Side,
): Point | undefined {
  const [nx, ny] = volume.shape;
  const affine = affineOf(volume.affine);
  const found: Point[] = [];
  const sum = [0, 0, 0];
  for (let i = 0; i < data.length; i++) {
    if (data[i] !== label) continue;
    const p = apply(affine, [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))]);
    if ((side === "left" && p[0] > 0) || (side === "right" && p[0] < 0)) continue;
    found.push(p);
    for (const [k, v] of p.entries()) sum[k] = (sum[k] as number) + v;
  }
  const mean = sum.map((v) => v / found.length) as unknown as Point;
  let best: Point | undefined;
  let nearest = Number.POSITIVE_INFINITY;
  for (const p of found) {
    const away = Math.hypot(p[0] - mean[0], p[1] - mean[1], p[2] - mean[2]);
    if (away < nearest) [nearest, best] = [away, p];
  }
  return best;
}

export async function placeOfRegion(session: Session, region: string, side?: Side): Promise<Point | undefined> {
  const finding = session.scene.findings.find((f) => f.region === region && f.position);
  for (const volume of session.scene.volumes) {
    if (!volume.labels) continue;
    const label = labelOfRegion(volume.labels, region, side);
    if (label === undefined) continue;
    const data = await session.volumes.load(volume, 0);
    const place = data && centreOfLabel(volume, data, label, side);
    if (place) return place;
  }
  return finding?.position;
}
