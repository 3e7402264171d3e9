/** Folders of NIRx NIRStar. */
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { DataError } from "@quintet/core";
import { decodeText } from "../bids/text.ts";
import { readMat } from "../mat/mat.ts";
import { nirxFromFiles } from "../nirx/nirx.ts";
import type { SignalFile } from "../signal/signal-file.ts";
import { readFileBounded } from "./files.ts";

/** Whether a folder is a recording of NIRStar: a header and a table of light of the same name. */
export async function isNirxFolder(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch((): string[] => []);
  return names.some((name) => name.endsWith(".hdr") && names.includes(name.replace(/\.hdr$/, ".wl1")));
}

/**
 * Reads a NIRScout recording by its folder or any of its files.
 *
 * @throws DataError `missing-file`, `ambiguous` (several recordings in one folder, named by none), and those of nirxFromFiles
 */
export async function readNirx(path: string): Promise<SignalFile> {
  const isFile = /\.(hdr|wl\d)$/i.test(path);
  const folder = isFile ? dirname(path) : path;
  const names = await readdir(folder).catch((): string[] => []);
  const stems = isFile
    ? [basename(path).replace(/\.\w+$/, "")]
    : names.filter((name) => name.endsWith(".wl1")).map((name) => name.slice(0, -4));
  const [stem, ...more] = stems;
  if (stem === undefined || more.length > 0) {
    throw new DataError(stem === undefined ? "missing-file" : "ambiguous", "a folder of NIRx holds one recording", {
      file: path,
      expected: "one .wl1",
      found: `${stems.length}`,
    });
  }
  const textOf = async (name: string): Promise<string> => {
    if (!names.includes(name))
      throw new DataError("missing-file", "a file that belongs to it is not there", { file: path, expected: name });
    return decodeText(await readFileBounded(join(folder, name)), name);
  };
  const light: string[] = [];
  for (let w = 1; names.includes(`${stem}.wl${w}`); w++) light.push(await textOf(`${stem}.wl${w}`));
  const probe = `${stem}_probeInfo.mat`;
  return nirxFromFiles(
    {
      hdr: await textOf(`${stem}.hdr`),
      light,
      ...(names.includes(`${stem}.inf`) ? { inf: await textOf(`${stem}.inf`) } : {}),
      ...(names.includes(probe) ? { probe: readMat(await readFileBounded(join(folder, probe)), { file: probe }) } : {}),
    },
    { file: path },
  );
}
