/** One number about one channel (or pair of channels), ready to become a row of a measure table. */
export interface ChannelRow {
  readonly channel: string;
  /** alpha-power, hbo-amplitude ... */
  readonly measure: string;
  readonly value: number;
  readonly unit: string;
  readonly standardError?: number;
  /** Windows, epochs or trials behind the value. */
  readonly n?: number;
  /** Formula or method in one line. */
  readonly method: string;
}
