/**
 * The guarded door to elastix (Klein et al., IEEE TMI 2010;29:196-205; Shamonin et al., Front Neuroinform 2014;7:50),
 * compiled to WebAssembly. Everything here is in ITK's LPS millimetres; Quintet's world is RAS.
 *
 * What the guards are for (each has a test): the engine reads a typed array's whole buffer and ignores its byte
 * offset, so data are copied; both images must hold the same pixel type, so both are float32; a C++ exception arrives
 * as a bare number; a slab that covers less than a quarter of the samples is refused unless asked otherwise.
 */
import { elastixNode } from "@itk-wasm/elastix";
import { DataError, determinant, type Grid, type Volume, voxelCount } from "@quintet/core";
import {
  FloatTypes,
  type Image,
  InterfaceTypes,
  type JsonCompatible,
  PixelTypes,
  runPipelineNode,
  type TransformList,
} from "itk-wasm";

/** One stage of an elastix parameter file: every value a list of words. */
export type ParameterMap = Readonly<Record<string, readonly string[]>>;

let pipelineFolder: string | undefined;

/**
 * Where `elastix.js` and `elastix.wasm.zst` lie.
 *
 * Default: `pipelines/` beside the module that holds `@itk-wasm/elastix`'s code: its own folder in node_modules, or,
 * once bundled, the folder of the bundle (copy the two files to `<bundle>/pipelines/`). Set this for any other place;
 * `undefined` restores the default.
 */
export function setElastixFolder(folder: string | undefined): void {
  pipelineFolder = folder;
}

export interface ElastixResult {
  /** Parameter maps of the final transform, one per stage, as elastix writes them. */
  readonly maps: readonly ParameterMap[];
}

/** A grid's geometry as ITK states it: origin, spacing and direction cosines in LPS. */
function itkGeometry({ affine }: Grid): {
  origin: [number, number, number];
  spacing: [number, number, number];
  direction: Float64Array;
} {
  const sign = [-1, -1, 1];
  const lps = (row: number, column: number): number => (sign[row] as number) * (affine[row * 4 + column] as number);
  const spacing = [0, 1, 2].map((c) => Math.hypot(lps(0, c), lps(1, c), lps(2, c))) as [number, number, number];
  const direction = new Float64Array(9);
  for (let row = 0; row < 3; row++) {
    for (let c = 0; c < 3; c++) direction[row * 3 + c] = lps(row, c) / (spacing[c] as number);
  }
  return { origin: [lps(0, 3), lps(1, 3), lps(2, 3)], spacing, direction };
}

/** The first frame as an ITK image that owns its bytes. */
function itkImage(volume: Volume, name: string): Image {
  const data = Float32Array.from(volume.data.subarray(0, voxelCount(volume)));
  const { origin, spacing, direction } = itkGeometry(volume);
  return {
    imageType: { dimension: 3, componentType: FloatTypes.Float32, pixelType: PixelTypes.Scalar, components: 1 },
    name,
    origin,
    spacing,
    direction,
    size: [...volume.shape],
    metadata: new Map(),
    data,
  };
}

/**
 * Runs elastix: stages one after the other, each starting from the last.
 * @throws DataError `registration-failed` with the engine's own words where it gave any
 */
export async function runElastix(
  fixed: Volume,
  moving: Volume,
  stages: readonly ParameterMap[],
): Promise<ElastixResult> {
  for (const [volume, name] of [
    [fixed, "fixed"],
    [moving, "moving"],
  ] as const) {
    if (!(Math.abs(determinant(volume.affine)) > 1e-9)) {
      throw new DataError("singular-affine", `the ${name} image's affine has no inverse`);
    }
  }
  const images = { fixed: itkImage(fixed, "fixed"), moving: itkImage(moving, "moving") };
  try {
    const result = await (pipelineFolder === undefined
      ? elastixNode(stages as unknown as JsonCompatible, images)
      : elastixIn(pipelineFolder, stages as unknown as JsonCompatible, images));
    const maps = result.transformParameterObject as unknown as readonly ParameterMap[] | undefined;
    if (!Array.isArray(maps) || maps.length === 0) throw new Error("it returned no transform");
    return { maps };
  } catch (error) {
    throw new DataError("registration-failed", `elastix could not register these images: ${words(error)}`, {
      expected: "two images of one head that overlap",
      cause: error,
    });
  }
}

/** The C++ exceptions of a release build arrive as a pointer: a number with nothing to say. */
function words(error: unknown): string {
  if (typeof error === "number") return `internal exception ${error} (often: too few samples inside both images)`;
  const text = error instanceof Error ? error.message : String(error);
  const described = /Description:\s*(.+)/.exec(text)?.[1] ?? text;
  return described.split("\n")[0]?.slice(0, 200) ?? "";
}

interface ElastixImages {
  readonly fixed: Image;
  readonly moving: Image;
}

async function elastixIn(
  folder: string,
  stages: JsonCompatible,
  images: ElastixImages,
): Promise<{ transformParameterObject?: JsonCompatible; transform?: TransformList }> {
  const { returnValue, stderr, outputs } = await runPipelineNode(
    `${folder.replace(/\/$/, "")}/elastix`,
    ["0", "0", "1", "2", "--memory-io", "--fixed", "1", "--moving", "2"],
    [{ type: InterfaceTypes.Image }, { type: InterfaceTypes.TransformList }, { type: InterfaceTypes.JsonCompatible }],
    [
      { type: InterfaceTypes.JsonCompatible, data: stages },
      { type: InterfaceTypes.Image, data: images.fixed },
      { type: InterfaceTypes.Image, data: images.moving },
    ],
  );
  if (returnValue !== 0) throw new Error(stderr || `exit code ${returnValue}`);
  return { transformParameterObject: outputs[2]?.data as JsonCompatible };
}
