import { DataError, type QcFinding, type Surface } from "@quintet/core";
import { type CortexFiles, readMidCortex, readSurface } from "@quintet/io/node";
import { loadKernels } from "@quintet/kernels/node";
import {
  type Cortex,
  type HemisphereSide,
  type Hemispheres,
  hemisphereMask,
  importedCortex,
  midGreyCortex,
} from "@quintet/modalities/mri";
import type { Step } from "../../engine/step.ts";
import { finding } from "../five/outcome.ts";
import type { HeadCortex } from "./outcome.ts";

interface CortexParams {
  readonly side: HemisphereSide;
}

/** The mid-grey surface of one hemisphere; a head in which none can be followed has a finding instead. */
export const headCortexStep: Step<{ parts: Hemispheres }, CortexParams, HeadCortex> = {
  name: "head-cortex",
  version: 1,
  title: "Mid-grey cortex",
  async run({ parts }, { side }) {
    await loadKernels();
    try {
      return told(midGreyCortex(parts.labels, hemisphereMask(parts, side), { filled: parts.deep }), side, "own");
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      return { side, qc: [finding("mri", `${side}-cortex`, "none", "warn", error.message)] };
    }
  },
};

/** The cortex that FreeSurfer, FastSurfer or the user brings, half way between white and pial where both are given. */
export const importedCortexStep: Step<
  { parts: Hemispheres } & ({ surface: string } | CortexFiles),
  CortexParams,
  HeadCortex
> = {
  name: "head-cortex-imported",
  version: 1,
  title: "Imported cortex",
  async run(inputs, { side }) {
    await loadKernels();
    const { parts } = inputs;
    const options = { space: parts.labels.space, volume: parts.labels };
    const surface: Surface =
      "surface" in inputs ? await readSurface(inputs.surface, options) : await readMidCortex(inputs, options);
    return told(importedCortex(surface, parts, side), side, "imported");
  },
};

function told(
  { surface, normals, inflated, qc }: Cortex,
  side: HemisphereSide,
  source: "own" | "imported",
): HeadCortex {
  return {
    side,
    made: { surface, normals, inflated, source },
    qc: qc.map((row): QcFinding => ({ ...row, name: `${side}-${row.name}` })),
  };
}
