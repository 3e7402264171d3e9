import type { LabelVolume, Mask, Surface } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { sampleModel } from "../../test/sample-model.ts";
import { renderReport } from "./render-report.ts";

const model = sampleModel({ voxel: 4 });
const brain = model.anatomy?.brain as Mask;
const tissues: LabelVolume = {
  ...brain,
  names: new Map([
    [1, "brain <all of it>"],
    [2, "nowhere"],
  ]),
};
const surface: Surface = {
  space: brain.space,
  vertices: Float32Array.of(-40, -60, 0, 40, -60, 0, 0, 60, 0, 0, 0, 60),
  faces: Uint32Array.of(0, 2, 1, 0, 1, 3, 1, 2, 3, 0, 3, 2),
};

describe("the head's section", () => {
  const page = renderReport({
    ...model,
    head: { note: "Made by test.", tissues, surfaces: [{ name: "scalp", surface, colour: "#ffd54a" }] },
  });
  const section = page.slice(page.indexOf('<section id="head"'), page.indexOf('<section id="registration"'));

  test("shows tissue and surfaces on three planes each, with what each colour means", () => {
    expect(section.match(/<svg class="slice/g)).toHaveLength(6);
    expect(section).toContain("brain &lt;all of it&gt;");
    expect(section).toContain("scalp, 4 vertices");
    expect(section.match(/stroke="#ffd54a"/g)).toHaveLength(3);
    expect(section).toContain("Made by test.");
  });
  test("the label pictures are held once and used", () => {
    for (const plane of ["axial", "coronal", "sagittal"]) expect(page.split(`#pic-tissue-${plane}`)).toHaveLength(2);
  });
  test("without a head there is no section and no link to one", () => {
    const without = renderReport(model);
    expect(without).not.toContain('href="#head"');
  });
});
