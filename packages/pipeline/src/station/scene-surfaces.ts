/** Surfaces of a person's head: what the run listed, and the skulls and cortices that lie beside it. */
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import type { SceneSurface } from "@quintet/view";
import type { Desk } from "./desk.ts";
import type { Facts } from "./facts-file.ts";
import { insideOf } from "./places.ts";
import { type Problem, problemOf, type StoredSubject } from "./stored-subject.ts";

type Shown = Omit<SceneSurface, "id" | "vertexCount" | "faceCount" | "url" | "inflated"> & {
  readonly path: string;
  /** Name of the surface that this is the blown up copy of. */
  readonly of?: string;
};

/** Maps are read this far below scalp and brain outline, mm: at the outline itself half of a voxel is not brain. */
const below = 3;

const beside: Readonly<Record<string, Omit<Shown, "path">>> = {
  "desc-outerskull_surf.gii": { name: "Outer skull", colour: "#e3dcc8", hidden: true },
  "desc-innerskull_surf.gii": { name: "Inner skull", colour: "#b9c7d6", hidden: true },
  "hemi-L_midthickness.surf.gii": { name: "Left cortex", colour: "#cfc8c0" },
  "hemi-R_midthickness.surf.gii": { name: "Right cortex", colour: "#cfc8c0" },
  "hemi-L_inflated.surf.gii": { name: "Left cortex, inflated", colour: "#cfc8c0", hidden: true, of: "Left cortex" },
  "hemi-R_inflated.surf.gii": { name: "Right cortex, inflated", colour: "#cfc8c0", hidden: true, of: "Right cortex" },
};

export interface SurfaceTools {
  readonly desk: Desk;
  /** Without it the file is always decoded. */
  readonly facts?: Facts;
  /** Nothing is decoded before. */
  readonly after?: Promise<void>;
  readonly subject: string;
}

/** @throws DataError `gone`, `outside-study`, those of the reader */
export async function sceneSurface(
  path: string,
  shown: Pick<SceneSurface, "name" | "colour" | "inflated" | "hidden" | "depth">,
  { desk, facts, after, subject }: SurfaceTools,
): Promise<SceneSurface> {
  const count = async (): Promise<{ readonly vertexCount: number; readonly faceCount: number }> => {
    await after;
    const { vertexCount, faceCount } = await desk.surface(path);
    return { vertexCount, faceCount };
  };
  const counts = await (facts ? facts.of("surface", await insideOf(desk.roots, path), count) : count());
  const id = desk.list(basename(path), { job: { kind: "surface", path }, subject });
  return { ...shown, id, ...counts, url: `api/surface/${id}` };
}

/** A surface that cannot be read is a problem and the rest is shown; a copy without its original is left out. */
export async function sceneSurfaces(
  { scene }: StoredSubject,
  derivatives: string | undefined,
  tools: SurfaceTools & { readonly problems: Problem[] },
): Promise<readonly SceneSurface[]> {
  const { subject, problems } = tools;
  if (derivatives === undefined) return [];
  const folder = `sub-${subject}`;
  const files = new Set(await readdir(join(derivatives, folder, "anat")).catch(() => []));
  const own = Object.entries(beside).flatMap(([ending, shown]): readonly Shown[] => {
    const name = `${folder}_${ending}`;
    return files.has(name) ? [{ ...shown, path: `${folder}/anat/${name}` }] : [];
  });
  const hasCortex = own.some(({ name }) => /^(Left|Right) cortex$/.test(name));
  const listed = (scene?.surfaces ?? []).map(({ path, name, colour }): Shown => {
    // The cortex itself takes the place of the brain's plain outline.
    const hidden = hasCortex && basename(path).endsWith("_desc-brain_surf.gii");
    return { path, name, colour, depth: below, ...(hidden ? { hidden } : {}) };
  });
  const found = await Promise.all(
    [...listed, ...own].map(async ({ path, of, ...shown }) => {
      try {
        return { of, surface: await sceneSurface(join(derivatives, path), shown, tools) };
      } catch (error) {
        problems.push(problemOf(path, error));
        return undefined;
      }
    }),
  );
  const read = found.filter((one) => one !== undefined);
  return read.flatMap(({ of, surface }): readonly SceneSurface[] => {
    if (of === undefined) return [surface];
    const original = read.find(
      ({ surface: { name, vertexCount } }) => name === of && vertexCount === surface.vertexCount,
    );
    return original ? [{ ...surface, inflated: { of: original.surface.id } }] : [];
  });
}
