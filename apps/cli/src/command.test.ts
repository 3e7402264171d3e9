import { describe, expect, test } from "vitest";
import { oneOf } from "./arguments.ts";
import { type Command, helpText, nearest, parse, UsageError, wholeNumber } from "./command.ts";

const command: Command = {
  name: "walk",
  usage: "quintet walk PATH",
  summary: "Walks",
  description: "Walks a path.\n\nExample: quintet walk a",
  options: {
    out: { type: "string", value: "FOLDER", help: "Where to" },
    "no-focus": { type: "boolean", help: "Without" },
    label: { type: "string", multiple: true, value: "LABEL", help: "Who" },
  },
  run: async () => 0,
};

describe("parse", () => {
  test("words, values, repeated values and flags", () => {
    const call = parse(command, ["a", "--out", "b", "--label", "01", "--label=02", "--no-focus", "c"]);
    expect(call.positionals).toEqual(["a", "c"]);
    expect(call.text("out")).toBe("b");
    expect(call.texts("label")).toEqual(["01", "02"]);
    expect(call.flag("no-focus")).toBe(true);
    expect(parse(command, []).flag("no-focus")).toBe(false);
    expect(parse(command, []).texts("label")).toEqual([]);
  });

  test("a number below 0 is a value", () => {
    expect(parse(command, ["--out", "-3"]).text("out")).toBe("-3");
    expect(parse(command, ["--out", "-.5", "a"]).positionals).toEqual(["a"]);
  });

  test("an underscore stands for a hyphen, and after -- everything is a word", () => {
    expect(parse(command, ["--no_focus"]).flag("no-focus")).toBe(true);
    expect(parse(command, ["--", "--whatever"]).positionals).toEqual(["--whatever"]);
  });

  test("a negative number is a value, not an option", () => {
    expect(parse(command, ["--out", "-30", "a"]).text("out")).toBe("-30");
    expect(parse(command, ["--out", "-.5"]).text("out")).toBe("-.5");
    expect(parse(command, ["--", "--out", "-30"]).positionals).toEqual(["--out", "-30"]);
  });

  test.each([
    [["--outt", "x"], "walk has no option --outt; did you mean --out?"],
    [["--focus"], "walk has no option --focus; did you mean --no-focus?"],
    [["--something-else"], "walk has no option --something-else"],
    [["--out"], "--out lacks its value: --out FOLDER"],
    [["--out", "--no-focus"], "--out lacks its value: --out FOLDER"],
    [["--no-focus=1"], "--no-focus takes no value"],
    [["-x"], "walk has no option -x"],
  ])("%j is refused in words", (args, words) => {
    expect(() => parse(command, args)).toThrow(new UsageError(words));
  });
});

test("a whole number within its bounds, and nothing else", () => {
  expect(wholeNumber("workers", "4", 1, 99)).toBe(4);
  for (const text of ["", "x", "-1", "1.5", "1e3", "0", "100"])
    expect(() => wholeNumber("workers", text, 1, 99)).toThrow(UsageError);
});

test.each([
  ["runn", "run"],
  ["rnu", "run"],
  ["inpsect", "inspect"],
  ["imprt", "import"],
  ["doktor", "doctor"],
  ["xyzzy", undefined],
  ["", undefined],
])("%s: did you mean %s", (word, expected) => {
  expect(nearest(word, ["demo", "import", "inspect", "run", "norms", "doctor"])).toBe(expected);
});

test("help names every option with its value, and the example", () => {
  const text = helpText(command);
  for (const words of ["Usage: quintet walk PATH", "--out FOLDER", "--no-focus", "--help", "Example:"])
    expect(text).toContain(words);
});

test("a choice may be written in capitals or not", () => {
  expect(oneOf("tracer", "PIB", ["PiB", "florbetaben"])).toBe("PiB");
  expect(oneOf("tracer", "Florbetaben", ["PiB", "florbetaben"])).toBe("florbetaben");
  expect(() => oneOf("tracer", "FDG", ["PiB", "florbetaben"])).toThrow("--tracer takes one of PiB, florbetaben");
});
