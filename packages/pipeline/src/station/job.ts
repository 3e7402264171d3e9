/** What the station's worker threads are asked: decoding, which would hold up every other answer. */
import type { Frame, Metadata } from "@quintet/core";
import type { Failure } from "../engine/step.ts";

export type StationJob =
  | { readonly kind: "volume"; readonly path: string; readonly metadata?: Metadata }
  | { readonly kind: "labels"; readonly path: string }
  | { readonly kind: "surface"; readonly path: string };

/** Voxels as the Scene's `type` says, or a surface's vertices and faces; `bytes` little-endian. */
export interface DecodedImage {
  readonly type: "float32" | "uint8" | "uint16";
  readonly bytes: Uint8Array;
  readonly shape: readonly [number, number, number];
  readonly affine: readonly number[];
  readonly space: string;
  readonly frames: readonly Frame[];
  readonly unit: string;
  /** Ends of the grey or colour scale: 1st and 99.5th percentile of what is not 0. */
  readonly range: readonly [number, number];
  readonly labels?: Readonly<Record<number, string>>;
}

export interface DecodedSurface {
  readonly bytes: Uint8Array;
  readonly vertexCount: number;
  readonly faceCount: number;
}

export type StationAnswer = { readonly id: number } & (
  | { readonly done: DecodedImage | DecodedSurface }
  | { readonly failure: Failure }
);
