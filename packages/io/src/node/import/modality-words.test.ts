import { expect, test } from "vitest";
import { radionuclideName } from "./dicom-facts.ts";
import { recogniseImage } from "./modality-words.ts";

const seen = (name: string, sidecar: Record<string, unknown> = {}, frames = 1): unknown => {
  const guess = recogniseImage({ name, sidecar, frames });
  if (typeof guess === "string") return guess;
  return [guess.suffix, guess.tracer, guess.state, /guessed/.test(guess.why) ? "guessed" : "certain"];
};

test.each([
  ["a/b/T1_mprage", {}, ["T1w", undefined, undefined, "guessed"]],
  ["MRI/axFLAIR", {}, ["FLAIR", undefined, undefined, "guessed"]],
  ["PET/scan01", {}, ["pet", undefined, undefined, "guessed"]],
  ["fdg_static", {}, ["pet", "FDG", undefined, "guessed"]],
  ["SPECT/ictal_hmpao", {}, ["spect", "HMPAO", "ictal", "guessed"]],
  ["spectInterictal", {}, ["spect", undefined, "interictal", "guessed"]],
  ["x", { Modality: "PT", TracerName: "[18F]FDG" }, ["pet", "FDG", undefined, "certain"]],
  ["x", { Modality: "NM", SpectState: "ictal" }, ["spect", undefined, "ictal", "certain"]],
  ["x", { Modality: "MR", EchoTime: 0.003, InversionTime: 0.9 }, ["T1w", undefined, undefined, "guessed"]],
  ["x", { Radiopharmaceutical: "mc1" }, ["pet", "mc1", undefined, "guessed"]],
  ["PET/anatomical", {}, ["pet", undefined, undefined, "guessed"]],
  ["someones_anatomy", {}, ["T1w", undefined, undefined, "guessed"]],
  ["pet/T1", {}, ["T1w", undefined, undefined, "guessed"]],
])("%s %j", (name, sidecar, expected) => {
  expect(seen(name, sidecar)).toEqual(expected);
});

test("an echo-planar series is BOLD, one volume of it a reference image", () => {
  expect([seen("epi_rest", {}, 3), seen("epi_rest", {}, 1)]).toEqual([
    ["bold", undefined, undefined, "guessed"],
    ["sbref", undefined, undefined, "guessed"],
  ]);
});

test.each([
  ["^18^Fluorine", "F18"],
  ["F-18", "F18"],
  ["18F", "F18"],
  ["^99m^Technetium", "Tc99m"],
  ["Tc-99m", "Tc99m"],
  ["^123^Iodine", "I123"],
  ["11C", "C11"],
])("radionuclide %s is %s", (text, name) => {
  expect(radionuclideName(text)).toBe(name);
});

test("two modalities in one name, or none, are not guessed", () => {
  expect(seen("pet_on_t1")).toBe("the name tells two things: pet and T1w");
  expect(seen("PET/AC_CT_brain", { Modality: "CT" })).toBe("Modality CT is none of PET, SPECT, MRI, EEG and fNIRS");
  expect(seen("scan", {}, 5)).toMatch(/neither a side file nor its name/);
});
