import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import type { Surface } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { describeRealData } from "../../../../testing/real-data.ts";
import { fromBase64, toBase64 } from "./base64.ts";
import { looksLikeGifti, readGifti } from "./gifti.ts";
import { readGiftiLabels, readGiftiSurface, readGiftiValues } from "./surface.ts";
import { writeGiftiLabels, writeGiftiSurface, writeGiftiValues } from "./write.ts";

const folder = new URL("../../../../fixtures/surfaces/", import.meta.url);
const fixture = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, folder)));
const expected = JSON.parse(readFileSync(new URL("expected.json", folder), "utf8"));

describe.each(["ascii.surf.gii", "base64.surf.gii", "columns.surf.gii"])("%s, written by nibabel 5.4.2", (name) => {
  test("its points carried by the coordinate transform, or as they stand", () => {
    const surface = readGiftiSurface(fixture(name), { file: name });
    expect(surface.space).toBe("scanner");
    expect(surface.vertices).toBeAllclose(expected[name].points, { atol: 1e-5 });
    expect([...readGiftiSurface(fixture(name), { coordinates: "stored" }).vertices]).toEqual(expected[name].stored);
  });
  test("its faces, turned where the transform mirrors", () => {
    const faces = [...readGiftiSurface(fixture(name)).faces];
    const [a, b, c] = expected[name].faces;
    expect(faces.slice(0, 3)).toEqual(name.startsWith("columns") ? [a, c, b] : [a, b, c]);
    expect([...readGiftiSurface(fixture(name), { coordinates: "stored" }).faces]).toEqual(expected[name].faces);
  });
});

test("labels with names, values with their numbers", () => {
  const { data, names } = readGiftiLabels(fixture("regions.label.gii"));
  expect([...data]).toEqual([0, 3, 7, 7, 3, 0]);
  expect(names.get(3)).toBe("insula & more");
  expect(names.get(7)).toBe("précuneus");
  expect(readGiftiValues(fixture("thickness.shape.gii"))).toEqual([Float32Array.of(2.5, 3, 1, 4, 2, 2.25)]);
  expect(readGifti(fixture("regions.label.gii"), { file: "r" }).labels.get(3)?.colour).toBeAllclose(
    [0.1, 0.2, 0.3, 1],
    { atol: 1e-6 },
  );
});

const surface: Surface = {
  space: "subject:T1w",
  vertices: Float32Array.of(0, 0, 0, 10.25, 0, 0, 0, 1e-3, 0, 0, 0, 10),
  faces: Uint32Array.of(0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3),
};
describe("what is written is read back", () => {
  test.each(["ASCII", "Base64Binary", "GZipBase64Binary"] as const)("a surface in %s", (encoding) => {
    const bytes = writeGiftiSurface(surface, { encoding, metadata: { AnatomicalStructurePrimary: "Head" } });
    const back = readGiftiSurface(bytes);
    expect(back).toMatchObject({ vertices: surface.vertices, faces: surface.faces, space: "scanner" });
    expect(readGiftiSurface(gzipSync(bytes)).vertices).toEqual(surface.vertices);
    const points = readGifti(bytes, { file: "s" }).arrays[0];
    expect(points?.metadata.get("Space")).toBe("subject:T1w");
    expect(points?.metadata.get("AnatomicalStructurePrimary")).toBe("Head");
  });
  test("values and labels", () => {
    const values = Float32Array.of(1.5, -2, 1e-20);
    expect(readGiftiValues(writeGiftiValues({ thickness: values }, { encoding: "ASCII" }))).toEqual([values]);
    const labels = {
      data: Int32Array.of(-1, 2, 1),
      names: new Map([
        [1, "a ]]> & <b>"],
        [2, "ü"],
      ]),
    };
    expect(readGiftiLabels(writeGiftiLabels(labels))).toEqual(labels);
  });
  test("base64 of every length, blanks between", () => {
    for (let n = 0; n < 9; n++) {
      const bytes = Uint8Array.from({ length: n }, (_, i) => 251 * i + 7);
      expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
      expect(fromBase64(toBase64(bytes).replace(/(..)/g, "$1\n "), "f")).toEqual(bytes);
    }
  });
});

