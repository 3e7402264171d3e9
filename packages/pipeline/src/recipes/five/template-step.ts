/** The template head: found on the machine or made by code. */
import { statSync } from "node:fs";
import { basename, join } from "node:path";
import type { LabelVolume, Mask, Volume } from "@quintet/core";
import { DataError, type Point } from "@quintet/core";
import { sublobarRegions } from "@quintet/fusion/fuse";
import { fiducialsOf } from "@quintet/fusion/head";
import { findTemplate, readLabels } from "@quintet/io/node";
import { seededRandom } from "@quintet/kernels";
import { phantomHead, t1wImage } from "@quintet/twin";
import type { Step } from "../../engine/step.ts";

export interface TemplateHead {
  readonly name: string;
  readonly space: string;
  readonly source: string;
  readonly t1: Volume;
  readonly brain?: Mask;
  /** Sublobar regions. */
  readonly regions?: LabelVolume;
  /** In the template's space, when it brings its own. */
  readonly fiducials?: ReadonlyMap<string, Point>;
  readonly isPhantom: boolean;
}

/** What the search would see: a change of any of it is another choice. */
export interface TemplateChoice {
  /** --template, or "phantom". */
  readonly option?: string;
  readonly atlas?: string;
  readonly places: readonly { readonly path: string; readonly modified: number }[];
}

/**
 * @throws DataError `missing-file` when a path was given and nothing is there, `atlas-without-template` when no template
 *   is there for the atlas to belong to, and those of findTemplate for a template that cannot be read
 */
export async function chooseTemplate(option: string | undefined, atlas?: string): Promise<TemplateChoice> {
  if (option === "phantom" && atlas === undefined) return { option, places: [] };
  const { TEMPLATEFLOW_HOME: flow, FSLDIR: fsl } = process.env;
  const searched =
    option === undefined ? [flow, "/usr/share/mricron/templates", fsl && join(fsl, "data", "standard")] : [option];
  const places = [...searched, atlas].flatMap((path) => {
    const modified = path ? modifiedAt(path) : undefined;
    return path && modified !== undefined ? [{ path, modified }] : [];
  });
  for (const [what, path] of [
    ["template", option],
    ["atlas", atlas],
  ] as const) {
    if (path !== undefined && path !== "phantom" && !places.some((place) => place.path === path))
      throw new DataError("missing-file", `there is no such ${what}`, { file: path });
  }
  if (atlas !== undefined && (option === "phantom" || !places.some(({ path }) => path !== atlas)))
    throw new DataError("atlas-without-template", "an atlas lies in the space of a template: name that too", {
      file: atlas,
    });
  if (option !== undefined) await findTemplate({ template: option, env: process.env });
  return { places, ...(option === undefined ? {} : { option }), ...(atlas === undefined ? {} : { atlas }) };
}

function modifiedAt(path: string): number | undefined {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return undefined;
  }
}

export const templateStep: Step<object, TemplateChoice, TemplateHead> = {
  name: "template",
  version: 1,
  title: "Find the template head",
  async run(_, { option, atlas, places }) {
    const wanted = option !== "phantom" && places.length > 0;
    const found = wanted ? await findTemplate({ template: option, env: process.env }) : undefined;
    if (!found) return canonicalHead();
    const labels = atlas === undefined ? found.atlas : { ...(await readLabels(atlas)), space: found.space };
    const { name, space, source, t1, brain, foundBy } = found;
    return {
      name,
      space,
      source: `${foundBy}: ${basename(source)}${atlas === undefined ? "" : ` with ${basename(atlas)}`}`,
      t1,
      isPhantom: false,
      ...(brain ? { brain } : {}),
      ...(labels ? { regions: sublobarRegions(labels) } : {}),
    };
  },
};

/** The code-made head without individual traits: stands in where no template is installed. */
function canonicalHead(): TemplateHead {
  const space = "phantom:canonical";
  const head = phantomHead({ seed: 0, variation: 0, resolution: 2, space });
  const { csf, grey, white, "deep-grey": deep } = head.fractions;
  const inside = csf.map((share, i) => share + (grey[i] as number) + (white[i] as number) + (deep[i] as number));
  return {
    name: "Quintet phantom",
    space,
    source: "made by code: no template was found or asked for",
    isPhantom: true,
    t1: t1wImage(head, seededRandom(0), { bias: 0, noise: 0.01 }),
    brain: { ...head.grid, data: new Uint8Array(inside.length).map((_, i) => ((inside[i] as number) >= 0.5 ? 1 : 0)) },
    regions: head.regions,
    fiducials: fiducialsOf(head.fiducials),
  };
}
