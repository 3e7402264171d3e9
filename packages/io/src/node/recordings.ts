import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { DataError } from "@quintet/core";
import { readBrainVision } from "../brainvision/brainvision.ts";
import { readBrainVisionHeader } from "../brainvision/header.ts";
import { readEdfFrom } from "../edf/edf.ts";
import { eeglabDataFile, eeglabFromMat, eeglabStruct } from "../eeglab/eeglab.ts";
import { readFifRecording } from "../fif/recording.ts";
import { looksLikeFif } from "../fif/tags.ts";
import { isMat5, readMat } from "../mat/mat.ts";
import type { MatValue } from "../mat/mat-value.ts";
import { matFromHdf5 } from "../mat/mat73.ts";
import { homerFromMat } from "../nirs/homer-nirs.ts";
import type { SignalFile, SignalFormat } from "../signal/signal-file.ts";
import { snirfFromTree } from "../snirf/snirf.ts";
import { openFileSource } from "./file-source.ts";
import { readFileBounded } from "./files.ts";
import { isHdf5, readHdf5 } from "./hdf5.ts";
import { isNirxFolder, readNirx } from "./nirx.ts";

type Content = "EDF" | "BDF" | "BrainVision header" | "BrainVision markers" | "FIF" | "MAT-file" | "HDF5" | "unknown";

/** What the first bytes say. */
export function contentOf(head: Uint8Array): Content {
  const start = new TextDecoder("windows-1252").decode(head.subarray(0, 100));
  if (start.startsWith("\u00ffBIOSEMI")) return "BDF";
  if (/^0 {7}/.test(start)) return "EDF";
  if (/^(\u00ef\u00bb\u00bf)?\s*;?\s*Brain ?Vision.*Header/i.test(start)) return "BrainVision header";
  if (/^(\u00ef\u00bb\u00bf)?\s*;?\s*Brain ?Vision.*Marker/i.test(start)) return "BrainVision markers";
  if (looksLikeFif(head)) return "FIF";
  if (isMat5(head)) return "MAT-file";
  if (isHdf5(head)) return "HDF5";
  return "unknown";
}

const byExtension: Readonly<Record<string, { readonly format: SignalFormat; readonly contents: readonly Content[] }>> =
  {
    ".edf": { format: "EDF", contents: ["EDF"] },
    ".bdf": { format: "BDF", contents: ["BDF"] },
    ".vhdr": { format: "BrainVision", contents: ["BrainVision header"] },
    ".fif": { format: "FIF", contents: ["FIF"] },
    ".set": { format: "EEGLAB", contents: ["MAT-file", "HDF5"] },
    ".snirf": { format: "SNIRF", contents: ["HDF5"] },
    ".nirs": { format: "Homer", contents: ["MAT-file", "HDF5"] },
  };

/**
 * Reads a recording by content and extension: EDF, BDF, BrainVision (any of its three files), EEGLAB (.set or .fdt),
 * FIF, SNIRF, Homer .nirs, and folders of NIRx NIRStar (the folder, its .hdr or .wl1). An extension that contradicts the content is refused.
 *
 * @throws DataError `wrong-extension`, `unknown-format`, `missing-file`, `not-found`, and those of the format's reader
 */
export async function readRecording(path: string): Promise<SignalFile> {
  const extension = extname(path).toLowerCase();
  if (extension === ".vmrk" || extension === ".eeg" || extension === ".fdt") {
    return readRecording(await mainFileOf(path, extension === ".fdt" ? ".set" : ".vhdr"));
  }
  if (
    /^\.wl\d$/.test(extension) ||
    (extension === ".hdr" && existsSync(`${path.slice(0, -4)}.wl1`)) ||
    (await isNirxFolder(path))
  )
    return { ...(await readNirx(path)), format: "NIRx" };
  const source = openFileSource(path);
  let content: Content;
  {
    using file = source;
    content = contentOf(file.read(0, Math.min(file.size, 4096)));
    const expected = byExtension[extension];
    if (expected !== undefined && content !== "unknown" && !expected.contents.includes(content)) {
      throw new DataError("wrong-extension", `the name says ${expected.format}, the content is something else`, {
        file: path,
        expected: expected.contents.join(" or "),
        found: content,
      });
    }
    const format = expected?.format ?? content;
    if (format === "EDF" || format === "BDF") return { ...readEdfFrom(file, { file: path }), format };
  }
  const format = byExtension[extension]?.format;
  if (format === "FIF" || content === "FIF")
    return { ...readFifRecording(await readFileBounded(path), { file: path }), format: "FIF" };
  if (format === "BrainVision" || content === "BrainVision header")
    return { ...(await brainVision(path)), format: "BrainVision" };
  if (format === undefined && content !== "MAT-file" && content !== "HDF5") {
    throw new DataError("unknown-format", "no recording format is recognised", {
      file: path,
      expected: "EDF, BDF, BrainVision, EEGLAB, FIF, SNIRF, Homer .nirs or a NIRx folder",
      found: content === "unknown" ? `${extension || "no extension"} with unknown content` : content,
    });
  }
  return readMatOrHdf5(path, await readFileBounded(path), format);
}

