/**
 * The text header of Interfile 3.3 and its dialects: `key [index] := value` lines, nothing assumed of their order.
 *
 * Keys are told apart without regard to case, `!` in front, blanks and underscores; `;` begins a comment line, a backslash at
 * the end continues one. PET and SPECT headers, images and projections all read through here.
 *
 * @see Todd-Pokropek, Cradduck, Deconinck, Nucl Med Commun 1992;13:673-99 (Interfile 3.3); STIR User's Guide, appendix on Interfile
 */
import { DataError } from "@quintet/core";
import { latin1 } from "../bytes/byte-reader.ts";

export interface InterfileEntry {
  /** Standard spelling: lower case, single blanks, no `!`. */
  readonly key: string;
  /** The [n] of a key that is given once per axis, frame or window. */
  readonly index?: number;
  readonly value: string;
  readonly line: number;
}

export interface InterfileHeader {
  readonly file: string;
  readonly entries: readonly InterfileEntry[];
}

const largestHeader = 4 * 2 ** 20;

/** Whether these are the first bytes of an Interfile header. */
export function looksLikeInterfile(bytes: Uint8Array): boolean {
  return /^(?:\u00ef\u00bb\u00bf)?\s*!?\s*INTERFILE\s*:=/i.test(latin1(bytes.subarray(0, 64)));
}

/**
 * Reads the lines of a header up to END OF INTERFILE (or the end of the text).
 *
 * @throws DataError `not-interfile`, `header-too-large`, `bad-interfile` (a line that is no `key := value`)
 */
export function readInterfileHeader(bytes: Uint8Array, file: string): InterfileHeader {
  if (!looksLikeInterfile(bytes)) {
    throw new DataError("not-interfile", "the file does not begin as an Interfile header", {
      file,
      expected: "!INTERFILE :=",
    });
  }
  if (bytes.length > largestHeader) {
    throw new DataError("header-too-large", "no Interfile header is that long", {
      file,
      expected: `at most ${largestHeader} bytes`,
      found: `${bytes.length}`,
    });
  }
  const text = new TextDecoder("latin1").decode(bytes);
  const entries: InterfileEntry[] = [];
  let [kept, from] = ["", 0];
  for (const [at, raw] of text.split(/\r\n|\n|\r/).entries()) {
    const line = kept + raw;
    if (kept === "") from = at + 1;
    if (line.trimEnd().endsWith("\\")) {
      kept = line.trimEnd().slice(0, -1);
      continue;
    }
    kept = "";
    if (/^\s*(;|$)/.test(line)) continue;
    const entry = entryOf(line, from, file);
    if (entry.key === "end of interfile") break;
    entries.push(entry);
  }
  return { file, entries };
}

function entryOf(line: string, number: number, file: string): InterfileEntry {
  const split = line.indexOf(":=");
  if (split < 0) {
    throw new DataError("bad-interfile", `line ${number} is no key := value`, {
      file,
      expected: "key := value",
      found: line.trim().slice(0, 60),
    });
  }
  const [, name = "", index] = line.slice(0, split).match(/^(.*?)\s*(?:\[\s*(\d{1,6})\s*\])?\s*$/s) ?? [];
  const value = line.slice(split + 2).trim();
  return { key: standardKey(name), ...(index === undefined ? {} : { index: Number(index) }), value, line: number };
}

/** Lower case, `!` taken away, blanks and underscores joined. */
export function standardKey(key: string): string {
  return key
    .replaceAll("!", "")
    .replaceAll(/[\s_]+/g, " ")
    .trim()
    .toLowerCase();
}

/**
 * The value of a key, given once or always with the same value; undefined when it is absent or empty.
 *
 * @param index of a key given once per axis, frame or window; a key without index stands for [1]
 * @throws DataError `contradiction` when it is given twice with different values
 */
export function interfileText({ file, entries }: InterfileHeader, key: string, index?: number): string | undefined {
  const wanted = standardKey(key);
  const found = entries.filter(
    (entry) => entry.key === wanted && (entry.index ?? 1) === (index ?? 1) && entry.value !== "",
  );
  const [first, ...more] = found;
  const other = more.find(({ value }) => value.toLowerCase() !== first?.value.toLowerCase());
  if (first && other) {
    throw new DataError("contradiction", `"${wanted}" is given twice with different values`, {
      file,
      expected: `${first.value} (line ${first.line})`,
      found: `${other.value} (line ${other.line})`,
    });
  }
  return first?.value;
}

/** A text that must be there. @throws DataError `missing-key`, `contradiction` */
export function requiredText(header: InterfileHeader, key: string, index?: number): string {
  return interfileText(header, key, index) ?? missing(header, key, index);
}

/** Parts of a `{a, b, c}` value; a value without braces is a list of one. */
export function interfileList(header: InterfileHeader, key: string, index?: number): readonly string[] | undefined {
  const value = interfileText(header, key, index);
  const inside = value?.match(/^\{(.*)\}$/s)?.[1];
  if (value === undefined || inside === undefined) return value === undefined ? undefined : [value];
  return inside.trim() === "" ? [] : inside.split(",").map((part) => part.trim());
}

/** Numbers of a `{a, b, c}` value. @throws DataError `bad-number`, `contradiction` */
export function interfileNumbers(header: InterfileHeader, key: string, index?: number): readonly number[] | undefined {
  return interfileList(header, key, index)?.map((text) => {
    const value = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isFinite(value)) {
      throw new DataError("bad-number", `"${standardKey(key)}" must be a number`, {
        file: header.file,
        found: text.slice(0, 40),
      });
    }
    return value;
  });
}

export function interfileNumber(header: InterfileHeader, key: string, index?: number): number | undefined {
  const values = interfileNumbers(header, key, index);
  if (values !== undefined && values.length !== 1) {
    throw new DataError("bad-number", `"${standardKey(key)}" must be one number`, {
      file: header.file,
      found: `${values.length} of them`,
    });
  }
  return values?.[0];
}

/** @throws DataError `missing-key`, `bad-number`, `contradiction` */
export function requiredNumber(header: InterfileHeader, key: string, index?: number): number {
  return interfileNumber(header, key, index) ?? missing(header, key, index);
}

/** A whole number within bounds, `fallback` where the key is absent. @throws DataError `bad-number` */
export function interfileCount(header: InterfileHeader, key: string, fallback: number, most = 1_000_000): number {
  const value = interfileNumber(header, key) ?? fallback;
  if (!(Number.isInteger(value) && value >= 1 && value <= most)) {
    throw new DataError("bad-number", `"${standardKey(key)}" must be a count`, {
      file: header.file,
      expected: `1 to ${most}`,
      found: `${value}`,
    });
  }
  return value;
}

function missing({ file }: InterfileHeader, key: string, index: number | undefined): never {
  throw new DataError(
    "missing-key",
    `the header lacks "${standardKey(key)}${index === undefined ? "" : ` [${index}]`}"`,
    {
      file,
    },
  );
}
