import type { Recording } from "@quintet/core";
import { butterworthRecording, type FirBand, firFilterRecording } from "@quintet/kernels";
import { isOptical } from "./pairs.ts";

/** `low` (Hz): drift goes below; `high` (Hz): the heart goes above; transition widths serve "fir" only. */
export interface BandpassOptions extends FirBand {
  /**
   * "butterworth" (default): order 3 low-pass, then order 5 high-pass, each forwards and backwards, as Homer2 does.
   * "fir": Hamming-windowed linear phase; a slow `low` needs minutes of data.
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
export function bandpass(recording: Recording, { method = "butterworth", ...band }: BandpassOptions): Recording {
  if (method === "fir") return firFilterRecording(recording, band, isOptical);
  const edges = {
    ...(band.low === undefined ? {} : { low: band.low }),
    ...(band.high === undefined ? {} : { high: band.high }),
  };
  return butterworthRecording(recording, { ...edges, lowOrder: highPassOrder, highOrder: lowPassOrder }, isOptical);
}
