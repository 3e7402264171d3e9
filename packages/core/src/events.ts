import type { Seconds } from "./units.ts";

/** Something that happened at a time on a named clock. */
export interface Event {
  readonly onset: Seconds;
  /** 0 for an instant. */
  readonly duration: Seconds;
  /** BIDS `trial_type`: what kind of event. */
  readonly type: string;
  readonly value?: number;
  /** Channels it concerns; none means all. */
  readonly channels?: readonly string[];
}

export interface Events {
  readonly clock: string;
  readonly list: readonly Event[];
}
