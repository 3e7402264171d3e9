/** One window of a recording as the page draws it: samples, or a pair of extremes for each pixel. */
import { type Channel, DataError } from "@quintet/core";
import { minMax } from "@quintet/kernels";
import { displayUnit, type RecordingWindow } from "@quintet/view";
import type { WindowAnswer, WindowWish } from "./job.ts";
import { finestBin, type Pyramid } from "./pyramid.ts";
import type { TreatedGroup } from "./treat.ts";

/** A window of fewer values is read from the file; a larger one comes from the pyramid. */
const mostRead = 2 ** 22;
/** Values of one answer: 64 MB. */
const mostAnswered = 2 ** 24;

/** What a window needs, before anything is read. */
export interface WindowPlan {
  readonly channels: readonly number[];
  /** Samples of a pair; 0: samples as they are. */
  readonly bin: number;
  readonly parts: readonly { readonly segment: number; readonly first: number; readonly end: number }[];
  readonly wantsPyramid: boolean;
}

/**
 * Which samples, and in which form. Bins lie on whole multiples from a segment's first sample, so that panning does not
 * make the drawing shimmer.
 *
 * @throws DataError `bad-window`, `bad-channels`, `too-large`
 */
export function planWindow(
  { rate, channels, segments }: Pick<TreatedGroup, "rate" | "channels" | "segments">,
  wish: WindowWish,
): WindowPlan {
  const { from, to, pixels } = wish;
  if (!(to > from && Number.isFinite(to - from)))
    throw new DataError("bad-window", "a window ends after it starts", { found: `${from} to ${to} s` });
  if (pixels !== undefined && !(Number.isInteger(pixels) && pixels >= 1 && pixels <= 16_384))
    throw new DataError("bad-window", "pixels are a whole number", { expected: "1 to 16384", found: `${pixels}` });
  const chosen = wish.channels ?? channels.map((_, c) => c);
  const wrong = chosen.find((c) => !(Number.isInteger(c) && c >= 0 && c < channels.length));
  if (wrong !== undefined)
    throw new DataError("bad-channels", "there is no such channel", {
      expected: `0 to ${channels.length - 1}`,
      found: `${wrong}`,
    });
  const samples = (to - from) * rate;
  const bin = pixels !== undefined && samples > 2 * pixels ? Math.max(2, Math.floor(samples / pixels)) : 0;
  // From the pyramid's bins up, a pair is made of whole bins of it.
  const even = bin >= finestBin ? Math.floor(bin / finestBin) * finestBin : bin;
  const parts = segments.flatMap(({ start, samples: n }, segment) => {
    const step = Math.max(1, even);
    const first = Math.max(0, Math.floor(((from - start) * rate) / step + 1e-9) * step);
    const end = Math.min(n, Math.ceil(((to - start) * rate) / step - 1e-9) * step);
    return end > first ? [{ segment, first, end }] : [];
  });
  const held = parts.reduce((sum, { first, end }) => sum + end - first, 0);
  const values = (held / Math.max(1, even)) * (even > 0 ? 2 : 1) * chosen.length;
  if (values > mostAnswered)
    throw new DataError("too-large", "ask for fewer channels, a shorter window, or pixels", {
      expected: `at most ${mostAnswered} values`,
      found: `${Math.round(values)}`,
    });
  return { channels: chosen, bin: even, parts, wantsPyramid: even >= finestBin && held * channels.length > mostRead };
}

/** @param pyramid where the plan wants it */
export function readWindow(
  group: TreatedGroup,
  index: number,
  plan: WindowPlan,
  pyramid: Pyramid | undefined,
): WindowAnswer {
  const { channels, bin, parts } = plan;
  const shown = channels.map((c) => ({ index: c, channel: group.channels[c] as Channel }));
  const scales = shown.map(({ channel }) => displayUnit(channel.unit));
  const counts = parts.map(({ first, end }) => (bin > 0 ? Math.ceil((end - first) / bin) : end - first));
  const width = bin > 0 ? 2 : 1;
  const values = new Float32Array(counts.reduce((sum, n) => sum + n, 0) * width * channels.length);
  let at = 0;
  const segments = parts.map(({ segment, first, end }, k): RecordingWindow["segments"][number] => {
    const own = at;
    const count = counts[k] as number;
    const data = pyramid ? undefined : group.read(segment, first, end);
    const n = end - first;
    for (const [row, { index: c }] of shown.entries()) {
      const scale = scales[row]?.scale ?? 1;
      const samples = data?.subarray(c * n, (c + 1) * n);
      const line = pyramid
        ? pyramid.pairs(segment, c, bin, first / bin, Math.ceil(end / bin))
        : bin > 0 && samples
          ? minMax(samples, bin)
          : (samples ?? []);
      for (let i = 0; i < count * width; i++) values[at++] = (line[i] as number) * scale;
    }
    return { start: (group.segments[segment]?.start ?? 0) + first / group.rate, count, at: own };
  });
  return {
    head: {
      kind: bin > 0 ? "min-max" : "samples",
      group: index,
      channels: shown.map(({ channel }, row) => ({ name: channel.name, unit: scales[row]?.unit ?? "" })),
      rate: bin > 0 ? group.rate / bin : group.rate,
      segments,
      note: group.note,
    },
    values,
  };
}
