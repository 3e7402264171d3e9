import { expect, test } from "vitest";
import { parseXml, xmlAt, xmlNumber, xmlText } from "./xml.ts";

test("elements, texts, namespaces, attributes, comments, instructions, CDATA and the five plain entities", () => {
  const root = parseXml(
    `<?xml version="1.0"?><!-- a < b --><i:head xmlns:i="x>y"><a n='1'> 3 </a><b/><c>x &lt; y &amp; z<![CDATA[ <&> ]]></c><a>4</a></i:head>`,
    "f",
  );
  expect(root.name).toBe("head");
  expect(root.children.map(({ name }) => name)).toEqual(["a", "b", "c", "a"]);
  expect(xmlNumber(root, "a")).toBe(3);
  expect(xmlText(root, "c")).toBe("x < y & z <&>");
  expect(xmlText(root, "b")).toBeUndefined();
  expect(xmlNumber(root, "c")).toBeUndefined();
  expect(xmlAt(root, "a", "deeper")).toBeUndefined();
});

test.each([
  ["bad-xml", ""],
  ["bad-xml", "text"],
  ["bad-xml", "<a>"],
  ["bad-xml", "<a></b>"],
  ["bad-xml", "<a/><b/>"],
  ["bad-xml", "<a"],
  ["bad-xml", "<a><!-- </a>"],
  ["bad-xml", "<a><![CDATA[ </a>"],
  ["bad-xml", "</a>"],
  ["bad-xml", "<a>< b></a>"],
  // entities of one's own are how a small file becomes a large one
  ["bad-xml", '<!DOCTYPE a [<!ENTITY b "cc">]><a>&b;</a>'],
  ["xml-too-deep", "<a>".repeat(70) + "</a>".repeat(70)],
  ["xml-too-large", `<a>${"<b/>".repeat(100_001)}</a>`],
  ["xml-too-large", `<a>${" ".repeat(2 ** 22)}</a>`],
])("refuses %s (%#)", (code, source) => {
  expect(() => parseXml(source, "f")).toThrow(expect.objectContaining({ code, file: "f" }));
});