async function readMatOrHdf5(path: string, bytes: Uint8Array, format: SignalFormat | undefined): Promise<SignalFile> {
  let variables: ReadonlyMap<string, MatValue>;
  if (format === "SNIRF" || isHdf5(bytes)) {
    const tree = await readHdf5(bytes, { file: path });
    const looksSnirf = Object.keys(tree.children).some((name) => /^nirs\d*$/.test(name));
    if (format === "SNIRF" || (format === undefined && looksSnirf))
      return { ...snirfFromTree(tree, { file: path }), format: "SNIRF" };
    variables = matFromHdf5(tree, { file: path });
  } else {
    variables = readMat(bytes, { file: path });
  }
  if (format === "Homer" || (format === undefined && variables.has("SD"))) {
    return { ...homerFromMat(variables, { file: path }), format: "Homer" };
  }
  const name = eeglabDataFile(eeglabStruct(variables, path));
  if (name === undefined) return { ...eeglabFromMat(variables, { file: path }), format: "EEGLAB" };
  const sibling = await siblingOf(path, name, ".fdt");
  const read = eeglabFromMat(variables, { file: path, fdt: await readFileBounded(sibling.path) });
  return { ...read, format: "EEGLAB", problems: [...read.problems, ...sibling.problems] };
}

async function brainVision(path: string): Promise<SignalFile> {
  const vhdr = await readFileBounded(path, 2 ** 26);
  const header = readBrainVisionHeader(vhdr, path);
  const data = await siblingOf(path, header.dataFile, ".eeg");
  const marker = header.markerFile === undefined ? undefined : await siblingOf(path, header.markerFile, ".vmrk");
  const read = readBrainVision(
    {
      vhdr,
      eeg: await readFileBounded(data.path),
      ...(marker === undefined ? {} : { vmrk: await readFileBounded(marker.path, 2 ** 28) }),
    },
    { file: path },
  );
  return { ...read, problems: [...read.problems, ...data.problems, ...(marker?.problems ?? [])] };
}

/** The file a header names, or, when the three were renamed together, the one with the header's own stem. */
export async function siblingOf(
  path: string,
  name: string,
  extension: string,
): Promise<{ path: string; problems: string[] }> {
  const stem = basename(path, extname(path));
  const wanted = name.replaceAll("$b", stem).split(/[\\/]/).at(-1) ?? name;
  const named = join(dirname(path), wanted);
  if (existsSync(named)) return { path: named, problems: [] };
  const entries = await readdir(dirname(path));
  const renamed = entries.find((entry) => entry.toLowerCase() === `${stem}${extension}`.toLowerCase());
  if (renamed === undefined) {
    throw new DataError("missing-file", "a file that belongs to it is not there", {
      file: path,
      expected: wanted,
      found: "neither it nor a renamed one",
    });
  }
  return {
    path: join(dirname(path), renamed),
    problems: [`the header names ${extension} file by an older name; ${renamed} was read`],
  };
}

/** The .vhdr or .set that a data or marker file belongs to. */
export async function mainFileOf(path: string, extension: string): Promise<string> {
  const stem = basename(path, extname(path)).toLowerCase();
  const entries = await readdir(dirname(path)).catch(() => []);
  const found = entries.find((entry) => entry.toLowerCase() === `${stem}${extension}`);
  if (found === undefined) {
    throw new DataError("missing-file", `the ${extension} file of the same name is not there`, {
      file: path,
      expected: `${stem}${extension}`,
    });
  }
  return join(dirname(path), found);
}
