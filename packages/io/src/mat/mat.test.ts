import type { DataError } from "@quintet/core";
import { zlibSync } from "fflate";
import { describe, expect, test } from "vitest";
import { matBytes, record, row, scalar } from "../../../../fixtures/signals/mat.ts";
import type { Hdf5Group, Hdf5Node } from "../hdf5/hdf5-tree.ts";
import { readMat } from "./mat.ts";
import { matField, matNumber, matNumbers, matText, matTexts } from "./mat-value.ts";
import { matFromHdf5 } from "./mat73.ts";

const file = "x.mat";
const variables = {
  a: { double: [1, 2, 3, 4, 5, 6], shape: [2, 3] },
  small: { double: [-5, 300], shape: [1, 2], as: "int16" as const },
  tiny: { double: [255], shape: [1, 1], as: "uint8" as const },
  single: { single: [0.5, -0.25], shape: [2, 1] },
  text: "Grüße",
  none: "",
  list: { cell: ["one", scalar(2), { cell: ["deep"], shape: [1, 1] }], shape: [1, 3] },
  s: { struct: { name: ["x", "y"], value: [scalar(7), row([8, 9])] }, shape: [1, 2] },
  nested: record({ inner: record({ leaf: scalar(42) }) }),
  bare: { struct: {}, shape: [1, 1] },
};

