/**
 * Electrode names of the 10-10 system laid onto the phantom's scalp by measuring arcs, as with a tape.
 *
 * Cz halves the arc Nz-Iz over the vertex; Fpz and Oz stand at 10 and 90 % of it, T7 and T8 at 10 and 90 % of the arc
 * LPA-Cz-RPA; the other rows are arcs through three known points.
 * @see Oostenveld & Praamstra, Clin Neurophysiol 2001;112:713-9 (from the literature, not re-checked)
 */
import type { Point } from "@quintet/core";
import type { PhantomHead } from "../head/phantom-head.ts";

type P3 = [number, number, number];
type Scalp = Pick<PhantomHead, "scalpAlong">;

/** Positions (world mm) of 10-10 names and of Nz, Iz, LPA, RPA. */
export function positions1010(head: Pick<PhantomHead, "scalpAlong" | "fiducials">): ReadonlyMap<string, P3> {
  const fiducial = (name: string): P3 => {
    const at = head.fiducials.sensors.find((s) => s.name === name)?.position ?? [0, 0, 0];
    return [...at];
  };
  const [nz, iz, lpa, rpa] = [fiducial("Nz"), fiducial("Iz"), fiducial("LPA"), fiducial("RPA")];
  const middle = mean(mean(nz, iz), mean(lpa, rpa));
  const up = direction(cross(minus(rpa, lpa), minus(nz, iz)));
  const top = head.scalpAlong(middle, up);
  const places = new Map<string, P3>([
    ["Nz", nz],
    ["Iz", iz],
    ["LPA", lpa],
    ["RPA", rpa],
  ]);
  const lay = (curve: readonly P3[], names: Readonly<Record<string, number>>): void => {
    for (const [name, share] of Object.entries(names)) if (!places.has(name)) places.set(name, along(curve, share));
  };
  const at = (name: string): P3 => places.get(name) ?? [0, 0, 0];
  lay(arc(head, nz, top, iz), {
    Fpz: 0.1,
    AFz: 0.2,
    Fz: 0.3,
    FCz: 0.4,
    Cz: 0.5,
    CPz: 0.6,
    Pz: 0.7,
    POz: 0.8,
    Oz: 0.9,
  });
  lay(arc(head, lpa, at("Cz"), rpa), { T7: 0.1, C5: 0.2, C3: 0.3, C1: 0.4, C2: 0.6, C4: 0.7, C6: 0.8, T8: 0.9 });
  lay(arc(head, at("Fpz"), at("T7"), at("Oz")), {
    Fp1: 0.1,
    AF7: 0.2,
    F7: 0.3,
    FT7: 0.4,
    TP7: 0.6,
    P7: 0.7,
    PO7: 0.8,
    O1: 0.9,
  });
  lay(arc(head, at("Fpz"), at("T8"), at("Oz")), {
    Fp2: 0.1,
    AF8: 0.2,
    F8: 0.3,
    FT8: 0.4,
    TP8: 0.6,
    P8: 0.7,
    PO8: 0.8,
    O2: 0.9,
  });
  const row = (left: string, centre: string, right: string, names: readonly string[]): void => {
    const curve = arc(head, at(left), at(centre), at(right));
    for (const [k, name] of names.entries()) {
      lay(curve, { [name]: (k < names.length / 2 ? k + 1 : k + 2) / (names.length + 2) });
    }
  };
  row("AF7", "AFz", "AF8", ["AF3", "AF4"]);
  row("F7", "Fz", "F8", ["F5", "F3", "F1", "F2", "F4", "F6"]);
  row("FT7", "FCz", "FT8", ["FC5", "FC3", "FC1", "FC2", "FC4", "FC6"]);
  row("TP7", "CPz", "TP8", ["CP5", "CP3", "CP1", "CP2", "CP4", "CP6"]);
  row("P7", "Pz", "P8", ["P5", "P3", "P1", "P2", "P4", "P6"]);
  row("PO7", "POz", "PO8", ["PO3", "PO4"]);
  return places;
}

/** Points on the scalp from a over b to c, in the plane of the three, dense enough to measure. */
function arc(head: Scalp, a: P3, b: P3, c: P3): readonly P3[] {
  const chord = mean(a, c);
  const centre = mix(chord, b, 0.12);
  const [u, w] = [direction(minus(a, centre)), minus(c, centre)];
  const normal = direction(cross(minus(a, chord), minus(b, chord)));
  const v = cross(normal, u);
  const angle = (p: P3): number => {
    const turn = Math.atan2(dot(p, v), dot(p, u));
    return turn < 0 ? turn + 2 * Math.PI : turn;
  };
  const end = angle(w);
  const steps = 72;
  return Array.from({ length: steps + 1 }, (_, k) => {
    const t = (end * k) / steps;
    return head.scalpAlong(centre, plus(scale(u, Math.cos(t)), scale(v, Math.sin(t))));
  });
}

/** The point at a share of the length of a polyline. */
function along(curve: readonly P3[], share: number): P3 {
  const lengths = curve.slice(1).map((p, k) => distance(p, curve[k] as P3));
  let left = share * lengths.reduce((sum, l) => sum + l, 0);
  for (const [k, length] of lengths.entries()) {
    if (left <= length) return mix(curve[k] as P3, curve[k + 1] as P3, left / length);
    left -= length;
  }
  return curve.at(-1) as P3;
}

export function distance(a: Point, b: Point): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}
export function minus(a: Point, b: Point): P3 {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}
export function plus(a: Point, b: Point): P3 {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}
export function scale(a: Point, s: number): P3 {
  return [a[0] * s, a[1] * s, a[2] * s];
}
export function mix(a: Point, b: Point, share: number): P3 {
  return plus(scale(a, 1 - share), scale(b, share));
}
export function mean(a: Point, b: Point): P3 {
  return mix(a, b, 0.5);
}
export function dot(a: Point, b: Point): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
export function cross(a: Point, b: Point): P3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}
export function direction(a: Point): P3 {
  return scale(a, 1 / Math.max(1e-12, Math.hypot(a[0], a[1], a[2])));
}
