import { varlen } from "./xdf-chunks.ts";
import { type XdfFormat, type XdfNumberFormat, xdfArray, xdfValueBytes, xdfValueReader } from "./xdf-format.ts";

/** The samples of one stream, gathered from its chunks. */
export interface XdfSamples {
  /** Seconds on the sender's clock as written; where none was written, the one before plus 1 / rate. */
  readonly stamps: Float64Array;
  /** Numbers as [channel][sample]; empty for strings. */
  readonly values: Float32Array | Float64Array;
  /** Strings as [sample][channel], flat; empty for numbers. */
  readonly strings: readonly string[];
  /** Chunks that hold less than they claim, or something that is no sample; what was whole in them is kept. */
  readonly broken: number;
  /** Whole numbers beyond 2^53 that float64 rounded. */
  readonly rounded: number;
}

interface Layout {
  readonly format: XdfFormat;
  readonly channels: number;
  readonly rate: number;
}

/**
 * The samples of one stream: each chunk is `[count]` and then per sample `0` (no stamp) or `8` and a float64 stamp, then
 * the channels' values. Counted first, so that memory is taken only for what the bytes hold.
 */
export function xdfSamples(contents: readonly Uint8Array[], layout: Layout): XdfSamples {
  const views = contents.map((c) => new DataView(c.buffer, c.byteOffset, c.byteLength));
  const counted = views.map((view) => walk(view, layout, () => undefined));
  const count = counted.reduce((sum, { samples }) => sum + samples, 0);
  const { format, channels, rate } = layout;
  const stamps = new Float64Array(count);
  const strings: string[] = [];
  const values = format === "string" ? new Float32Array(0) : xdfArray(format, count * channels);
  const read = format === "string" ? undefined : xdfValueReader[format];
  const bytes = format === "string" ? 0 : xdfValueBytes[format];
  const step = rate > 0 ? 1 / rate : 0;
  const text = new TextDecoder();
  let [sample, last, rounded] = [0, 0, 0];
  for (const view of views) {
    walk(view, layout, (at, stamped) => {
      last = stamped ? view.getFloat64(at - 8, true) : last + step;
      stamps[sample] = last;
      for (let c = 0, place = at; c < channels; c++) {
        if (read === undefined) {
          const length = varlen(view, place) as { value: number; next: number };
          place = length.next + length.value;
          strings.push(text.decode(new Uint8Array(view.buffer, view.byteOffset + length.next, length.value)));
        } else {
          const value = read(view, place, true);
          if (format === "int64" && !Number.isSafeInteger(value)) rounded++;
          values[c * count + sample] = value;
          place += bytes;
        }
      }
      sample++;
    });
  }
  return { stamps, values, strings, broken: counted.filter(({ whole }) => !whole).length, rounded };
}

/** Goes over a chunk's samples while they are whole; `visit` is told where a sample's values begin. */
function walk(
  view: DataView,
  { format, channels }: Layout,
  visit: (at: number, stamped: boolean) => void,
): { samples: number; whole: boolean } {
  const claimed = varlen(view, 0);
  if (claimed === undefined) return { samples: 0, whole: false };
  let at = claimed.next;
  for (let samples = 0; samples < claimed.value; samples++) {
    const marker = at < view.byteLength ? view.getUint8(at) : -1;
    const from = at + 1 + (marker === 8 ? 8 : 0);
    const end = marker === 0 || marker === 8 ? valuesEnd(view, from, format, channels) : -1;
    if (end < 0) return { samples, whole: false };
    visit(from, marker === 8);
    at = end;
  }
  return { samples: claimed.value, whole: at === view.byteLength };
}

/** One past the values that begin at `from`; -1 when they are not all there. */
function valuesEnd(view: DataView, from: number, format: XdfFormat, channels: number): number {
  if (format !== "string") {
    const end = from + channels * xdfValueBytes[format as XdfNumberFormat];
    return end <= view.byteLength ? end : -1;
  }
  let at = from;
  for (let c = 0; c < channels; c++) {
    const length = varlen(view, at);
    if (length === undefined || length.next + length.value > view.byteLength) return -1;
    at = length.next + length.value;
  }
  return at;
}
