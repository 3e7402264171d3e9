import { DataError } from "@quintet/core";

/** What a GIFTI document is made of, told one after another. */
export interface XmlListener {
  readonly open: (name: string, attributes: ReadonlyMap<string, string>) => void;
  readonly text: (text: string) => void;
  readonly close: (name: string) => void;
}

const deepest = 32;
const mostTags = 1_000_000;
const named: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/**
 * Walks an XML document tag by tag. A DOCTYPE that names an outside file (as GIFTI's does) is passed over and never
 * fetched; one with declarations inside, which could define entities, is refused. Entities other than the five of XML
 * and numeric ones are refused.
 *
 * @throws DataError `bad-xml`, `xml-entities`, `xml-too-deep`, `xml-too-large`
 */
export function scanXml(source: string, listener: XmlListener, file: string): void {
  const bad = (what: string, at: number): DataError =>
    new DataError("bad-xml", `the XML ${what}`, { file, found: JSON.stringify(source.slice(at, at + 40)) });
  const after = (end: string, at: number, what: string): number => {
    const found = source.indexOf(end, at);
    if (found < 0) throw bad(`ends inside ${what}`, at);
    return found + end.length;
  };
  const path: string[] = [];
  let [at, tags, roots] = [0, 0, 0];
  while (at < source.length) {
    const next = source.indexOf("<", at);
    const text = source.slice(at, next < 0 ? source.length : next);
    if (path.length > 0) listener.text(decoded(text, file));
    else if (/[^\s\ufeff]/.test(text)) throw bad("has text outside its elements", at);
    if (next < 0) break;
    at = next;
    if (source.startsWith("<?", at)) at = after("?>", at, "an instruction");
    else if (source.startsWith("<!--", at)) at = after("-->", at, "a comment");
    else if (source.startsWith("<![CDATA[", at)) {
      if (path.length === 0) throw bad("has text outside its elements", at);
      const end = after("]]>", at, "a text");
      listener.text(source.slice(at + 9, end - 3));
      at = end;
    } else if (source.startsWith("<!", at)) {
      const end = after(">", at, "the document type");
      if (path.length > 0 || roots > 0 || source.slice(at, end).includes("[")) {
        throw new DataError("xml-entities", "a document type with declarations of its own is not read", { file });
      }
      at = end;
    } else if (source[at + 1] === "/") {
      const end = after(">", at, "a tag");
      const name = source.slice(at + 2, end - 1).trim();
      if (path.pop() !== name) throw bad(`closes ${name || "nothing"}, which is not open`, at);
      listener.close(name);
      at = end;
    } else {
      if (++tags > mostTags) throw new DataError("xml-too-large", `more than ${mostTags} elements`, { file });
      const tag = openingTag(source, at, file);
      if (tag === undefined) throw bad("has a tag that is none", at);
      if (path.length === 0 && ++roots > 1) throw bad("has a second document behind the first", at);
      listener.open(tag.name, tag.attributes);
      if (tag.empty) listener.close(tag.name);
      else if (path.push(tag.name) > deepest) {
        throw new DataError("xml-too-deep", `elements nested more than ${deepest} deep`, { file });
      }
      at = tag.end;
    }
  }
  if (path.length > 0 || roots === 0) throw bad("is not one whole element", Math.max(0, source.length - 40));
}

interface Tag {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly empty: boolean;
  readonly end: number;
}

function openingTag(source: string, at: number, file: string): Tag | undefined {
  const name = /[A-Za-z_][\w.:-]*/y;
  name.lastIndex = at + 1;
  const called = name.exec(source)?.[0];
  if (called === undefined) return undefined;
  const attribute = /\s+([\w.:-]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
  attribute.lastIndex = at + 1 + called.length;
  const attributes = new Map<string, string>();
  let end = attribute.lastIndex;
  for (let m = attribute.exec(source); m !== null; m = attribute.exec(source)) {
    attributes.set(m[1] as string, decoded(m[2] ?? m[3] ?? "", file));
    end = attribute.lastIndex;
  }
  const close = /\s*(\/?)>/y;
  close.lastIndex = end;
  const closing = close.exec(source);
  return closing ? { name: called, attributes, empty: closing[1] === "/", end: close.lastIndex } : undefined;
}

function decoded(text: string, file: string): string {
  if (!text.includes("&")) return text;
  return text.replace(/&(#x[\da-f]{1,6}|#\d{1,7}|\w+);?/gi, (whole, name: string) => {
    const code = /^#x/i.test(name)
      ? Number.parseInt(name.slice(2), 16)
      : name.startsWith("#")
        ? Number(name.slice(1))
        : -1;
    const known = named[name] ?? (code >= 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined);
    if (known === undefined)
      throw new DataError("xml-entities", "this entity is not one of XML's own", { file, found: whole });
    return known;
  });
}
