/** Numbers and words of a Siemens protocol by their names. */
export interface TwixProtocol {
  /** `sKSpace.lBaseResolution` and the like, of the ASCCONV list; undefined when it is not there. */
  readonly number: (name: string) => number | undefined;
  readonly text: (name: string) => string | undefined;
  /** The numbers of an XProtocol parameter such as `alRegridMode`. */
  readonly parameter: (name: string) => readonly number[] | undefined;
  readonly word: (name: string) => string | undefined;
}

/**
 * Reads what is asked for from the protocol texts: the ASCCONV list of MeasYaps (else Phoenix) and the parameters of
 * Meas and Dicom. Both are lists for a machine with a published look, not a grammar: names that are not there are absent.
 */
export function twixProtocol(texts: ReadonlyMap<string, string>): TwixProtocol {
  const list = asciiList(texts.get("MeasYaps") ?? texts.get("Phoenix") ?? "");
  const sources = ["Meas", "Dicom", "Config"].map((name) => texts.get(name) ?? "");
  const number = (name: string): number | undefined => {
    const text = list.get(name);
    const value = text === undefined || text === "" ? Number.NaN : Number(text);
    return Number.isFinite(value) ? value : undefined;
  };
  const block = (kind: string, name: string): string | undefined => {
    for (const source of sources) {
      const at = source.indexOf(`<Param${kind}."${name}">`);
      const open = at < 0 ? -1 : source.indexOf("{", at);
      const close = open < 0 ? -1 : source.indexOf("}", open);
      if (close < 0 || close - open > 4096) continue;
      // What stands in angle brackets tells how to show a value; its own argument goes with it.
      return source.slice(open + 1, close).replace(/<\w+>\s*(?:"[^"]*"|[-\d.]+)/g, "");
    }
    return undefined;
  };
  return {
    number,
    text: (name) => list.get(name)?.replace(/^"+|"+$/g, "") || undefined,
    parameter: (name) => {
      const words = (block("Long", name) ?? block("Double", name))?.trim().split(/\s+/);
      const values = words?.map(Number);
      return values?.length && values.every(Number.isFinite) ? values : undefined;
    },
    word: (name) => /"([^"]*)"/.exec(block("String", name) ?? "")?.[1] || undefined,
  };
}

function asciiList(text: string): ReadonlyMap<string, string> {
  const list = new Map<string, string>();
  const begin = text.indexOf("### ASCCONV BEGIN");
  if (begin < 0) return list;
  const end = text.indexOf("### ASCCONV END", begin);
  for (const line of text
    .slice(begin, end < 0 ? undefined : end)
    .split("\n")
    .slice(1)) {
    const equals = line.indexOf("=");
    if (equals < 0) continue;
    const value = line.slice(equals + 1).trim();
    list.set(line.slice(0, equals).trim(), /^0x[\da-f]+$/i.test(value) ? `${Number.parseInt(value, 16)}` : value);
  }
  return list;
}
