import type { Recording } from "@quintet/core";
import { butterworthRecording, firFilterRecording } from "@quintet/kernels";
import { isOptical } from "./pairs.ts";

export interface BandpassOptions {
  /** Hz; drift goes below. */
  readonly low?: number;
  /** Hz; the heart goes above. */
  readonly high?: number;
  /**
   * "butterworth": order 3 low-pass, then order 5 high-pass, each forwards and backwards (as Homer2 does).
   * "fir": Hamming-windowed linear phase, cut short by nothing: a slow `low` needs minutes of data.
   */
  readonly method?: "butterworth" | "fir";
}

/** Orders of Homer2's `hmrBandpassFilt`. */
const [lowPassOrder, highPassOrder] = [3, 5];

/**
 * Zero-phase band-pass of the optical channels, segment by segment.
 *
 * @throws DataError `bad-band`, `segment-too-short`
 * @see Huppert et al., Appl Opt 2009;48:D280-98 (Homer)
 */
export function bandpass(recording: Recording, { low, high, method = "butterworth" }: BandpassOptions): Recording {
  const edges = { ...(low === undefined ? {} : { low }), ...(high === undefined ? {} : { high }) };
  return method === "fir"
    ? firFilterRecording(recording, edges, isOptical)
    : butterworthRecording(recording, { ...edges, lowOrder: highPassOrder, highOrder: lowPassOrder }, isOptical);
}
