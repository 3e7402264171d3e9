/** What the recording thread is asked and what it answers. */
import type { Channel, Participant, Seconds } from "@quintet/core";
import type { LazyRecording } from "@quintet/io/node";
import type { RecordingWindow } from "@quintet/view";
import type { Failure } from "../../engine/step.ts";

/** A recording and what belongs to it. */
export interface RecordingSource {
  readonly path: string;
  /** Size and time of the file: a changed one is opened anew. */
  readonly stamp: string;
  /** Optodes and coordsystem, relative to the recording. */
  readonly companions: Readonly<Record<string, string>>;
  readonly participant: Pick<Participant, "age">;
  /** Channels that count for no average. */
  readonly bad: readonly string[];
}

/** How the samples are turned before they are drawn. */
export interface Treatment {
  readonly derived?: "od" | "hb";
  readonly montage?: "average" | "double-banana";
  /** Edges of the pass band, Hz. */
  readonly low?: number;
  readonly high?: number;
  /** Mains, Hz. */
  readonly notch?: number;
}

export interface WindowWish extends Treatment {
  readonly group: number;
  readonly from: Seconds;
  readonly to: Seconds;
  /** Indices into the channels that the treatment gives; all without it. */
  readonly channels?: readonly number[];
  /** With it, at most about so many pairs for a window that holds more than twice as many samples. */
  readonly pixels?: number;
}

export type RecordingJob =
  | { readonly kind: "head"; readonly source: RecordingSource }
  | { readonly kind: "window"; readonly source: RecordingSource; readonly wish: WindowWish };

/** What a recording is without its samples. */
export type RecordingHead = Pick<LazyRecording, "clock" | "startedAt" | "groups" | "montage" | "problems" | "lazy"> & {
  readonly events: LazyRecording["events"];
};

export interface WindowAnswer {
  readonly head: RecordingWindow;
  /** float32 as `head` says. */
  readonly values: Float32Array;
}

export type RecordingAnswer = { readonly id: number } & (
  | { readonly done: RecordingHead | WindowAnswer }
  | { readonly failure: Failure }
);

export type TreatedChannel = Pick<Channel, "name" | "unit">;
