/** The models by the names that users type. */

export type KineticModelName =
  | "srtm"
  | "srtm2"
  | "mrtm1"
  | "mrtm2"
  | "reference-logan"
  | "reference-patlak"
  | "1tcm"
  | "2tcm"
  | "2tcm-irreversible"
  | "logan"
  | "ma1"
  | "patlak";

export interface KineticModelFacts {
  readonly title: string;
  readonly needs: "reference" | "plasma";
  /** The parameter a reader asks for first. */
  readonly main: string;
  readonly equation: string;
}

export const kineticModels: Readonly<Record<KineticModelName, KineticModelFacts>> = {
  srtm: {
    title: "Simplified reference tissue model (SRTM)",
    needs: "reference",
    main: "BPND",
    equation: "C = R1 Cr + (k2 − R1 k2a) Cr ⊗ exp(−k2a t), k2a = k2 / (1 + BPND)",
  },
  srtm2: {
    title: "SRTM with k2′ fixed (SRTM2)",
    needs: "reference",
    main: "BPND",
    equation: "C = R1 [Cr + (k2′ − k2a) Cr ⊗ exp(−k2a t)]",
  },
  mrtm1: {
    title: "Multilinear reference tissue model (MRTM1)",
    needs: "reference",
    main: "BPND",
    equation: "C = g1 ∫Cr + g2 ∫C + g3 Cr, BPND = −(g1 / g2 + 1)",
  },
  mrtm2: {
    title: "MRTM with k2′ fixed (MRTM2)",
    needs: "reference",
    main: "BPND",
    equation: "C = g1 (∫Cr + Cr / k2′) + g2 ∫C, BPND = −(g1 / g2 + 1)",
  },
  "reference-logan": {
    title: "Logan’s plot with a reference region",
    needs: "reference",
    main: "BPND",
    equation: "∫C / C = DVR (∫Cr + Cr / k2′) / C + b, t ≥ t*",
  },
  "reference-patlak": {
    title: "Patlak’s plot with a reference region",
    needs: "reference",
    main: "Kref",
    equation: "C / Cr = Kref ∫Cr / Cr + b, t ≥ t*",
  },
  "1tcm": {
    title: "One tissue compartment",
    needs: "plasma",
    main: "VT",
    equation: "C = (1 − vB) K1 Cp ⊗ exp(−k2 t) + vB CB, VT = K1 / k2",
  },
  "2tcm": {
    title: "Two tissue compartments",
    needs: "plasma",
    main: "VT",
    equation: "VT = K1 / k2 (1 + k3 / k4), blood volume vB",
  },
  "2tcm-irreversible": {
    title: "Two tissue compartments, irreversible",
    needs: "plasma",
    main: "Ki",
    equation: "k4 = 0, Ki = K1 k3 / (k2 + k3), blood volume vB",
  },
  logan: { title: "Logan’s plot", needs: "plasma", main: "VT", equation: "∫C / C = VT ∫Cp / C + b, t ≥ t*" },
  ma1: {
    title: "Multilinear analysis (MA1)",
    needs: "plasma",
    main: "VT",
    equation: "C = g1 ∫Cp + g2 ∫C, VT = −g1 / g2, t ≥ t*",
  },
  patlak: { title: "Patlak’s plot", needs: "plasma", main: "Ki", equation: "C / Cp = Ki ∫Cp / Cp + V, t ≥ t*" },
};

export const kineticModelNames = Object.keys(kineticModels) as readonly KineticModelName[];

/** Models that take k2' as known. */
export const needsK2prime: ReadonlySet<KineticModelName> = new Set(["srtm2", "mrtm2", "reference-logan"]);
/** Models that begin at a t*. */
export const hasStart: ReadonlySet<KineticModelName> = new Set([
  "mrtm1",
  "mrtm2",
  "reference-logan",
  "reference-patlak",
  "logan",
  "ma1",
  "patlak",
]);
