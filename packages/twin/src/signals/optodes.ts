/**
 * Optodes over both hand areas: per side two rows of four about 30 mm apart, sources and detectors like a chessboard, round C3
 * and C4, and two short detectors 8 mm from a source.
 */
import type { Montage, Point, Sensor } from "@quintet/core";
import type { PhantomHead } from "../head/phantom-head.ts";
import { cross, direction, distance, minus, plus, positions1010, scale } from "./positions.ts";

/** mm, measured along the scalp. */
const pitch = 30;

export interface OpticalPairing {
  readonly source: string;
  readonly detector: string;
  readonly short: boolean;
}

export interface OptodeLayout {
  /** Sources, detectors and the fiducials Nz, LPA, RPA in the head grid's world. */
  readonly montage: Montage;
  readonly pairs: readonly OpticalPairing[];
  /** The 10-10 positions, mm. */
  readonly places: ReadonlyMap<string, [number, number, number]>;
}

export function optodeLayout(head: PhantomHead): OptodeLayout {
  const places = positions1010(head);
  const at = (name: string): [number, number, number] => places.get(name) ?? [0, 0, 0];
  const middle: Point = scale(plus(plus(at("T7"), at("T8")), scale(at("Cz"), 0.5)), 0.4);
  const sensors: Sensor[] = ["Nz", "LPA", "RPA"].map((name) => ({ name, kind: "fiducial", position: at(name) }));
  const pairs: OpticalPairing[] = [];
  let [sources, detectors] = [0, 0];
  for (const [left, centre] of [
    [true, at("C3")],
    [false, at("C4")],
  ] as const) {
    const outward = direction(minus(centre, middle));
    const forward = direction(cross(cross(outward, minus(at("Fz"), at("Pz"))), outward));
    const down = cross(forward, outward);
    const lateral = scale(down, down[2] > 0 ? -1 : 1);
    const place = (column: number, row: number): [number, number, number] => {
      const along = walk(head, middle, centre, forward, pitch * (column - 1.5));
      return walk(head, middle, along, lateral, pitch * (row - 0.5));
    };
    const names = [0, 1].map((row) =>
      [0, 1, 2, 3].map((column) => {
        const isSource = (row + column) % 2 === 0;
        const name = isSource ? `S${++sources}` : `D${++detectors}`;
        sensors.push({ name, kind: isSource ? "source" : "detector", position: place(column, row) });
        return name;
      }),
    ) as [string[], string[]];
    const join = (a: string, b: string): void => {
      const [source, detector] = a.startsWith("S") ? [a, b] : [b, a];
      pairs.push({ source, detector, short: false });
    };
    for (const row of names) for (let c = 0; c < 3; c++) join(row[c] as string, row[c + 1] as string);
    for (let c = 0; c < 4; c++) join(names[0][c] as string, names[1][c] as string);
    for (const [source, column, row] of [
      [names[0][0] as string, 0, 0],
      [names[1][3] as string, 3, 1],
    ] as const) {
      const name = `D${++detectors}`;
      const from = place(column, row);
      const aim = plus(from, scale(forward, left === (row === 0) ? 8 : -8));
      let position = head.scalpAlong(middle, minus(aim, middle));
      const off = distance(position, from);
      position = head.scalpAlong(middle, minus(plus(from, scale(minus(position, from), 8 / off)), middle));
      sensors.push({ name, kind: "detector", position });
      pairs.push({ source, detector: name, short: true });
    }
  }
  return { montage: { space: head.grid.space, sensors }, pairs, places };
}

/** The point of the scalp `length` mm from `from` along `heading` (backwards when negative), as a tape would lie. */
function walk(head: PhantomHead, middle: Point, from: Point, heading: Point, length: number): [number, number, number] {
  const steps = 4;
  const step = length / steps;
  let at: [number, number, number] = [...from];
  for (let k = 0; k < steps; k++) {
    const ahead = head.scalpAlong(middle, minus(plus(at, scale(heading, step)), middle));
    const fit = Math.abs(step) / distance(ahead, at);
    at = head.scalpAlong(middle, minus(plus(at, scale(minus(ahead, at), fit)), middle));
  }
  return at;
}
