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

test("and so do the counts and terms of a PET image, with what was done about motion", () => {
  const given = {
    Terms: { normalisation: "pairs", randoms: "delayeds", energyWindow_keV: [430, 610] },
    Counts: { prompts: [4, 5], change: [[0.1, 0.01], [0.2]], scatter_scale: [1.1, "n/a"] },
    FrameAlignment: "resampled once",
    MotionTrack: "Schmidtke.tsv",
  };
  const { metadata, dropped } = cleanMetadata(given, words);
  expect(metadata).toEqual({ Terms: given.Terms, Counts: given.Counts, FrameAlignment: "resampled once" });
  expect(dropped).toEqual(["MotionTrack"]);
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