describe.each([
  ["plain, little-endian", {}],
  ["big-endian", { bigEndian: true }],
  ["compressed", { compress: true }],
])("%s", (_, writing) => {
  const read = readMat(matBytes(variables, writing), { file });
  test("numbers are column-major, in the class of the variable whatever they are stored as", () => {
    expect(read.get("a")).toMatchObject({ shape: [2, 3], type: "double" });
    expect([...(matNumbers(read.get("a")) ?? [])]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(matNumbers(read.get("small"))).toEqual(Float64Array.of(-5, 300));
    expect(matNumbers(read.get("tiny"))).toEqual(Float64Array.of(255));
    expect(matNumbers(read.get("single"))).toEqual(Float32Array.of(0.5, -0.25));
  });

  test("text, cells, struct arrays and nested structs", () => {
    expect([matText(read.get("text")), matText(read.get("none"))]).toEqual(["Grüße", ""]);
    expect(matTexts(read.get("list"))).toEqual(["one", "", ""]);
    expect(matText(matField(read.get("s"), "name", 1))).toBe("y");
    expect(matNumbers(matField(read.get("s"), "value", 1))).toEqual(Float64Array.of(8, 9));
    expect(matNumber(matField(matField(read.get("nested"), "inner"), "leaf"))).toBe(42);
    expect(read.get("bare")).toMatchObject({ kind: "struct" });
  });
});

test("a char matrix of no columns has no rows, however many it claims", () => {
  const bytes = matBytes({ a: "" });
  new DataView(bytes.buffer).setInt32(128 + 8 + 16 + 8, 2 ** 30, true);
  expect(readMat(bytes, { file }).get("a")).toEqual({ kind: "char", shape: [2 ** 30, 0], rows: [] });
});

test("`only` skips the rest", () => {
  expect([...readMat(matBytes(variables), { file, only: ["a"] }).keys()]).toEqual(["a"]);
});

describe("refusals", () => {
  const good = matBytes({ a: row([1, 2, 3]) });
  const patched = (at: number, ...values: number[]): Uint8Array => {
    const bytes = good.slice();
    bytes.set(values, at);
    return bytes;
  };
  const packed = (payload: Uint8Array): Uint8Array => {
    const bytes = new Uint8Array(128 + 8 + payload.length);
    bytes.set(good.subarray(0, 128));
    new DataView(bytes.buffer).setUint32(128, 15, true);
    new DataView(bytes.buffer).setUint32(132, payload.length, true);
    bytes.set(payload, 136);
    return bytes;
  };
  test.each([
    ["another format", new Uint8Array(500), "not-mat"],
    ["version 4", patched(124, 0, 0), "not-mat"],
    ["a cut variable", good.slice(0, 170), "truncated"],
    ["a length that lies", patched(132, 255, 255, 255, 127), "truncated"],
    ["an unknown class", patched(144, 99), "bad-element"],
    ["a shape beyond the numbers", patched(160 + 4, 77), "bad-element"],
    ["a negative shape", patched(160 + 3, 255), "bad-element"],
    ["broken compression", packed(Uint8Array.of(0x78, 0x9c, 1, 2, 3, 4, 5)), "bad-compression"],
    ["a compression bomb", packed(zlibSync(new Uint8Array(40 * 2 ** 20))), "decompression-limit"],
  ])("%s", (_, bytes, expected) => {
    const code = ((): string => {
      try {
        readMat(bytes, { file });
      } catch (error) {
        return (error as DataError).code;
      }
      return "none";
    })();
    expect(code).toBe(expected);
  });

  test("a length of field names that is no whole number", () => {
    const bytes = matBytes({ s: record({ x: scalar(1) }) });
    const view = new DataView(bytes.buffer);
    let at = 128;
    while (view.getUint32(at, true) !== 5 || view.getUint32(at + 8, true) !== 32) at += 4;
    view.setUint32(at, 7, true);
    view.setFloat32(at + 8, 1e-40, true);
    expect(() => readMat(bytes, { file })).toThrow(expect.objectContaining({ code: "bad-element" }));
  });

  test("nested without end", () => {
    let deep: Parameters<typeof matBytes>[0][string] = scalar(1);
    for (let i = 0; i < 60; i++) deep = { cell: [deep], shape: [1, 1] };
    expect(() => readMat(matBytes({ deep }), { file })).toThrow(expect.objectContaining({ code: "too-deep" }));
  });
});

describe("version 7.3, from the HDF5 tree", () => {
  const numbers = (data: number[], shape: number[], name = "double"): Hdf5Node => ({
    kind: "dataset",
    shape,
    type: "float",
    data: Float64Array.from(data),
    attributes: { MATLAB_class: name },
  });
  const references = (paths: string[], shape: number[], name?: string): Hdf5Node => ({
    kind: "dataset",
    shape,
    type: "reference",
    data: paths,
    ...(name === undefined ? {} : { attributes: { MATLAB_class: name } }),
  });
  const codes = (text: string): Hdf5Node =>
    numbers(
      [...text].map((c) => c.charCodeAt(0)),
      [text.length, 1],
      "char",
    );
  const root: Hdf5Group = {
    kind: "group",
    children: {
      "#refs#": {
        kind: "group",
        children: {
          a: codes("Fz"),
          b: codes("Cz"),
          c: numbers([3], [1, 1]),
          d: references(["/#refs#/d"], [1, 1], "cell"),
        },
      },
      m: numbers([1, 2, 3, 4, 5, 6], [3, 2]),
      cell: references(["/#refs#/a", "/#refs#/c"], [2, 1], "cell"),
      EEG: {
        kind: "group",
        attributes: { MATLAB_class: "struct" },
        children: {
          chanlocs: { kind: "group", children: { labels: references(["/#refs#/a", "/#refs#/b"], [2, 1]) } },
          srate: numbers([250], [1, 1]),
        },
      },
      empty: {
        kind: "dataset",
        shape: [2],
        type: "integer",
        data: Float64Array.of(0, 0),
        attributes: { MATLAB_class: "char", MATLAB_empty: 1 },
      },
    },
  };

  test("shapes are reversed, cells and struct arrays follow references", () => {
    const read = matFromHdf5(root, { file });
    expect(read.get("m")).toMatchObject({ shape: [2, 3] });
    expect(matTexts(read.get("cell"))).toEqual(["Fz", ""]);
    expect(matText(matField(matField(read.get("EEG"), "chanlocs"), "labels", 1))).toBe("Cz");
    expect(matNumber(matField(read.get("EEG"), "srate"))).toBe(250);
    expect(matText(read.get("empty"))).toBe("");
    expect(read.has("#refs#")).toBe(false);
  });

  test("a reference to itself is refused", () => {
    const loop: Hdf5Group = {
      kind: "group",
      children: { ...root.children, x: references(["/#refs#/d"], [1, 1], "cell") },
    };
    expect(() => matFromHdf5(loop, { file })).toThrow(expect.objectContaining({ code: "too-deep" }));
  });
});
