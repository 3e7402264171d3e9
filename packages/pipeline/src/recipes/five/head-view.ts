/** The head as the report shows it: tissue classes, and the surfaces in the order from outside to inside. */
import type { LabelVolume, Surface } from "@quintet/core";
import type { HeadView } from "@quintet/view";
import type { HeadCortex, HeadSurfaces } from "../head/outcome.ts";

/** A surface of the head, how it is called and drawn. */
interface ShownSurface {
  readonly name: string;
  readonly colour: string;
  readonly surface: Surface;
}

/** Okabe and Ito's colours that stand out on gray: told apart without colour vision by their lightness too. */
const drawn: Readonly<Record<string, { readonly name: string; readonly colour: string }>> = {
  scalp: { name: "Scalp", colour: "#e69f00" },
  "outer-skull": { name: "Outer skull", colour: "#56b4e9" },
  "inner-skull": { name: "Inner skull", colour: "#cc79a7" },
  "left cortex": { name: "Left cortex, mid-grey", colour: "#f0e442" },
  "right cortex": { name: "Right cortex, mid-grey", colour: "#00c795" },
};

function shownSurfaces(shape: HeadSurfaces | undefined, cortices: readonly HeadCortex[]): ShownSurface[] {
  const all: readonly (readonly [string, Surface])[] = [
    ...(shape?.surfaces ?? []),
    ...cortices.flatMap(({ side, made }) => (made ? [[`${side} cortex`, made.surface] as const] : [])),
  ];
  return all.flatMap(([id, surface]) => {
    const how = drawn[id];
    return how ? [{ surface, ...how }] : [];
  });
}

/** As the legend calls them. */
const tissueWords: Readonly<Record<string, string>> = {
  scalp: "Scalp",
  skull: "Skull",
  csf: "CSF",
  grey: "Grey matter",
  white: "White matter",
};

export function headView(
  tissues: LabelVolume,
  shape: HeadSurfaces | undefined,
  cortices: readonly HeadCortex[],
): HeadView {
  const surfaces = shownSurfaces(shape, cortices);
  const names = new Map([...tissues.names].map(([label, name]) => [label, tissueWords[name] ?? name]));
  const notMade = new Set(cortices.flatMap(({ made, qc }) => (made ? [] : qc.map(({ note }) => note))));
  const cortex = cortices.some(({ made }) => made)
    ? " The cortex lies half way through grey matter; along the midline it is closed by the cut between the sides."
    : "";
  return {
    note: "Made from the T1: five tissues without a template, then the surfaces that the other modalities stand on.",
    tissues: { ...tissues, names },
    tissueNote: "Hard labels: where tissues share a voxel the largest share counts.",
    surfaces: surfaces.map(({ name, colour, surface }) => ({ name, colour, surface })),
    surfaceNote: [
      `Scalp and skull are simplified for field calculations: nested, the head cut flat below the skull.${cortex}`,
      ...[...notMade].map((why) => `No cortex: ${why}.`),
    ].join(" "),
  };
}
