/** JSON side files: one object, of bounded size and depth. */
import { DataError, type Metadata } from "@quintet/core";
import { quoted } from "./text.ts";

export const maxJsonBytes: number = 16 * 2 ** 20;
const maxDepth = 100;

/**
 * Reads a JSON side file, which must be one object.
 *
 * @throws DataError `json-too-large`, `bad-json` (with line and column), `not-an-object`, `json-too-deep`
 */
export function readJson(text: string, file: string): Metadata {
  if (text.length > maxJsonBytes) {
    throw new DataError("json-too-large", "this JSON is too large for a side file", {
      file,
      expected: `at most ${maxJsonBytes} characters`,
      found: `${text.length}`,
    });
  }
  const value = parse(text.replace(/^\uFEFF/, ""), file);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new DataError("not-an-object", "a side file holds one JSON object", {
      file,
      expected: "{ ... }",
      found: quoted(value).slice(0, 40),
    });
  }
  return value as Metadata;
}

function parse(text: string, file: string): unknown {
  checkDepth(text, file);
  try {
    return JSON.parse(text);
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : "not JSON";
    const position = Number(said.match(/position (\d+)/)?.[1] ?? Number.NaN);
    const before = Number.isFinite(position) ? text.slice(0, position).split("\n") : undefined;
    const where = before ? ` at line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}` : "";
    const nan = /\b(NaN|-?Infinity)\b/.test(text) ? "; JSON has no NaN or Infinity" : "";
    throw new DataError("bad-json", `not valid JSON${where}${nan}`, { file, expected: "RFC 8259 JSON", found: said });
  }
}

function checkDepth(text: string, file: string): void {
  let [depth, inString] = [0, false];
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (inString) {
      if (c === 0x5c) i++;
      else if (c === 0x22) inString = false;
    } else if (c === 0x22) inString = true;
    else if (c === 0x7b || c === 0x5b) depth++;
    else if (c === 0x7d || c === 0x5d) depth--;
    if (depth > maxDepth) {
      throw new DataError("json-too-deep", "this JSON is nested too deeply", {
        file,
        expected: `at most ${maxDepth} levels`,
        found: "more",
      });
    }
  }
}

/** Text of a JSON side file: keys in the order given, undefined values left out, final line end. */
export function writeJson(value: Metadata): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

/** A string value of a side file, or undefined when it is absent or something else. */
export function textField(metadata: Metadata, key: string): string | undefined {
  const value = metadata[key];
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}

export function numberField(metadata: Metadata, key: string): number | undefined {
  const value = metadata[key];
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** An array of finite numbers, or undefined when it is absent or holds anything else. */
export function numbersField(metadata: Metadata, key: string): readonly number[] | undefined {
  const value = metadata[key];
  return Array.isArray(value) && value.every((x) => typeof x === "number" && Number.isFinite(x)) ? value : undefined;
}
