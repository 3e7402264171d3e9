import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { below, photopeak } from "../../../../testing/camera-views.ts";
import { isNuclearProjections, readNuclearProjections } from "./nuclear-projections.ts";
import { readDicomTags } from "./tags.ts";
import { writeNuclearProjections } from "./write-nuclear-projections.ts";

const bytes = writeNuclearProjections([photopeak, below], { detectors: 2, collimator: "LEHR" });
const parsed = (given: Uint8Array): ReturnType<typeof readDicomTags> => readDicomTags(given, { file: "nm.dcm" });

test("two heads and two windows come back as they were", () => {
  const dataset = parsed(bytes);
  expect(isNuclearProjections(dataset)).toBe(true);
  const { windows, detectors, collimator } = readNuclearProjections(dataset);
  expect([windows.length, detectors, collimator]).toEqual([2, 2, "LEHR"]);
  for (const [i, given] of [photopeak, below].entries()) {
    const { angles, data, ...rest } = windows[i]!;
    const { angles: wanted, data: counts, ...others } = given;
    expect(rest).toEqual(others);
    expect(data).toEqual(counts);
    // the same places on the circle
    expect(Array.from(angles, Math.cos)).toBeAllclose(Array.from(wanted, Math.cos), { atol: 1e-7 });
    expect(Array.from(angles, Math.sin)).toBeAllclose(Array.from(wanted, Math.sin), { atol: 1e-7 });
  }
});

test("by hand: theta 180 is the front, turning to the left is clockwise, the first pixel is the head's on the camera's left", () => {
  const text = new TextDecoder("latin1").decode(bytes);
  expect(text).toContain("CW");
  // our last column of the highest row of the first view
  const dataset = parsed(bytes);
  const pixels = dataset.elements.get(0x7fe00010)!.value;
  expect(new DataView(pixels.buffer, pixels.byteOffset).getUint16(0, true)).toBe(photopeak.data[3 * 6 + 5]);
});

test("a fan beam's focal line", () => {
  const fan = { ...photopeak, focalLength: 400 };
  expect(readNuclearProjections(parsed(writeNuclearProjections([fan]))).windows[0]!.focalLength).toBe(400);
});

test.each([
  ["bad-projections", [], {}],
  ["window-mismatch", [photopeak, { ...below, radii: below.radii.map((r) => r + 1) }], {}],
  ["bad-subsets", [photopeak], { detectors: 5 }],
  ["unsupported-layout", [{ ...photopeak, angles: photopeak.angles.map((a, v) => a + (v === 3 ? 0.1 : 0)) }], {}],
  ["not-counts", [{ ...photopeak, data: photopeak.data.map((y) => y + 0.5) }], {}],
  ["bad-time", [photopeak], { startedAt: "now" }],
] as const)("refused to write: %s", (code, windows, options) => {
  expect(() => writeNuclearProjections(windows, options)).toThrow(expect.objectContaining({ code }));
});

/** The file with an element's value taken out or another text of the same length in its place. */
function without(
  tag: number,
  change: (value: Uint8Array) => Uint8Array = () => new Uint8Array(0),
): ReturnType<typeof parsed> {
  const dataset = parsed(bytes);
  const swap = (elements: typeof dataset.elements): typeof dataset.elements =>
    new Map(
      [...elements].map(([key, element]) => [
        key,
        {
          ...element,
          ...(key === tag ? { value: change(element.value) } : {}),
          ...(element.items
            ? { items: element.items.map((item) => ({ ...item, elements: swap(item.elements) })) }
            : {}),
        },
      ]),
    );
  return { ...dataset, elements: swap(dataset.elements) };
}

test.each([
  ["bad-orbit", 0x00181142, undefined],
  ["bad-orbit", 0x00181140, undefined],
  ["bad-orbit", 0x00540200, undefined],
  ["missing-tag", 0x00181144, undefined],
  ["bad-dicom", 0x00540090, (value: Uint8Array) => value.map((_, i) => (i % 2 === 0 ? 1 : 0))],
  ["truncated", 0x7fe00010, undefined],
] as const)("refused to read: %s (%#)", (code, tag, change) => {
  expect(() => readNuclearProjections(without(tag, change))).toThrow(expect.objectContaining({ code }));
});

test("dciodvfy of dicom3tools finds no error, where it is installed", (context) => {
  const folder = mkdtempSync(join(tmpdir(), "nm-"));
  writeFileSync(join(folder, "nm.dcm"), bytes);
  const found = spawnSync("dciodvfy", [join(folder, "nm.dcm")], { encoding: "utf8" });
  rmSync(folder, { recursive: true });
  if (found.error) {
    context.skip("dciodvfy is not here");
    return;
  }
  expect(found.stderr.split("\n").filter((line) => line.startsWith("Error"))).toEqual([]);
});
