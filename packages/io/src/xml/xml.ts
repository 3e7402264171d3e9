import { DataError } from "@quintet/core";

export interface XmlElement {
  /** Without its namespace prefix. */
  readonly name: string;
  readonly children: readonly XmlElement[];
  /** Text directly inside, trimmed. */
  readonly text: string;
}

const mostCharacters = 4 * 2 ** 20;
const mostElements = 100_000;
const deepest = 64;
const named: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/**
 * The elements and texts of an XML document: all that a header of plain values needs. A document type, which could
 * define entities, is refused; attributes, comments and processing instructions are passed over.
 *
 * @throws DataError `xml-too-large`, `xml-too-deep`, `bad-xml`
 */
export function parseXml(source: string, file: string): XmlElement {
  if (source.length > mostCharacters) {
    throw new DataError("xml-too-large", "this XML is too large for a header", {
      file,
      expected: `at most ${mostCharacters} characters`,
      found: `${source.length}`,
    });
  }
  const bad = (what: string, at: number): DataError =>
    new DataError("bad-xml", `the XML header ${what}`, { file, found: JSON.stringify(source.slice(at, at + 40)) });
  interface Open {
    readonly name: string;
    readonly children: XmlElement[];
    text: string;
  }
  const root: Open = { name: "", children: [], text: "" };
  const open: Open[] = [root];
  let [at, elements] = [0, 0];
  while (at < source.length) {
    const here = open.at(-1) as Open;
    const next = source.indexOf("<", at);
    const text = source.slice(at, next < 0 ? source.length : next);
    if (text.trim() !== "") here.text += plainText(text);
    if (next < 0) break;
    const skipped = skip(source, next);
    if (skipped !== undefined) {
      if (skipped < 0) throw bad("ends inside a comment or instruction", next);
      at = skipped;
      continue;
    }
    if (source.startsWith("<![CDATA[", next)) {
      const end = source.indexOf("]]>", next);
      if (end < 0) throw bad("ends inside a text", next);
      here.text += source.slice(next + 9, end);
      at = end + 3;
      continue;
    }
    if (source.startsWith("<!", next)) throw bad("has a document type, which is not read", next);
    const end = tagEnd(source, next);
    if (end < 0) throw bad("ends inside a tag", next);
    const tag = source.slice(next + 1, end);
    at = end + 1;
    if (tag.startsWith("/")) {
      const name = localName(tag.slice(1));
      if (open.length < 2 || here.name !== name)
        throw bad(`closes ${name || "nothing"} where ${here.name} is open`, next);
      open.pop();
      (open.at(-1) as Open).children.push({ ...here, text: here.text.trim() });
      continue;
    }
    const name = localName(tag);
    if (name === "") throw bad("has a tag without a name", next);
    if (++elements > mostElements) throw new DataError("xml-too-large", `more than ${mostElements} elements`, { file });
    if (tag.endsWith("/")) here.children.push({ name, children: [], text: "" });
    else if (open.length > deepest)
      throw new DataError("xml-too-deep", `elements nested more than ${deepest} deep`, { file });
    else open.push({ name, children: [], text: "" });
  }
  const [first, ...more] = root.children;
  if (open.length > 1 || first === undefined || more.length > 0) throw bad("is not one whole element", 0);
  return first;
}

/** One past a comment or instruction that starts at `at`; -1 when it does not end, undefined when there is none. */
function skip(source: string, at: number): number | undefined {
  const end = source.startsWith("<!--", at) ? "-->" : source.startsWith("<?", at) ? "?>" : undefined;
  if (end === undefined) return undefined;
  const found = source.indexOf(end, at + 2);
  return found < 0 ? -1 : found + end.length;
}

/** The ">" that ends a tag: one inside the quotes of an attribute does not. */
function tagEnd(source: string, from: number): number {
  let quote = "";
  for (let at = from + 1; at < source.length; at++) {
    const c = source[at] as string;
    if (quote !== "") quote = c === quote ? "" : quote;
    else if (c === '"' || c === "'") quote = c;
    else if (c === ">") return at;
    else if (c === "<") return -1;
  }
  return -1;
}

function localName(tag: string): string {
  const name = /^[^\s/>]+/.exec(tag)?.[0] ?? "";
  return name.slice(name.indexOf(":") + 1);
}

function plainText(text: string): string {
  return text.replace(/&(\w+);/g, (whole, name: string) => named[name] ?? whole);
}

/** The element at a path of names, each the first of its name. */
export function xmlAt(element: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  let here = element;
  for (const name of path) here = here?.children.find((child) => child.name === name);
  return here;
}

export function xmlNumber(element: XmlElement | undefined, ...path: readonly string[]): number | undefined {
  const text = xmlAt(element, ...path)?.text ?? "";
  const value = text === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}

export function xmlText(element: XmlElement | undefined, ...path: readonly string[]): string | undefined {
  return xmlAt(element, ...path)?.text || undefined;
}
