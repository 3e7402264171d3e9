/** The query of a recording's window, and its answer as bytes. */
import { DataError } from "@quintet/core";
import type { WindowAnswer, WindowWish } from "@quintet/pipeline";

const montages = ["average", "double-banana"] as const;
const courses = ["od", "hb"] as const;

/**
 * ?group=0&from=S&to=S&channels=0,2,5-9&pixels=N&montage=&derived=&low=HZ&high=HZ&notch=HZ; all but from and to may be left out.
 *
 * @throws DataError `bad-request`
 */
export function wishOf(query: URLSearchParams): WindowWish {
  const [low, high, notch, pixels] = ["low", "high", "notch", "pixels"].map((name) => optional(query, name));
  const [from, to] = ["from", "to"].map((name) => {
    const value = optional(query, name);
    if (value === undefined)
      throw new DataError("bad-request", `a window needs ${name}, in seconds of the recording's clock`);
    return value;
  }) as [number, number];
  const channels = query.get("channels");
  const montage = oneOf(query, "montage", montages);
  const derived = oneOf(query, "derived", courses);
  return {
    group: optional(query, "group") ?? 0,
    from,
    to,
    ...(channels === null || channels === "" ? {} : { channels: indicesOf(channels) }),
    ...(pixels === undefined ? {} : { pixels }),
    ...(montage === undefined ? {} : { montage }),
    ...(derived === undefined ? {} : { derived }),
    ...(low === undefined ? {} : { low }),
    ...(high === undefined ? {} : { high }),
    ...(notch === undefined ? {} : { notch }),
  };
}

function optional(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === "") return undefined;
  const value = /^-?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
  if (Number.isFinite(value)) return value;
  throw new DataError("bad-request", `${name} is a number`, { found: JSON.stringify(text.slice(0, 40)) });
}

function oneOf<T extends string>(query: URLSearchParams, name: string, known: readonly T[]): T | undefined {
  const text = query.get(name);
  if (text === null || text === "") return undefined;
  const found = known.find((one) => one === text);
  if (found !== undefined) return found;
  throw new DataError("bad-request", `there is no such ${name}`, {
    expected: known.join(" or "),
    found: JSON.stringify(text.slice(0, 40)),
  });
}

/** "0,2,5-9" -> 0 2 5 6 7 8 9. */
function indicesOf(text: string): readonly number[] {
  return text.split(",").flatMap((part) => {
    const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part.trim()) ?? [];
    const [a, b] = [Number(first), Number(last)];
    if (first === undefined || b < a)
      throw new DataError("bad-request", "channels are like 0,2,5-9", { found: JSON.stringify(text.slice(0, 40)) });
    return Array.from({ length: b - a + 1 }, (_, k) => a + k);
  });
}

/** uint32 length of the head, the head as JSON, zeros to a multiple of 4, float32 values; little-endian. */
export function packed({ head, values }: WindowAnswer): Uint8Array {
  const told = new TextEncoder().encode(JSON.stringify(head));
  const from = 4 * Math.ceil((4 + told.length) / 4);
  const bytes = new Uint8Array(from + values.byteLength);
  new DataView(bytes.buffer).setUint32(0, told.length, true);
  bytes.set(told, 4);
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), from);
  return bytes;
}
