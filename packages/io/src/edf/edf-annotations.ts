import { DataError } from "@quintet/core";

/** A time-stamped annotation list entry: texts at an onset. */
export interface Tal {
  readonly onset: number;
  readonly duration: number;
  /** Empty for the entry that only keeps the record's time. */
  readonly texts: readonly string[];
}

const utf8 = new TextDecoder("utf-8", { fatal: true });
const latin1 = new TextDecoder("windows-1252");

/**
 * Time-stamped annotation lists of one record: `+onset[\x15duration]\x14text\x14...\x14\x00`, texts in UTF-8
 * (older files: Latin-1).
 *
 * @throws DataError `bad-annotation`
 */
export function parseTals(bytes: Uint8Array, file: string): Tal[] {
  const tals: Tal[] = [];
  let from = 0;
  while (from < bytes.length) {
    if (bytes[from] === 0) {
      from++;
      continue;
    }
    const zero = bytes.indexOf(0, from);
    const end = zero === -1 ? bytes.length : zero;
    const text = decode(bytes.subarray(from, end));
    const [stamp = "", ...texts] = text.split("\x14");
    const [onset = "", duration = "0"] = stamp.split("\x15");
    if (!/^[+-]\d+(\.\d*)?$/.test(onset) || !/^\d+(\.\d*)?$/.test(duration) || texts.length === 0 || zero === -1) {
      throw new DataError("bad-annotation", "an annotation entry cannot be read", {
        file,
        expected: "+onset[0x15 duration]0x14 text 0x14 ... 0x00",
        found: JSON.stringify(text.slice(0, 40)),
      });
    }
    tals.push({ onset: Number(onset), duration: Number(duration), texts: texts.slice(0, -1) });
    from = end + 1;
  }
  return tals;
}

function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return latin1.decode(bytes);
  }
}

/** One entry as bytes; the first of a record has an empty text and keeps the record's time. */
export function talBytes(tal: Tal): Uint8Array {
  for (const text of tal.texts) {
    if (["\x00", "\x14", "\x15"].some((separator) => text.includes(separator))) {
      throw new DataError("bad-annotation", "a text holds a character that separates annotations", {
        found: JSON.stringify(text),
      });
    }
  }
  const onset = `${tal.onset < 0 ? "-" : "+"}${decimal(Math.abs(tal.onset))}`;
  const duration = tal.duration > 0 ? `\x15${decimal(tal.duration)}` : "";
  return new TextEncoder().encode(`${onset}${duration}\x14${tal.texts.join("\x14")}\x14\x00`);
}

/** Plain decimal digits to a tenth of a microsecond, without exponent. */
function decimal(value: number): string {
  return value.toFixed(7).replace(/\.?0+$/, "");
}
