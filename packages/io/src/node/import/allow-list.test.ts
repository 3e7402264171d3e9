import { expect, test } from "vitest";
import { cleanMetadata } from "./allow-list.ts";
import { IdentityWords } from "./identity.ts";

const words = new IdentityWords();
words.add("Schmidtke");

test("how a SPECT image was reconstructed comes along: known fields of numbers and short words, nothing else", () => {
  const given = {
    Terms: { nuclide: "Tc99m", collimator: "siemens-lehr", decay: true },
    Views: { columns: 3, counts: [4, 3], sinogram: [[0, 2, 1]] },
    findings: [{ name: "counts", note: "few" }],
  };
  const { metadata, dropped } = cleanMetadata(given, words);
  expect(metadata).toEqual({ Terms: given.Terms, Views: given.Views });
  expect(dropped).toEqual(["findings"]);
});

test.each([
  ["a person's word", { Terms: { nuclide: "Schmidtke" } }],
  ["a field that is not known", { Terms: { patient: "x" } }],
  ["a text among numbers", { Views: { counts: [4, "Schmidtke"] } }],
  ["a list", { Views: [1, 2] }],
  ["a deeper object", { Views: { counts: { a: 1 } } }],
  ["a number where words are", { TracerName: { a: 1 } }],
])("left behind: %s", (_, given) => {
  expect(cleanMetadata(given, words).metadata).toEqual({});
});
