import { expect, test } from "vitest";
import { helpText, parse } from "../../command.ts";
import { eegClean } from "./clean.ts";

test.each([
  [[], /one recording and --out/],
  [["a.edf"], /--out/],
  [["a.edf", "b.edf", "--out", "x"], /one recording/],
  [["a.edf", "--out", "x", "--pulse", "--no-pulse"], /exclude/],
  [["a.edf", "--out", "x", "--volumes", "R128", "--no-volumes"], /exclude/],
  [["a.edf", "--out", "x", "--template", "slice"], /--slices/],
  [["a.edf", "--out", "x", "--ica", "jade"], /picard, infomax, fastica, none/],
  [["a.edf", "--out", "x", "--remove", "eye,brain"], /eye, heart, muscle/],
  [["a.edf", "--out", "x", "--rate", "0"], /above 0/],
  [["a.edf", "--out", "x", "--reference", ","], /--reference/],
  [["a.edf", "--out", "x", "--slices", "1.5"], /whole number/],
])("usage: %j", async (args, words) => {
  await expect(eegClean.run(parse(eegClean, args))).rejects.toThrow(words);
});

test("the help tells of every option and what is written", () => {
  const text = helpText(eegClean);
  for (const name of Object.keys(eegClean.options)) expect(text).toContain(`--${name}`);
  expect(text).toContain("desc-clean_report.html");
});
