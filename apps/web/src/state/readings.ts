/** What every layer says at the two cursors. */
import { affineOf, invert, multiply } from "@quintet/core";
import type { SceneVolume } from "@quintet/view";
import { valueAt } from "@quintet/view";
import type { Session } from "../session.ts";
import { frameOf, stackOrder } from "./picture-of.ts";
import { unitOf } from "./view-state.ts";

export interface Reading {
  readonly volume: SceneVolume;
  readonly state: "value" | "outside" | "loading" | "failed" | "hidden";
  /** As shown (stored value times scale); the nearest voxel's number for labels. */
  readonly value: number;
  readonly unit: string;
  /** Name of the label there. */
  readonly label?: string;
  readonly frame: number;
  /** False when no frame was measured at the time cursor: the nearest is shown. */
  readonly inside: boolean;
  readonly failure?: string;
}

const inverses = new WeakMap<SceneVolume, Float64Array>();

function worldToVoxel(volume: SceneVolume, nudge: readonly number[] | undefined): Float64Array {
  if (nudge) return invert(multiply(affineOf(nudge), affineOf(volume.affine)));
  let inverse = inverses.get(volume);
  if (!inverse) {
    inverse = invert(affineOf(volume.affine));
    inverses.set(volume, inverse);
  }
  return inverse;
}

export function reading(session: Session, volume: SceneVolume): Reading {
  const state = session.store.get();
  const { index, inside } = frameOf(volume, state.time);
  const { unit, scale } = unitOf(volume, state.layers[volume.id]);
  const base = { volume, frame: index, inside, value: Number.NaN, unit };
  const failure = session.volumes.failure(volume.id);
  if (failure !== undefined) return { ...base, state: "failed", failure };
  const data = session.volumes.peek(volume.id, index);
  if (!data) return { ...base, state: state.layers[volume.id]?.visible ? "loading" : "hidden" };
  const nudge = volume.registration === undefined ? undefined : state.nudges[volume.registration];
  const labels = volume.role === "labels";
  const stored = valueAt(data, volume.shape, worldToVoxel(volume, nudge), state.position, labels);
  if (Number.isNaN(stored)) return { ...base, state: "outside" };
  if (!labels) return { ...base, state: "value", value: stored * scale };
  const label = volume.labels?.[stored];
  return { ...base, state: "value", value: stored, ...(label === undefined ? {} : { label }) };
}

export function readings(session: Session): readonly Reading[] {
  return stackOrder(session.scene).map((volume) => reading(session, volume));
}

/** Name of the region at the crosshair, from the first label volume that has one there. */
export function regionHere(session: Session): string | undefined {
  return readings(session).find(({ label, value }) => label !== undefined && value !== 0)?.label;
}

/** Four significant digits, without an exponent where a reader would not write one. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  const text =
    size >= 1e6 || size < 1e-3 ? value.toExponential(3) : size >= 1000 ? value.toFixed(0) : value.toPrecision(4);
  return text.replace("-", "−");
}

/** A unit as it is written for readers: "uV2" is µV², "1" is none. */
export function unitText(unit: string): string {
  if (unit === "1") return "";
  return unit
    .replace(/^u(?=[A-Z])/, "µ")
    .replace(
      /(?<=^|[^A-Za-z])(µV|V|mm|cm|m)([23])(?![0-9])/g,
      (_, base, power) => `${base}${power === "2" ? "²" : "³"}`,
    );
}
