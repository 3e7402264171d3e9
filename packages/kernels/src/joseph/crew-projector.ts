/**
 * What the compiled projectors have alike: arrays are brought to where the crew works, the kernel runs, the result is
 * fetched. Addresses go to the kernel by its plan, a block of 32-bit fields.
 */
import type { Crew } from "../pool/crew.ts";
import { checkLength, type Projector } from "./projector.ts";

export interface CrewRuns {
  /** What runs, in words; threads are added. */
  readonly kernel: string;
  /** Voxels. */
  readonly domain: number;
  /** Values of data. */
  readonly range: number;
  /** The plan, and where in it the addresses stand: of data, of the image that is read, of the image that is written. */
  readonly fields: Uint32Array;
  readonly at: { readonly data: number; readonly imageFrom: number; readonly imageTo: number };
  /** Where an image lies that the caller holds elsewhere. */
  readonly imageStage: () => number;
  /** Bytes that the kernel reads or writes beyond the last value of data, at the most. */
  readonly beyond?: number;
  /** From the image that is read into data. */
  forward(): void;
  /** From data into the image that is written. */
  back(): void;
  close(): void;
}

export function crewProjector(crew: Crew, runs: CrewRuns): Projector {
  const { domain, range, fields, at, imageStage, beyond = 0 } = runs;
  const room = (): number => crew.room(4 * range + beyond);
  const dataStage = once(room);
  return {
    kernel: `${runs.kernel}, ${crew.threads} ${crew.threads > 1 ? "threads" : "thread"}`,
    domain,
    range,
    newImage: () => crew.floats(crew.room(4 * domain), domain),
    newData: () => crew.floats(room(), range),
    forward(image, out = new Float32Array(range)) {
      checkLength(image, domain, "image");
      checkLength(out, range, "data");
      fields[at.imageFrom] = crew.bring(image, imageStage);
      const to = crew.addressOf(out) ?? dataStage();
      fields[at.data] = to;
      runs.forward();
      return crew.fetch(to, out);
    },
    adjoint(data, out = new Float32Array(domain)) {
      checkLength(data, range, "data");
      checkLength(out, domain, "image");
      fields[at.data] = crew.bring(data, dataStage);
      const to = crew.addressOf(out) ?? imageStage();
      fields[at.imageTo] = to;
      runs.back();
      return crew.fetch(to, out);
    },
    close: runs.close,
  };
}

/** Made when first asked for. */
export function once(make: () => number): () => number {
  let made: number | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
