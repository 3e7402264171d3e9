/** ECAT 7 volumes (.v): frames of big-endian integers with a factor each. */
import { type Affine, DataError, type Frame, type Space, type Volume, type VoxelUnit } from "@quintet/core";
import { byteReader, checkedProduct } from "../bytes/byte-reader.ts";
import type { PatientPosition } from "../interfile/frames.ts";
import { decodeNumbers, type NumberFormat } from "../interfile/numbers.ts";
import { patientAffine } from "../interfile/patient-affine.ts";
import { blockBytes, type EcatHeader, readEcatHeader } from "./header.ts";
import { type EcatMatrix, ecatMatrices } from "./matrices.ts";

export interface EcatVolume {
  readonly header: EcatHeader;
  readonly volume: Volume;
  /** By which each frame was multiplied to correct for decay; 1 where it was not. */
  readonly decayFactors: readonly number[];
}

const formats: Readonly<Record<number, NumberFormat>> = {
  1: { kind: "signed", bytes: 1, littleEndian: false },
  2: { kind: "signed", bytes: 2, littleEndian: true },
  3: { kind: "signed", bytes: 4, littleEndian: true },
  5: { kind: "float", bytes: 4, littleEndian: false },
  6: { kind: "signed", bytes: 2, littleEndian: false },
  7: { kind: "signed", bytes: 4, littleEndian: false },
};

/**
 * Reads all frames of an ECAT 7 volume.
 *
 *   value = stored x SCALE_FACTOR (of the frame) x ECAT_CALIBRATION_FACTOR
 *
 * Stored numbers are big-endian (Sun) but for the VAX types. The unit is Bq/mL only where the header says that it is
 * calibrated and in Bq/cc or Bq/mL. Planes follow the gantry (x right as one faces it, y down, z out along the bed), so that
 * the patient's orientation decides left, front and up; a header without it is read as head first, supine.
 *
 * @throws DataError `not-ecat`, `bad-matrix-list`, `not-an-image` (sinograms, normalisation ...), `several-beds`,
 *   `several-gates`, `several-parts`, `uneven-frames`, `unsupported-number-format`, `bad-dimensions`, `bad-scaling`, `bad-frames`, `truncated`
 */
export function readEcat(
  bytes: Uint8Array,
  {
    file,
    space = "scanner:pet",
    clock = "pet",
  }: { readonly file: string; readonly space?: Space; readonly clock?: string },
): EcatVolume {
  const header = readEcatHeader(bytes, file);
  if (header.fileType !== 6 && header.fileType !== 7) {
    throw new DataError("not-an-image", "only ECAT volumes are read", {
      file,
      expected: "file type 6 or 7",
      found: `${header.fileType}`,
    });
  }
  const matrices = ecatMatrices(bytes, file);
  oneOfEach(matrices, file);
  const parts = matrices.map((matrix) => subheaderOf(bytes, matrix, file));
  const [first] = parts;
  if (first === undefined) throw new DataError("bad-matrix-list", "the file holds no image", { file });
  const odd = parts.findIndex(
    ({ shape, sizes }) => shape.join() !== first.shape.join() || sizes.join() !== first.sizes.join(),
  );
  if (odd > 0) {
    throw new DataError("uneven-frames", `frame ${odd + 1} has another grid than the first`, {
      file,
      expected: `${first.shape.join(" x ")} of ${first.sizes.join(" x ")} mm`,
      found: `${parts[odd]?.shape.join(" x ")} of ${parts[odd]?.sizes.join(" x ")} mm`,
    });
  }
  const count = checkedProduct(first.shape, "the image extents", file);
  for (const part of parts) checkRoom(part, count, bytes.length, file);
  const data = new Float32Array(checkedProduct([count, parts.length], "all voxels", file));
  for (const [t, { matrix, format, scale }] of parts.entries()) {
    const stored = decodeNumbers(bytes, matrix.start + blockBytes, count, format, file);
    const factor = scale * header.calibration;
    for (let i = 0; i < count; i++) data[t * count + i] = (stored[i] as number) * factor;
  }
  const volume: Volume<VoxelUnit> = {
    unit: header.unit,
    shape: first.shape,
    affine: centred(first, header.position ?? "HFS"),
    space,
    clock,
    frames: framesOf(
      parts.map(({ frame }) => frame),
      file,
    ),
    data,
  };
  return { header, volume, decayFactors: parts.map(({ decay }) => decay) };
}

