import { DataError, type Surface } from "@quintet/core";
import { zlibSync } from "fflate";
import type { VertexLabels } from "../surface/vertex-labels.ts";
import { toBase64 } from "./base64.ts";

export type GiftiEncoding = "ASCII" | "Base64Binary" | "GZipBase64Binary";

export interface GiftiWriteOptions {
  /** Default GZipBase64Binary. */
  readonly encoding?: GiftiEncoding;
  /** Metadata of the pointset: AnatomicalStructurePrimary (CortexLeft, Head ...), GeometricType ... */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Spaces that NIFTI_XFORM can name. */
const xforms: Readonly<Record<string, string>> = {
  scanner: "NIFTI_XFORM_SCANNER_ANAT",
  aligned: "NIFTI_XFORM_ALIGNED_ANAT",
  Talairach: "NIFTI_XFORM_TALAIRACH",
  MNI152: "NIFTI_XFORM_MNI_152",
};

/**
 * Writes a surface as GIFTI (.surf.gii). Coordinates are world mm as they stand; the space's name is in the metadata, and
 * in the coordinate system where NIFTI_XFORM has a code for it ("subject:..." and "scanner:..." are scanner coordinates).
 *
 * @throws DataError `not-finite`
 */
export function writeGiftiSurface(surface: Surface, options: GiftiWriteOptions = {}): Uint8Array {
  const { vertices, faces, space } = surface;
  refuseNonFinite(vertices);
  const code =
    xforms[space] ?? (/^(subject|scanner):/.test(space) ? xforms.scanner : undefined) ?? "NIFTI_XFORM_UNKNOWN";
  const identity = [0, 1, 2, 3].map((r) => [0, 1, 2, 3].map((c) => Number(r === c)).join(" ")).join("\n");
  const system = `<CoordinateSystemTransformMatrix><DataSpace>${code}</DataSpace><TransformedSpace>${code}</TransformedSpace><MatrixData>${identity}</MatrixData></CoordinateSystemTransformMatrix>`;
  const points = {
    intent: "POINTSET",
    columns: 3,
    data: vertices,
    inside: system,
    metadata: { ...options.metadata, Space: space },
  };
  return document([points, { intent: "TRIANGLE", columns: 3, data: Int32Array.from(faces) }], options.encoding);
}

/** Writes values at vertices (.shape.gii): one array per map, named by its key. @throws DataError `not-finite` */
export function writeGiftiValues(
  maps: Readonly<Record<string, Float32Array>>,
  { encoding }: Pick<GiftiWriteOptions, "encoding"> = {},
): Uint8Array {
  const arrays = Object.entries(maps).map(([Name, data]) => {
    refuseNonFinite(data);
    return { intent: "SHAPE", columns: 1, data, metadata: { Name } };
  });
  return document(arrays, encoding);
}

/** Writes labels at vertices (.label.gii) with their names. */
export function writeGiftiLabels(
  { data, names }: VertexLabels,
  { encoding }: Pick<GiftiWriteOptions, "encoding"> = {},
): Uint8Array {
  const rows = [...names].map(([key, name]) => `<Label Key="${key}">${cdata(name)}</Label>`).join("\n");
  return document([{ intent: "LABEL", columns: 1, data }], encoding, `<LabelTable>\n${rows}\n</LabelTable>`);
}

interface ArrayOut {
  readonly intent: string;
  readonly columns: number;
  readonly data: Float32Array | Int32Array;
  readonly inside?: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

function document(
  arrays: readonly ArrayOut[],
  encoding: GiftiEncoding = "GZipBase64Binary",
  table = "<LabelTable/>",
): Uint8Array {
  const text = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE GIFTI SYSTEM "http://gifti.projects.nitrc.org/gifti.dtd">
<GIFTI Version="1.0" NumberOfDataArrays="${arrays.length}">
<MetaData/>
${table}
${arrays.map((array) => arrayXml(array, encoding)).join("\n")}
</GIFTI>
`;
  return new TextEncoder().encode(text);
}

function arrayXml({ intent, columns, data, inside = "", metadata = {} }: ArrayOut, encoding: GiftiEncoding): string {
  const rows = data.length / columns;
  const dims =
    columns === 1 ? `Dimensionality="1" Dim0="${rows}"` : `Dimensionality="2" Dim0="${rows}" Dim1="${columns}"`;
  const type = data instanceof Float32Array ? "FLOAT32" : "INT32";
  const pairs = Object.entries(metadata).map(([k, v]) => `<MD><Name>${cdata(k)}</Name><Value>${cdata(v)}</Value></MD>`);
  return `<DataArray Intent="NIFTI_INTENT_${intent}" DataType="NIFTI_TYPE_${type}" ArrayIndexingOrder="RowMajorOrder" ${dims} Encoding="${encoding}" Endian="LittleEndian" ExternalFileName="" ExternalFileOffset="">
<MetaData>${pairs.join("")}</MetaData>
${inside}<Data>${encoded(data, columns, encoding)}</Data>
</DataArray>`;
}

function encoded(data: Float32Array | Int32Array, columns: number, encoding: GiftiEncoding): string {
  if (encoding === "ASCII") {
    const lines: string[] = [];
    for (let i = 0; i < data.length; i += columns) lines.push(data.subarray(i, i + columns).join(" "));
    return lines.join("\n");
  }
  const bytes = new Uint8Array(4 * data.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < data.length; i++) {
    if (data instanceof Float32Array) view.setFloat32(4 * i, data[i] as number, true);
    else view.setInt32(4 * i, data[i] as number, true);
  }
  return toBase64(encoding === "Base64Binary" ? bytes : zlibSync(bytes, { level: 6 }));
}

function cdata(text: string): string {
  return `<![CDATA[${text.replaceAll("]]>", "]]]]><![CDATA[>")}]]>`;
}

function refuseNonFinite(data: Float32Array): void {
  const lost = data.findIndex((x) => !Number.isFinite(x));
  if (lost >= 0) throw new DataError("not-finite", "surfaces hold numbers", { found: `${data[lost]} at ${lost}` });
}
