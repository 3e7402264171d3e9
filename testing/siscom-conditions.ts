/** The pairs of the SISCOM study: which there are, and whose. */
export interface Condition {
  /** Of its files. */
  readonly name: string;
  readonly kind: "normal" | "null" | "focus";
  readonly head: number;
  /** Of physiology, tracer and the interictal scan: alike for all conditions of one place. */
  readonly pair: number;
  /** Millions a scan. */
  readonly counts: number;
  readonly state: State;
  readonly focus?: {
    readonly region: string;
    readonly cell: number;
    readonly side: "left" | "right";
    readonly volume: number;
    readonly increase: number;
  };
}

/** What the flow does between two scans: one per cent everywhere, or besides by region as in siscom-scans.ts. */
export type State = "steady" | "regional";

/** Region, cell centre: ten places, each on both sides. */
const places: readonly (readonly [string, number])[] = [
  ["superior-frontal", 0],
  ["middle-frontal", 1],
  ["inferior-frontal", 0],
  ["orbitofrontal", 1],
  ["precentral", 1],
  ["inferior-parietal", 0],
  ["lateral-temporal", 0],
  ["temporal-pole", 0],
  ["mesial-temporal", 0],
  ["lateral-occipital", 0],
];

/** Seeds of heads. Nobody is two of them, and each normal pair is a head of its own. */
const people = { nulls: [1011, 1012], foci: [1013, 1014], again: [900, 901] } as const;
function headOfNormal(k: number): number {
  return k < people.nulls[0] - 1000 ? 1000 + k : 1004 + k;
}

export interface ConditionOptions {
  readonly counts: readonly number[];
  readonly nulls: number;
  readonly normals: number;
  readonly sites: number;
  /** Whether the flow's regional state is studied too, at the first of `counts`. */
  readonly regional?: boolean;
}

/** In the order of need: normals, pairs without a focus, foci by cell. Each head lies in one pair of poses of its own. */
export function conditionsOf({ counts, regional = false, ...rest }: ConditionOptions): Condition[] {
  const steady = counts.flatMap((millions) => conditionsAt(millions, "steady", rest));
  return regional ? [...steady, ...conditionsAt(counts[0] as number, "regional", rest)] : steady;
}

function conditionsAt(
  counts: number,
  state: State,
  { nulls, normals, sites }: Pick<ConditionOptions, "nulls" | "normals" | "sites">,
): Condition[] {
  const end = `${counts}${state === "steady" ? "" : `-${state}`}`;
  const common = { counts, state };
  const out: Condition[] = [];
  for (let k = 0; k < normals; k++)
    out.push({ name: `normal-${k}-${end}`, kind: "normal", head: headOfNormal(k), pair: 1000 + k, ...common });
  for (let k = 0; k < nulls; k++) {
    const head = people.nulls[k % 2] as number;
    out.push({ name: `null-${k}-${end}`, kind: "null", head, pair: 2000 + k, ...common });
  }
  for (const [volume, increase, again] of cellsAt(counts, state))
    for (const [site, [region, cell]] of places.slice(0, sites).entries())
      for (const side of ["left", "right"] as const)
        out.push({
          name: `focus-${site}-${side}-${volume}-${increase}-${end}${again ? "-again" : ""}`,
          kind: "focus",
          head: (again ? people.again : people.foci)[site % 2] as number,
          pair: (again ? 4000 : 3000) + 2 * site + (side === "left" ? 0 : 1),
          ...common,
          focus: { region, cell, side, volume, increase },
        });
  return out;
}

/**
 * Volume, increase, and whether they are other heads and seeds than the first: all nine at 5 million counts, where the cell that
 * the goal is for comes twice; the middle row at others.
 */
function cellsAt(counts: number, state: State): readonly (readonly [number, number, boolean])[] {
  const rows = counts === 5 && state === "steady" ? [4, 2, 8] : [4];
  const steps = state === "steady" ? [0.5, 0.3, 1] : [0.5, 0.3];
  const all = rows.flatMap((volume) => steps.map((increase) => [volume, increase, false] as const));
  return counts === 5 && state === "steady" ? [...all, [4, 0.5, true]] : all;
}