interface Part {
  readonly matrix: EcatMatrix;
  readonly format: NumberFormat;
  readonly shape: readonly [number, number, number];
  /** mm */
  readonly sizes: readonly [number, number, number];
  /** mm */
  readonly offset: readonly [number, number, number];
  readonly scale: number;
  readonly frame: Frame;
  readonly decay: number;
}

function oneOfEach(matrices: readonly EcatMatrix[], file: string): void {
  const rules = [
    ["several-beds", "bed"],
    ["several-gates", "gate"],
    ["several-parts", "data"],
  ] as const;
  for (const [code, what] of rules) {
    const distinct = new Set(matrices.map((matrix) => matrix[what]));
    if (distinct.size > 1) {
      throw new DataError(code, `the file holds several of ${what}, which are not put together here`, {
        file,
        found: [...distinct].join(", "),
      });
    }
  }
  const frames = matrices.map(({ frame }) => frame);
  const twice = frames.find((frame, i) => frames.indexOf(frame) !== i);
  if (twice !== undefined) {
    throw new DataError("bad-matrix-list", `frame ${twice} stands twice in the directory`, { file });
  }
}

function subheaderOf(bytes: Uint8Array, matrix: EcatMatrix, file: string): Part {
  const reader = byteReader(bytes, file, false);
  const at = matrix.start;
  reader.bytes(at, blockBytes, `the subheader of frame ${matrix.frame}`);
  const type = reader.int16(at, "the data type");
  const format = formats[type];
  if (format === undefined) {
    throw new DataError("unsupported-number-format", "numbers stored this way are not read", {
      file,
      expected: "data type 1 (byte), 2, 3 (VAX), 5 (IEEE float), 6, 7 (Sun)",
      found: `${type}`,
    });
  }
  const three = (
    read: (at: number, what: string) => number,
    from: number,
    step: number,
    factor: number,
    what: string,
  ) => [0, 1, 2].map((i) => factor * read(at + from + step * i, what)) as [number, number, number];
  const shape = three(reader.int16, 4, 2, 1, "the extents");
  checkedProduct(shape, "the image extents", file);
  // Pixel sizes and offsets are in cm.
  const sizes = three(reader.float32, 34, 4, 10, "the pixel sizes").map((size) => Number(size.toPrecision(7))) as [
    number,
    number,
    number,
  ];
  const offset = three(reader.float32, 10, 4, 10, "the offsets");
  if (!sizes.every((size) => size > 0 && size < 1000) || !offset.every((value) => Math.abs(value) < 1e5)) {
    throw new DataError("bad-dimensions", "pixel sizes must be positive and offsets possible", {
      file,
      found: `${sizes.join(" x ")} mm at ${offset.join(", ")} mm`,
    });
  }
  const scale = reader.float32(at + 26, "the scale factor");
  if (!(Number.isFinite(scale) && scale !== 0)) {
    throw new DataError("bad-scaling", `the scale factor of frame ${matrix.frame}`, { file, found: `${scale}` });
  }
  const decay = reader.float32(at + 80, "the decay factor");
  return {
    matrix,
    format,
    shape,
    sizes,
    offset,
    scale,
    frame: {
      start: reader.int32(at + 50, "the frame's start") / 1000,
      duration: reader.int32(at + 46, "its duration") / 1000,
    },
    decay: Number.isFinite(decay) && decay > 0 ? decay : 1,
  };
}

function checkRoom({ matrix, format, shape }: Part, count: number, size: number, file: string): void {
  const needed = blockBytes + count * format.bytes;
  if (needed > matrix.length || matrix.start + needed > size) {
    throw new DataError("truncated", `frame ${matrix.frame} does not fit in its blocks`, {
      file,
      expected: `${needed} bytes for ${shape.join(" x ")}`,
      found: `${Math.min(matrix.length, size - matrix.start)}`,
    });
  }
}

function framesOf(frames: readonly Frame[], file: string): readonly Frame[] {
  for (const [i, { start, duration }] of frames.entries()) {
    const before = frames[i - 1];
    if (duration < 0 || (before !== undefined && start < before.start + before.duration - 1e-3)) {
      throw new DataError("bad-frames", `frame ${i + 1} must last and follow the one before it`, {
        file,
        ...(before ? { expected: `a start at ${before.start + before.duration} s or later` } : {}),
        found: `${start} s for ${duration} s`,
      });
    }
  }
  return frames;
}

function centred({ shape, sizes, offset }: Part, position: PatientPosition): Affine {
  const first = shape.map((n, i) => (-(n - 1) / 2) * (sizes[i] as number) + (offset[i] as number));
  return patientAffine(sizes, first as [number, number, number], position);
}
