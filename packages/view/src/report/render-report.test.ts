import { inflateSync } from "node:zlib";
import type { Modality, Surface } from "@quintet/core";
import { modalities } from "@quintet/core";
import { beforeAll, describe, expect, test } from "vitest";
import { focus } from "../../test/sample-head.ts";
import { sampleModel } from "../../test/sample-model.ts";
import { displayUnit } from "./display-unit.ts";
import { html } from "./html.ts";
import type { ReportModel } from "./model.ts";
import { renderReport as renderFine } from "./render-report.ts";
import { reportScript } from "./script.ts";

const coarse = { voxel: 5 };
/** Coarse pixels: the page is the same but for the pictures' detail. */
const renderReport: typeof renderFine = (m, options) => renderFine(m, { pixel: 3, ...options });
let model: ReportModel;
let page: string;
beforeAll(() => {
  model = sampleModel(coarse);
  page = renderReport(model);
});

const ids = (text: string): string[] => [...text.matchAll(/\sid="([^"]+)"/g)].map((m) => m[1] as string);

describe("the page", () => {
  test("is less than 8 MB at full detail", () => expect(renderFine(model).length).toBeLessThan(8e6));

  test("is one document that asks the network for nothing", () => {
    expect(page.startsWith("<!doctype html>")).toBe(true);
    expect(page).toContain("default-src 'none'");
    for (const [, url] of page.matchAll(/\s(?:src|href)="([^"]*)"/g))
      expect(url).toMatch(/^(#|data:image\/png;base64,)/);
    expect(page).not.toMatch(/@import|url\(h/);
  });

  test("the same model gives the same bytes", () => expect(renderReport(model)).toBe(page));

  test("every link and every picture reference leads somewhere; no id twice", () => {
    const known = ids(page);
    expect(new Set(known).size).toBe(known.length);
    for (const [, target] of page.matchAll(/href="#([^"]*)"/g)) expect(known).toContain(target);
    for (const [, target] of page.matchAll(/url\(#([^)]*)\)/g)) expect(known).toContain(target);
  });

  test("its script is JavaScript", () => expect(() => new Function(reportScript)).not.toThrow());

  test("headings go down one step at a time, pictures have words, tables have captions", () => {
    const levels = [...page.matchAll(/<h([1-4])/g)].map((m) => Number(m[1]));
    expect(levels.filter((l) => l === 1)).toHaveLength(1);
    expect(levels.every((l, i) => i === 0 || l - (levels[i - 1] as number) <= 1)).toBe(true);
    for (const [svg] of page.matchAll(/<svg [^>]*>/g)) expect(svg).toMatch(/aria-label="[^"]+"|aria-hidden="true"/);
    expect(page.match(/<table/g)?.length).toBe(page.match(/<caption/g)?.length);
  });
});

describe("the first screen", () => {
  const first = (text: string): string =>
    text.slice(text.indexOf('<section id="answer"'), text.indexOf('<section id="findings"'));

  test("says what, where, how sure, what is missing, and that it is research", () => {
    const words = first(page);
    expect(words).toContain("Left lateral temporal lobe");
    expect(words).toContain("3 of 5 modalities point here");
    expect(words).toContain("(−46, −12, −14) mm, ±6 mm");
    expect(page).toContain("For research use only. Not a medical device.");
    expect(page).toContain("not been validated");
  });

  test("no finding is an answer", () => {
    const words = first(renderReport(sampleModel({ ...coarse, found: false })));
    expect(words).toContain("No finding");
    expect(words).toContain("No place named");
    expect(words).not.toContain("modalities point here");
  });

  test("the planes go through the finding, radiological, L at the viewer's right", () => {
    const words = first(page);
    expect(words).toContain(`z −${-focus[2]} mm`);
    expect(words).toContain(`x −${-focus[0]} mm`);
    const [, x = "0"] = words.match(/<text class="mark side drawn" x="([\d.]+)" y="[\d.]+" text-anchor="end">L</) ?? [];
    expect(Number(x)).toBeGreaterThan(150);
    expect(words).toContain("marked L, is at the viewer’s right");
  });

  test("a neurological report says so and has L at the viewer's left", () => {
    const words = first(renderReport(model, { convention: "NEURO" }));
    expect(words).toContain('<text class="badge drawn"');
    expect(words).toMatch(/class="badge drawn"[^>]*>NEURO</);
    expect(words).toMatch(/<text class="mark side drawn" x="4" y="[\d.]+" text-anchor="start">L</);
  });
});

describe("on the page itself", () => {
  /** Mean column and row, 0 ... 1, of the shown pixels of a layer's picture in the first screen; palette rows are unfiltered. */
  function middleOfPaint(text: string, layer: string, plane: string): { x: number; y: number } {
    const id = text.match(new RegExp(`<use href="#(pic-${layer}-${plane}-[^"]*)"`))?.[1];
    const data = text.match(new RegExp(`<image id="${id}"[^>]*base64,([^"]*)"`))?.[1] ?? "";
    const png = Buffer.from(data, "base64");
    const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
    const at = png.indexOf("IDAT");
    const rows = inflateSync(png.subarray(at + 4, at + 4 + png.readUInt32BE(at - 4)));
    let [sumX, sumY, n] = [0, 0, 0];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        if (!rows[y * (width + 1) + 1 + x]) continue;
        sumX += (x + 0.5) / width;
        sumY += (y + 0.5) / height;
        n++;
      }
    }
    expect(n).toBeGreaterThan(5);
    return { x: sumX / n, y: sumY / n };
  }

  test("the focus at the patient's left is painted in the viewer's right half in RAD and left half in NEURO", () => {
    const neuro = renderReport(model, { convention: "NEURO" });
    for (const plane of ["axial", "coronal"]) {
      expect(middleOfPaint(page, "siscom", plane).x).toBeGreaterThan(0.6);
      expect(middleOfPaint(neuro, "siscom", plane).x).toBeLessThan(0.4);
      expect(middleOfPaint(page, "siscom", plane).y).toBeCloseTo(middleOfPaint(neuro, "siscom", plane).y, 1);
    }
    // 46 mm off the middle in a view about 240 mm wide.
    expect(middleOfPaint(page, "siscom", "axial").x - 0.5).toBeGreaterThan(46 / 300);
  });
});

describe("every subset of the five", () => {
  test.each(modalities.map((m) => [m] as const))("without %s: a row that says so, no crash", (missing: Modality) => {
    const text = renderReport(sampleModel({ ...coarse, missing: [missing] }));
    expect(text).toContain("not in this study");
    expect(text).toContain("3 of 4 modalities point here".replace("3", ["mri", "fnirs"].includes(missing) ? "3" : "2"));
    const known = new Set(ids(text));
    for (const [, target] of text.matchAll(/href="#([^"]*)"/g)) expect(known).toContain(target);
  });

  test("an almost empty model is a report too", () => {
    const text = renderReport({
      ...sampleModel({ ...coarse, found: false, missing: [...modalities] }),
      layers: [],
      registrations: [],
      measures: [],
      qc: [],
      provenance: { inputs: [], steps: [] },
    });
    expect(text).toContain("No measure could be made.");
    expect(text).toContain("No anatomical MRI");
  });
});

describe("the EEG section", () => {
  const eegOf = (text: string): string =>
    text.slice(text.indexOf('<section id="eeg"'), text.indexOf('<section id="fnirs"'));
  const { anatomy } = sampleModel(coarse);
  test("shows what cleaning found, in dB where it is in dB, and the components that were named", () => {
    const shown = eegOf(page);
    expect(shown).toContain("What cleaning finds");
    expect(shown).toMatch(/gradient removed<\/th><td class="num">−62\.4 dB/);
    expect(shown).toContain("Components that were named");
    expect(shown).not.toContain("no rule holds");
  });
  test("shows an average with its single trials and its field, timed from the peak", () => {
    const shown = eegOf(page);
    expect(shown).toContain("Average: spikes");
    expect(shown).toContain("Single trials at T7");
    expect(shown).toContain("time from the peak (s)");
    expect(shown).toContain("peak, 0 ms");
  });
  test("shows electrodes on the scalp and sources on cuts and cortex, each side where it is seen from", () => {
    const [first] = model.layers.filter(({ kind }) => kind === "image");
    if (!model.eeg || !anatomy || !first) throw new Error("the sample has them");
    const cortex = tetrahedron(-40);
    const shown = eegOf(
      renderReport({
        ...model,
        anatomy: { ...anatomy, scalp: tetrahedron(0) },
        eeg: {
          ...model.eeg,
          sources: {
            note: "Made.",
            time: 0,
            layer: first.id,
            largest: focus,
            dipole: { position: focus, goodness: 0.9, axes: [9, 6, 5] },
            cortex: {
              parts: [{ name: "L", surface: cortex, values: Float32Array.of(1, 2, 3, 4) }],
              unit: "standard deviations of the noise",
              range: [0, 4],
              threshold: 2,
              note: "Made.",
            },
          },
        },
      }),
    );
    expect(shown).toMatch(/Electrodes on the scalp, left lateral: \d+ in view/);
    expect(shown).toContain("Where the spikes come from");
    expect(shown).toContain("left medial");
    expect(shown).not.toContain("right medial");
  });
  function tetrahedron(x: number): Surface {
    return {
      space: "subject:T1w",
      vertices: Float32Array.of(x, 60, -20, x - 40, -50, -20, x + 40, -50, -20, x, 0, 80),
      faces: Uint32Array.of(0, 2, 1, 0, 1, 3, 1, 2, 3, 2, 0, 3),
    };
  }
});

describe("awkward values", () => {
  const clean = (text: string): void => {
    const own = text.replace(/<style>.*?<\/style>|<script>.*?<\/script>|base64,[^"]*/gs, "");
    expect(own).not.toMatch(/NaN|Infinity|undefined|\[object/);
  };

  test("the sample page writes no NaN, undefined or object anywhere", () => clean(page));

  test("constant, empty and missing values draw and say nothing wrong", () => {
    const { eeg, fnirs } = model;
    if (!eeg || !fnirs) throw new Error("the sample has both");
    const still = new Float64Array(100);
    clean(
      renderReport({
        ...model,
        layers: model.layers.map((layer) => ({ ...layer, range: [1, 1] as const })),
        measures: [{ ...(model.measures[0] as ReportModel["measures"][number]), value: Number.NaN, standardError: 0 }],
        eeg: {
          ...eeg,
          sensors: [],
          excerpt: { channels: ["Cz"], rate: 100, start: 0, data: [still] },
          spectra: { frequencies: still, channels: [{ name: "Cz", power: still }], method: "none" },
          topographies: [
            { name: "flat", unit: "dB", values: [{ channel: "Cz", value: 1 }] },
            { name: "void", unit: "dB", values: [{ channel: "Cz", value: Number.NaN }] },
          ],
        },
        fnirs: {
          ...fnirs,
          sensors: [],
          responses: [
            {
              name: "a",
              condition: "b",
              time: [0, 1],
              hbo: { mean: [0, Number.NaN] },
              hbr: { mean: [0, 0] },
              trials: 1,
              channels: [],
            },
          ],
          course: { channel: "a", rate: 1, start: 0, hbo: [], hbr: [] },
        },
        clock: { name: "session", note: "", tracks: [] },
      }),
    );
  });

  test("volumes with missing voxels are drawn", () => {
    const holes = model.layers.map((layer) =>
      layer.kind === "image"
        ? { ...layer, volume: { ...layer.volume, data: layer.volume.data.map((v, i) => (i % 3 ? v : Number.NaN)) } }
        : layer,
    );
    clean(renderReport({ ...model, layers: holes }));
  });
});

describe("numbers", () => {
  test("each row of the table leads to its formula, its inputs and its QC", () => {
    const rows = [...page.matchAll(/<tr data-m="[a-z]+".*?<\/tr>/gs)].map((m) => m[0]);
    expect(rows).toHaveLength(model.measures.length);
    for (const row of rows) {
      expect(row).toMatch(/href="#method-\d+"/);
      expect(row).toMatch(/href="#input-\d+"/);
      expect(row).toMatch(/href="#qc-[a-z]+"/);
    }
  });

  test("units are those a reader knows", () => {
    expect(page).toMatch(/0\.35 ± 0\.08<\/td>\s*<td>µM/);
    expect(page).toMatch(/19 <span class="muted">\[15, 23\]<\/span><\/td>\s*<td>µV²/);
    expect([displayUnit("1").unit, displayUnit("{z}").unit, displayUnit("Bq/mL"), displayUnit("{sigma}").unit]).toEqual(
      ["ratio", "z", { unit: "kBq/mL", scale: 1e-3 }, "sigma"],
    );
  });

  test("inputs carry their whole hash; an unknown clock is shown as unknown", () => {
    for (const { sha256 } of model.provenance.inputs) expect(page).toContain(sha256);
    expect(page).toContain("unknown: not tied to the session’s clock");
  });
});

describe("text from a study is text", () => {
  const poison = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>&amp;`;
  /** Words the types fix; poison there would not type-check. */
  const fixed = new Set(["kind", "modality", "verdict", "side", "colourMap", "status", "sex", "handedness", "until"]);

  function poisoned(value: unknown, key = ""): unknown {
    if (typeof value === "string") return fixed.has(key) ? value : value + poison;
    if (value instanceof Float32Array || value instanceof Float64Array || value instanceof Uint8Array) return value;
    if (Array.isArray(value)) return value.map((v) => poisoned(v, key));
    if (value && typeof value === "object")
      return Object.fromEntries(
        Object.entries(value).map(([k, v]) => [k === "smoothing" ? k + poison : k, poisoned(v, k)]),
      );
    return value;
  }

  test("in every field of the model", () => {
    const text = renderReport(poisoned(model) as ReportModel);
    expect(text.match(/<script/g)).toHaveLength(1); // the page's own
    expect(text).not.toContain("<img");
    expect(text).toContain("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&gt;&lt;img");
    // No quote of the poison closes an attribute: between tags' angle brackets quotes come in pairs.
    const own = text.replace(/<style>.*?<\/style>|<script>.*?<\/script>/gs, "");
    for (const [tag] of own.matchAll(/<[a-z][^>]*>/g)) expect((tag.match(/"/g)?.length ?? 0) % 2).toBe(0);
    const known = new Set(ids(text));
    for (const [, target] of text.matchAll(/href="#([^"]*)"/g)) expect(known).toContain(target);
  });

  test("html`` escapes all but Html, joins lists, leaves out what is undefined", () => {
    expect(html`<b>${"<&>"}</b>${undefined}${[html`<i>${1}</i>`, "'"]}`.markup).toBe(
      "<b>&lt;&amp;&gt;</b><i>1</i>&#39;",
    );
  });
});
