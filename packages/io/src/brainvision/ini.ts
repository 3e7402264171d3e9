import { DataError } from "@quintet/core";
import { type Impedances, readImpedances } from "./impedances.ts";

/**
 * Sections of a BrainVision text file: section -> key -> value, keys as written; of [Comment] only that it holds text, and the
 * impedances that stand there.
 */
export interface BrainVisionText {
  readonly sections: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly impedances: Impedances;
}

/**
 * A .vhdr or .vmrk text. `Codepage=UTF-8` says its encoding; without it the text is Windows-1252.
 *
 * @throws DataError `not-brainvision`, `bad-text`, `bad-header`
 */
export function parseBrainVisionText(bytes: Uint8Array, what: "Header" | "Marker", file: string): BrainVisionText {
  const western = new TextDecoder("windows-1252").decode(bytes);
  const isUtf8 = /^\s*codepage\s*=\s*utf-?8\s*$/im.test(western) || western.startsWith("\u00ef\u00bb\u00bf");
  let text = western;
  if (isUtf8) {
    try {
      text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch (cause) {
      throw new DataError("bad-text", "the text says UTF-8 and is not", { file, cause });
    }
  }
  const [first = ""] = text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/, 1);
  if (!/^\s*;?\s*Brain ?Vision/i.test(first) || !new RegExp(what, "i").test(first)) {
    throw new DataError("not-brainvision", `no BrainVision ${what.toLowerCase()} file`, {
      file,
      expected: `"Brain Vision Data Exchange ${what} File"`,
      found: JSON.stringify(first.slice(0, 60)),
    });
  }
  const sections = new Map<string, Map<string, string>>();
  const comment: string[] = [];
  let section: Map<string, string> | undefined;
  for (const line of text.split(/\r\n|\r|\n/).slice(1)) {
    const title = /^\[(.+)\]\s*$/.exec(line)?.[1];
    if (title !== undefined) {
      section = sections.get(title) ?? new Map();
      sections.set(title, section);
      continue;
    }
    if (section !== undefined && section === sections.get("Comment") && line.trim() !== "") {
      section.set("text", "present");
      comment.push(line);
    }
    const equals = line.indexOf("=");
    if (section === undefined || section === sections.get("Comment") || equals < 1 || line.trimStart().startsWith(";"))
      continue;
    section.set(line.slice(0, equals).trim(), line.slice(equals + 1).trim());
  }
  return { sections, impedances: readImpedances(comment) };
}

/** Comma-separated fields; a comma inside a name is written `\1`. */
export function brainVisionFields(value: string): string[] {
  return value.split(",").map((field) => field.replaceAll("\\1", ","));
}

export function brainVisionField(text: string): string {
  return text.replaceAll(",", "\\1");
}
