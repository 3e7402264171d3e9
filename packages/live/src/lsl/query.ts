import { DataError } from "@quintet/core";
import { type XmlElement, xmlAt } from "@quintet/io";
import { limits } from "./constants.ts";

/** A question to a stream's information. */
export type Query = (info: XmlElement) => boolean;

/**
 * The part of XPath 1.0 that stream queries are made of, and no more:
 *
 *   query := or;  or := and ("or" and)*;  and := term ("and" term)*
 *   term := "not(" or ")" | "(" or ")" | operand (("=" | "!=" | "<" | "<=" | ">" | ">=") operand)?
 *   operand := 'text' | "text" | number | path | starts-with(operand, operand) | contains(operand, operand) | count(path)
 *   path := name ("/" name)*
 *
 * A path is the text of the first such element ("desc/manufacturer"); with "<" both sides are numbers. Length and depth
 * are bounded, so that no peer's query can cost more than its bytes.
 *
 * @throws DataError `bad-query`
 */
export function parseQuery(text: string): Query {
  if (text.length > limits.query) throw bad(text, `at most ${limits.query} characters`);
  const tokens = tokenise(text);
  let [at, depth] = [0, 0];
  if (tokens.length === 0) return () => true;
  const peek = (): string | undefined => tokens[at];
  const take = (wanted?: string): string => {
    const token = tokens[at++];
    if (token === undefined || (wanted !== undefined && token !== wanted)) throw bad(text, wanted ?? "more");
    return token;
  };

  function either(): Query {
    if (++depth > 32) throw bad(text, "at most 32 parentheses inside each other");
    const terms = [every()];
    while (peek() === "or") {
      take();
      terms.push(every());
    }
    depth--;
    return (info) => terms.some((term) => term(info));
  }

  function every(): Query {
    const terms = [term()];
    while (peek() === "and") {
      take();
      terms.push(term());
    }
    return (info) => terms.every((one) => one(info));
  }

  function term(): Query {
    if (peek() === "(" || (peek() === "not" && tokens[at + 1] === "(")) {
      const turned = take() === "not";
      if (turned) take("(");
      const inner = either();
      take(")");
      return turned ? (info) => !inner(info) : inner;
    }
    const left = operand();
    const compare = comparisons[peek() ?? ""];
    if (compare === undefined) return (info) => truth(left(info));
    take();
    const right = operand();
    return (info) => compare(left(info), right(info));
  }

  function operand(): (info: XmlElement) => string | number | boolean {
    const token = take();
    if (/^['"]/.test(token)) return () => token.slice(1, -1);
    if (/^[\d.-]/.test(token)) return () => Number(token);
    if ((token === "starts-with" || token === "contains") && peek() === "(") {
      take("(");
      const whole = operand();
      take(",");
      const part = operand();
      take(")");
      return (info) =>
        token === "contains"
          ? String(whole(info)).includes(String(part(info)))
          : String(whole(info)).startsWith(String(part(info)));
    }
    if (token === "count" && peek() === "(") {
      take("(");
      const path = names(take());
      take(")");
      return (info) =>
        (xmlAt(info, ...path.slice(0, -1))?.children ?? []).filter(({ name }) => name === path.at(-1)).length;
    }
    const path = names(token);
    return (info) => xmlAt(info, ...path)?.text ?? "";
  }

  function names(token: string): readonly string[] {
    if (!/^[A-Za-z_][\w.-]*(\/[A-Za-z_][\w.-]*)*$/.test(token))
      throw bad(text, `an element's name instead of ${token}`);
    return token.split("/");
  }

  const query = either();
  if (at < tokens.length) throw bad(text, `"and" or "or" instead of ${tokens[at]}`);
  return query;
}

type Value = string | number | boolean;
const comparisons: Readonly<Record<string, (a: Value, b: Value) => boolean>> = {
  "=": (a, b) => equal(a, b),
  "!=": (a, b) => !equal(a, b),
  "<": (a, b) => Number(a) < Number(b),
  "<=": (a, b) => Number(a) <= Number(b),
  ">": (a, b) => Number(a) > Number(b),
  ">=": (a, b) => Number(a) >= Number(b),
};

const equal = (a: Value, b: Value): boolean =>
  typeof a === "number" || typeof b === "number" ? Number(a) === Number(b) : String(a) === String(b);
const truth = (value: Value): boolean => (typeof value === "string" ? value !== "" : Boolean(value));

function tokenise(text: string): string[] {
  const pattern = /\s*('[^']*'|"[^"]*"|-?\d+(?:\.\d+)?|[A-Za-z_][\w.-]*(?:\/[A-Za-z_][\w.-]*)*|<=|>=|!=|[()=<>,])/y;
  const tokens: string[] = [];
  const rest = text.trimEnd();
  while (pattern.lastIndex < rest.length) {
    const from = pattern.lastIndex;
    const found = pattern.exec(rest);
    if (found === null) throw bad(text, `something else at "${rest.slice(from, from + 20)}"`);
    tokens.push(found[1] as string);
  }
  return tokens;
}

function bad(text: string, expected: string): DataError {
  return new DataError("bad-query", "a stream query cannot be read", {
    expected,
    found: JSON.stringify(text.slice(0, 80)),
  });
}

/** `name='value'` pairs joined by "and"; a value with both kinds of quotes cannot be asked for. */
export function queryOf(wanted: Readonly<Record<string, string>>): string {
  return Object.entries(wanted)
    .map(([name, value]) => {
      const quote = value.includes("'") ? '"' : "'";
      if (value.includes("'") && value.includes('"')) throw bad(value, "a text without both kinds of quotes");
      return `${name}=${quote}${value}${quote}`;
    })
    .join(" and ");
}
