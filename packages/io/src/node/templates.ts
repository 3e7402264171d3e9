import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { DataError, type LabelVolume, type Mask, type Space, type Volume, voxelVolume } from "@quintet/core";
import { kindOfPath } from "./files.ts";
import { readLabels, readVolume } from "./volumes.ts";

/** A head in a standard space to align people to. */
export interface Template {
  readonly name: string;
  readonly space: Space;
  readonly t1: Volume;
  /** Brain of the template: its own mask file, its stripped twin, or the T1 itself when it has no skull. */
  readonly brain?: Mask;
  readonly atlas?: LabelVolume;
  /** The T1 has no scalp and skull: compare it with a stripped head. */
  readonly stripped: boolean;
  /** Path of the T1. */
  readonly source: string;
  /** Which place of the search order it came from. */
  readonly foundBy: "--template" | "TEMPLATEFLOW_HOME" | "mricron-data" | "FSLDIR";
}

export interface TemplateSearch {
  /** A T1 file, or a folder that holds a template. Nothing else is looked at when it is given. */
  readonly template?: string | undefined;
  /** Environment: TEMPLATEFLOW_HOME and FSLDIR are read. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where Debian's mricron-data lies. */
  readonly mricron?: string;
}

interface Kind {
  readonly t1: RegExp;
  readonly space: (file: string) => Space;
  readonly mask?: RegExp;
  readonly brain?: RegExp;
  readonly atlas?: RegExp;
}

const nii = String.raw`\.nii(\.gz)?$`;
/** What template folders hold, most telling first. */
const kinds: readonly Kind[] = [
  {
    t1: new RegExp(String.raw`^tpl-[A-Za-z0-9]+(_cohort-\d+)?_res-0?[12]_T1w${nii}`),
    space: (file) => file.match(/^tpl-([A-Za-z0-9]+)/)?.[1] ?? "template",
    mask: new RegExp(String.raw`^tpl-.*_res-0?[12]_desc-brain_mask${nii}`),
    atlas: new RegExp(String.raw`^tpl-.*_res-0?[12]_atlas-.*_dseg${nii}`),
  },
  {
    t1: new RegExp(`^ch2${nii}`),
    space: () => "MNIColin27",
    brain: new RegExp(`^ch2bet${nii}`),
    atlas: new RegExp(`^aal${nii}`),
  },
  {
    t1: new RegExp(`^MNI152_T1_[12]mm${nii}`),
    space: () => "MNI152NLin6Asym",
    mask: new RegExp(`^MNI152_T1_[12]mm_brain_mask${nii}`),
  },
  {
    t1: new RegExp(String.raw`(^|[_-])t1w?([_.-].*)?${nii}`, "i"),
    space: spaceOfName,
    mask: new RegExp(String.raw`brain[_-]?mask.*${nii}`, "i"),
    atlas: new RegExp(String.raw`(dseg|atlas|parcellation).*${nii}`, "i"),
  },
];
const debianFolder = "/usr/share/mricron/templates";

/**
 * Finds the template to align to: `--template`, then $TEMPLATEFLOW_HOME (MNI152NLin2009cAsym), then Debian's
 * mricron-data (Colin27 with AAL), then $FSLDIR (MNI152). Undefined when none of these is there.
 *
 * @throws DataError `template-not-found` when `template` names no image or folder with one; those of readVolume when a
 *   template that was found cannot be read: a broken one is never passed over in silence
 */
export async function findTemplate(search: TemplateSearch): Promise<Template | undefined> {
  const { template, env, mricron = debianFolder } = search;
  if (template !== undefined && template !== "") return given(template);
  const { TEMPLATEFLOW_HOME, FSLDIR } = env;
  const places: readonly (readonly [Template["foundBy"], string | undefined])[] = [
    ["TEMPLATEFLOW_HOME", TEMPLATEFLOW_HOME && join(TEMPLATEFLOW_HOME, "tpl-MNI152NLin2009cAsym")],
    ["mricron-data", mricron],
    ["FSLDIR", FSLDIR && join(FSLDIR, "data", "standard")],
  ];
  for (const [foundBy, folder] of places) {
    const parts = folder ? await partsIn(folder) : undefined;
    if (parts) return load(parts, foundBy);
  }
  return undefined;
}

interface Parts {
  readonly folder: string;
  readonly t1: string;
  readonly space: Space;
  readonly mask?: string;
  readonly brain?: string;
  readonly atlas?: string;
}

