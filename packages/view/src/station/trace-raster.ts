/**
 * Traces as pixels: per column the span from the smallest to the largest sample it holds, joined to its neighbour.
 *
 * One write per pixel of line, so 128 channels over a whole screen stay within a frame without a GPU, and no spike is lost.
 */

export interface TraceRow {
  /** Smallest and largest value per column, [min0, max0, min1, max1, ...]; NaN where nothing was measured. */
  readonly extremes: Float32Array;
  /** Pixel row of the value `centre`. */
  readonly y: number;
  readonly centre: number;
  /** Pixels per unit; positive draws larger values higher. */
  readonly gain: number;
  /** 0xAABBGGRR, the order of bytes of a canvas read as little-endian words. */
  readonly colour: number;
}

/**
 * Draws into `pixels` (row-major, `width` wide), clipped to its edges.
 * @param from first column the rows' columns are drawn at
 */
export function rasterTraces(pixels: Uint32Array, width: number, rows: readonly TraceRow[], from = 0): void {
  const height = Math.floor(pixels.length / width);
  for (const { extremes, y, centre, gain, colour } of rows) {
    const columns = Math.min(extremes.length >> 1, width - from);
    let [lastTop, lastBottom] = [Number.NaN, Number.NaN];
    for (let c = 0; c < columns; c++) {
      const low = extremes[2 * c] as number;
      const high = extremes[2 * c + 1] as number;
      if (!(high >= low)) {
        lastTop = Number.NaN;
        continue;
      }
      const [a, b] = [y - (high - centre) * gain, y - (low - centre) * gain];
      let top = Math.round(Math.min(a, b));
      let bottom = Math.round(Math.max(a, b));
      const [ownTop, ownBottom] = [top, bottom];
      // A gap to the previous column's span is closed, as a line would.
      if (lastTop > bottom) bottom = lastTop - 1;
      else if (lastBottom < top) top = lastBottom + 1;
      [lastTop, lastBottom] = [ownTop, ownBottom];
      top = Math.max(0, top);
      bottom = Math.min(height - 1, bottom);
      for (let row = top, i = top * width + from + c; row <= bottom; row++, i += width) pixels[i] = colour;
    }
  }
}

/** "#rrggbb" as a pixel word. */
export function pixelColour(hex: string): number {
  const value = Number.parseInt(hex.slice(1), 16);
  const [r, g, b] = [(value >> 16) & 255, (value >> 8) & 255, value & 255];
  return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
}

/** [min, max] per column of samples that lie `rate` per second apart from `start`, over the window [from, to) of the same clock. */
export function extremesOf(
  samples: ArrayLike<number>,
  start: number,
  rate: number,
  window: { readonly from: number; readonly to: number; readonly columns: number },
): Float32Array {
  const { from, to, columns } = window;
  const out = new Float32Array(2 * columns).fill(Number.NaN);
  const perColumn = (to - from) / columns;
  for (let c = 0; c < columns; c++) {
    const first = Math.ceil((from + c * perColumn - start) * rate);
    const end = Math.ceil((from + (c + 1) * perColumn - start) * rate);
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = Math.max(0, first); i < Math.min(samples.length, end); i++) {
      const v = samples[i] as number;
      if (v < low) low = v;
      if (v > high) high = v;
    }
    if (end <= first) {
      // Fewer samples than columns: the line between the two neighbours.
      const at = (from + (c + 0.5) * perColumn - start) * rate;
      const i = Math.floor(at);
      if (i >= 0 && i + 1 < samples.length) {
        const f = at - i;
        low = (1 - f) * (samples[i] as number) + f * (samples[i + 1] as number);
        high = low;
      }
    }
    if (high >= low) {
      out[2 * c] = low;
      out[2 * c + 1] = high;
    }
  }
  return out;
}
