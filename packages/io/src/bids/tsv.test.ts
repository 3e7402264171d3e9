import { DataError } from "@quintet/core";
import { expect, test } from "vitest";
import { readJson, writeJson } from "./json.ts";
import { decodeText } from "./text.ts";
import { cell, numberCell, readTsv, writeTsv } from "./tsv.ts";

const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return error instanceof DataError ? error.code : `not a DataError: ${error}`;
  }
  return "no error";
};

test("cells by row and column; n/a and blank are missing", () => {
  const table = readTsv("name\tx\nA\t1.5\nB\tn/a\n", "t.tsv");
  expect(table.rows).toEqual([
    ["A", "1.5"],
    ["B", "n/a"],
  ]);
  expect([numberCell(table, 0, "x"), numberCell(table, 1, "x"), cell(table, 0, "nothing")]).toEqual([
    1.5,
    undefined,
    undefined,
  ]);
});

test("a byte order mark, CRLF and blank lines at the end are accepted", () => {
  expect(readTsv("\uFEFFa\tb\r\n1\t2\r\n\r\n", "t.tsv")).toEqual({
    file: "t.tsv",
    columns: ["a", "b"],
    rows: [["1", "2"]],
  });
});

test("what was written is read back", () => {
  const text = writeTsv(
    ["a", "b"],
    [
      [1e-7, "é"],
      [Number.NaN, undefined],
      [0, true],
    ],
  );
  expect(text).toBe("a\tb\n1e-7\té\nn/a\tn/a\n0\ttrue\n");
  expect(readTsv(text, "t.tsv").rows[0]).toEqual(["1e-7", "é"]);
});

test.each([
  ["empty-tsv", ""],
  ["duplicate-column", "a\ta\n"],
  ["empty-column-name", "a\t\n"],
  ["ragged-row", "a\tb\n1\n"],
  ["too-many-columns", Array.from({ length: 10_001 }, (_, i) => `c${i}`).join("\t")],
])("refuses %s", (code, text) => {
  expect(codeOf(() => readTsv(text, "t.tsv"))).toBe(code);
});

test("a ragged row is named by its line", () => {
  expect(() => readTsv("a\tb\n1\t2\n3\n", "t.tsv")).toThrow(
    "t.tsv: line 3 is not as long as the header (expected 2 cells, found 1)",
  );
});

test.each(["1,5", "0x10", "Infinity", "NaN", "1e999", "one"])("the cell %s is not a number", (text) => {
  expect(codeOf(() => numberCell(readTsv(`x\n${text}\n`, "t"), 0, "x"))).toBe("not-a-number");
});

test("a cell with a tab or line end is not written", () => {
  expect(codeOf(() => writeTsv(["a"], [["x\ty"]]))).toBe("bad-cell");
  expect(codeOf(() => writeTsv(["a", "b"], [["x"]]))).toBe("ragged-row");
});

test("JSON: an object, with line and column of what is wrong", () => {
  expect(readJson('\uFEFF{"a": [1]}', "j.json")).toEqual({ a: [1] });
  expect(writeJson({ b: 1, a: undefined })).toBe('{\n  "b": 1\n}\n');
  expect(() => readJson('{\n  "a": NaN\n}', "j.json")).toThrow(/j\.json: not valid JSON.*JSON has no NaN/);
});

test.each([
  ["bad-json", "{"],
  ["bad-json", ""],
  ["not-an-object", "[1]"],
  ["not-an-object", "null"],
  ["json-too-deep", "[".repeat(200_000)],
  ["json-too-large", " ".repeat(17 * 2 ** 20)],
])("JSON refuses %s", (code, text) => {
  expect(codeOf(() => readJson(text, "j.json"))).toBe(code);
});

test("text is UTF-8", () => {
  expect(decodeText(new TextEncoder().encode("µV"), "t")).toBe("µV");
  expect(codeOf(() => decodeText(Uint8Array.of(0xb5, 0x56), "t"))).toBe("not-utf8");
  expect(() => decodeText(Uint8Array.of(0xff, 0xfe, 0x41, 0), "t")).toThrow("UTF-16");
});