async function given(path: string): Promise<Template> {
  const kind = await kindOfPath(path);
  const parts = kind === "folder" ? await partsIn(path) : undefined;
  if (parts) return load(parts, "--template");
  if (kind !== "file") {
    throw new DataError("template-not-found", "the template that was asked for is not there", {
      file: path,
      expected: "a T1 image, or a folder with one (..._T1w.nii.gz, ch2.nii.gz, MNI152_T1_2mm.nii.gz)",
      found: kind === "folder" ? "a folder without" : "nothing",
    });
  }
  // A T1 named inside a template's own folder brings its mask and atlas along.
  const around = await partsIn(dirname(path), basename(path));
  const alone: Parts = { folder: dirname(path), t1: basename(path), space: spaceOfName(basename(path)) };
  return load(around ?? alone, "--template");
}

/** The first kind of template in a folder; of several resolutions the coarser, which is enough to align to. */
async function partsIn(folder: string, only?: string): Promise<Parts | undefined> {
  const names = await readdir(folder).catch(() => [] as string[]);
  for (const { t1, space, mask, brain, atlas } of kinds) {
    const pick = (pattern: RegExp | undefined, like = ""): string | undefined => {
      const found = names.filter((name) => pattern?.test(name)).sort();
      return found.find((name) => resolution(name) === resolution(like)) ?? found.at(-1);
    };
    const image = only === undefined ? pick(t1, "_res-02_2mm") : t1.test(only) ? only : undefined;
    if (!image) continue;
    const parts: { -readonly [K in keyof Parts]: Parts[K] } = { folder, t1: image, space: space(image) };
    const [maskFile, brainFile, atlasFile] = [pick(mask, image), pick(brain, image), pick(atlas, image)];
    if (maskFile) parts.mask = maskFile;
    if (brainFile) parts.brain = brainFile;
    if (atlasFile) parts.atlas = atlasFile;
    return parts;
  }
  return undefined;
}

function resolution(name: string): string | undefined {
  return name.match(/_res-0?(\d)/)?.[1] ?? name.match(/_(\d)mm/)?.[1];
}

async function load(parts: Parts, foundBy: Template["foundBy"]): Promise<Template> {
  const { folder, space } = parts;
  const source = join(folder, parts.t1);
  const t1 = await readVolume(source, { space, clock: "template" });
  const nonzero = insideOf(t1);
  const stripped = holdsOnlyBrain(t1, nonzero);
  const brain = parts.mask
    ? insideOf(await readVolume(join(folder, parts.mask), { space }))
    : parts.brain
      ? insideOf(await readVolume(join(folder, parts.brain), { space }))
      : stripped
        ? nonzero
        : undefined;
  const atlas = parts.atlas ? await readLabels(join(folder, parts.atlas), { space }) : undefined;
  return {
    name: parts.t1.replace(/\.nii(\.gz)?$/, ""),
    space,
    t1,
    ...(brain ? { brain } : {}),
    ...(atlas ? { atlas } : {}),
    stripped,
    source,
    foundBy,
  };
}

function insideOf({ shape, affine, space, data: values }: Volume): Mask {
  const data = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) if ((values[i] as number) > 0) data[i] = 1;
  return { shape, affine, space, data };
}

/**
 * Whether nothing but a brain is bright: 0.8 to 2.6 litres. Adult brains with their fluid measure 1.2 to 2.1 L, a whole
 * head within a template's field of view 4 L and more, and a head with noise around it fills the field.
 */
function holdsOnlyBrain(t1: Volume, nonzero: Mask): boolean {
  let voxels = 0;
  for (const inside of nonzero.data) voxels += inside;
  const millilitres = voxels * voxelVolume(t1);
  return millilitres > 800 && millilitres < 2600;
}

/** MNI names as BIDS spells them, from a file's name. */
function spaceOfName(name: string): Space {
  const tpl = name.match(/tpl-([A-Za-z0-9]+)/)?.[1];
  if (tpl) return tpl;
  if (/^ch2/i.test(name)) return "MNIColin27";
  const year = name.match(/2009([abc])/i) ?? name.match(/09([abc])/i);
  if (year && /icbm|mni/i.test(name)) {
    return `MNI152NLin2009${(year[1] as string).toLowerCase()}${/asym/i.test(name) ? "Asym" : "Sym"}`;
  }
  return /mni152/i.test(name) ? "MNI152NLin6Asym" : "template";
}
