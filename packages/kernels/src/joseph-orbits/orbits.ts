import type { ImageGrid, LineStack } from "../joseph/lines.ts";

/** How far turned rays may be off, mm; it enters the result as an error of this share of a voxel. */
const tolerance = 1e-9;

/** Four lanes: the base ray turned by 0, 90, 180 and 270 degrees. */
export interface Lanes {
  /** Numbers of the stack's rays, -1 where it has none. */
  readonly rays: readonly number[];
  /** Bit l: the ray of lane l runs against the turned base ray. */
  readonly against: number;
}

/** A base ray whose steps run along x, and its mirror image in the x axis: both meet the image's planes at the same steps. */
export interface Orbit {
  readonly base: readonly [xa: number, ya: number, xb: number, yb: number];
  readonly sides: readonly [Lanes, Lanes];
}

type Ray = Orbit["base"];

const turn = ([xa, ya, xb, yb]: Ray): Ray => [-ya, xa, -yb, xb];
const swap = ([xa, ya, xb, yb]: Ray): Ray => [xb, yb, xa, ya];
const mirror = ([xa, ya, xb, yb]: Ray): Ray => [xa, -ya, xb, -yb];

/** Every ray of the stack in one orbit, once; undefined where the image is not its own after a quarter turn, or rays occur twice. */
export function rayOrbits({ rays }: LineStack, { shape, size, origin }: ImageGrid): readonly Orbit[] | undefined {
  const centred = [0, 1].every((k) => Math.abs(origin[k] + ((shape[k] - 1) / 2) * size[k]) < tolerance);
  if (!centred || shape[0] !== shape[1] || Math.abs(size[0] - size[1]) > tolerance) return undefined;
  const count = rays.length / 4;
  const ray = (i: number): Ray => [rays[4 * i], rays[4 * i + 1], rays[4 * i + 2], rays[4 * i + 3]];
  const name = (ends: Ray): string => ends.map((x) => Math.round(x * 1e5) + 0).join(" ");
  const known = new Map<string, number>();
  for (let i = count - 1; i >= 0; i--) known.set(name(ray(i)), i);
  const taken = new Uint8Array(count);
  const take = (ends: Ray): number => {
    const i = known.get(name(ends)) ?? -1;
    if (i < 0 || taken[i] || ray(i).some((x, k) => Math.abs(x - ends[k]) > tolerance)) return -1;
    taken[i] = 1;
    return i;
  };
  const lanes = (base: Ray): Lanes => {
    const found: number[] = [];
    let [lane, against] = [base, 0];
    for (let l = 0; l < 4; l++) {
      // Of a line at 45 degrees the steps run along x both before and after a quarter turn.
      const alike = alongX(lane) === (l % 2 === 0);
      let i = alike ? take(lane) : -1;
      if (alike && i < 0) {
        i = take(swap(lane));
        if (i >= 0) against |= 1 << l;
      }
      found.push(i);
      lane = turn(lane);
    }
    return { rays: found, against };
  };
  const orbits: Orbit[] = [];
  for (let i = 0; i < count; i++) {
    if (taken[i]) continue;
    const base = alongX(ray(i)) ? ray(i) : turn(turn(turn(ray(i))));
    const first = lanes(base);
    // A second ray of the same ends.
    if (!taken[i]) return undefined;
    orbits.push({ base, sides: [first, lanes(mirror(base))] });
  }
  return orbits;
}

function alongX([xa, ya, xb, yb]: Ray): boolean {
  return Math.abs(xb - xa) >= Math.abs(yb - ya) * (1 - 1e-9);
}

/** [group][orbit, then for the base ray and its mirror image: bits of lanes that run against it, where the data of the four lie]; -1: none. */
export const groupLength = 11;

/** The chosen rays of the stack, those of one orbit together as far as they go. */
export function orbitGroups(orbits: readonly Orbit[], chosen: Int32Array): Int32Array {
  const places = new Map<number, readonly [orbit: number, field: number]>();
  for (const [o, { sides }] of orbits.entries())
    for (const [side, { rays }] of sides.entries())
      for (const [lane, ray] of rays.entries()) if (ray >= 0) places.set(ray, [o, 2 + 5 * side + lane]);
  const open = new Map<number, number[][]>();
  for (const [at, ray] of chosen.entries()) {
    const [orbit, field] = places.get(ray) as readonly [number, number];
    const groups = open.get(orbit) ?? [];
    let group = groups.find((some) => some[field] < 0);
    if (!group) {
      const [one, two] = orbits[orbit].sides;
      group = [orbit, one.against, -1, -1, -1, -1, two.against, -1, -1, -1, -1];
      groups.push(group);
      open.set(orbit, groups);
    }
    group[field] = at;
  }
  return Int32Array.from([...open.values()].flat(2));
}
