import { DataError } from "@quintet/core";

/**
 * Text of a BIDS side file: UTF-8, with or without a byte order mark.
 *
 * @throws DataError `not-utf8` also for UTF-16, whose byte order mark is recognised to say so
 */
export function decodeText(bytes: Uint8Array, file: string): string {
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (utf16) throw new DataError("not-utf8", "text must be UTF-8", { file, expected: "UTF-8", found: "UTF-16" });
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new DataError("not-utf8", "text must be UTF-8", { file, expected: "UTF-8", found: "other bytes" });
  }
}

/** What was found, short enough for a message. */
export function quoted(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  return `"${text.length > 60 ? `${text.slice(0, 57)}...` : text}"`;
}