describe("refusals", () => {
  const text = new TextDecoder().decode(writeGiftiSurface(surface, { encoding: "ASCII" }));
  const changed = (from: string | RegExp, to: string): Uint8Array => new TextEncoder().encode(text.replace(from, to));
  test.each<[string, Uint8Array, string]>([
    ["another document", new TextEncoder().encode("<svg/>"), "not-gifti"],
    ["entities of its own", changed(/<!DOCTYPE[^>]*>/, '<!DOCTYPE GIFTI [<!ENTITY a "aaaa">]>'), "xml-entities"],
    ["an entity of nobody", changed("<MetaData/>", "<MetaData><MD><Name>&xxe;</Name></MD></MetaData>"), "xml-entities"],
    ["a document type inside", changed("<LabelTable/>", "<!DOCTYPE x>"), "xml-entities"],
    ["a tag left open", changed("</GIFTI>", ""), "bad-xml"],
    ["tags that cross", changed("</Data>", "</DataArray>"), "bad-xml"],
    ["no end of nesting", new TextEncoder().encode("<GIFTI>".repeat(40)), "xml-too-deep"],
    ["numbers elsewhere", changed('"ASCII"', '"ExternalFileBinary"'), "external-file"],
    ["more points than there are", changed('Dim0="4"', 'Dim0="5"'), "truncated"],
    ["room for a thousand million points", changed('Dim0="4"', 'Dim0="1000000000"'), "truncated"],
    ["no points", changed('Dim0="4"', 'Dim0="0"'), "bad-dimensions"],
    ["seven dimensions", changed('Dimensionality="2"', 'Dimensionality="7"'), "bad-dimensions"],
    ["a type of nobody", changed("NIFTI_TYPE_FLOAT32", "NIFTI_TYPE_FLOAT16"), "unsupported-datatype"],
    ["words for numbers", changed("10.25", "ten"), "bad-number"],
    ["NaN", changed("10.25", "NaN"), "not-finite"],
    ["a corner that is no vertex", changed("1 2 3</Data>", "1 2 4</Data>"), "bad-face"],
    ["a transform of three rows", changed("0 0 0 1</MatrixData>", "</MatrixData>"), "bad-transform"],
    ["no triangles", changed("NIFTI_INTENT_TRIANGLE", "NIFTI_INTENT_SHAPE"), "no-surface"],
    ["UTF-16", Uint8Array.of(0xff, 0xfe, 60, 0), "not-utf8"],
  ])("%s", (_, bytes, code) => {
    expect(() => readGiftiSurface(bytes, { file: "a.gii" })).toThrow(expect.objectContaining({ code }));
  });
  test("a deflated array that grows without end is stopped", () => {
    const packed = new TextDecoder().decode(writeGiftiSurface({ ...surface, vertices: new Float32Array(30000) }));
    const less = new TextEncoder().encode(packed.replace('Dim0="10000"', 'Dim0="4"'));
    expect(() => readGiftiSurface(less)).toThrow(expect.objectContaining({ code: "decompression-limit" }));
  });
  test("told by its bytes", () => {
    expect(looksLikeGifti(fixture("ascii.surf.gii"))).toBe(true);
    expect(looksLikeGifti(new TextEncoder().encode("<svg/>"))).toBe(false);
  });
});

/** Counts and column sums by nibabel 5.4.2. */
describeRealData(
  "fsaverage5 and SPM's cortex",
  ["head/fsaverage5/pial_right.gii.gz", "spm_templates_GPL/cortex_5124.surf.gii"],
  (pial, spm) => {
    test.each([
      ["fsaverage5, rows", pial, 10242, 20480, [307501.06, -209956.28, 183799.89]],
      ["SPM, columns", spm, 5124, 10240, [2538.35, -115660.66, 88642.52]],
    ] as const)("%s", (_, path, vertices, faces, sums) => {
      const read = readGiftiSurface(readFileSync(path), { file: path });
      expect([read.vertices.length / 3, read.faces.length / 3]).toEqual([vertices, faces]);
      const found = [0, 1, 2].map((k) => read.vertices.reduce((sum, x, i) => sum + (i % 3 === k ? x : 0), 0));
      // nibabel sums in float32.
      expect(found).toBeAllclose(sums, { rtol: 1e-5 });
    });
  },
);
