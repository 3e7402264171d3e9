/** The page in a real browser, against the files' own numbers. One browser start for all. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Point, Volume } from "@quintet/core";
import { readNifti } from "@quintet/io";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeTinyStudy } from "../../../testing/tiny-study.ts";
import type { Session } from "../src/session.ts";
import { brightness, drawn, letters, moveTo, openDesk, readAt, readoutOf, show, timeTo } from "./page-desk.ts";
import { ids, openPhantomDesk, type PhantomDesk, soon, truth } from "./phantom-desk.ts";
import { block } from "./phantom-study.ts";

let desk: PhantomDesk;
beforeAll(async () => {
  desk = await openPhantomDesk();
}, 60_000);
afterAll(() => desk?.[Symbol.asyncDispose]());

const file = async (path: string): Promise<Volume> =>
  readNifti(await readFile(join(desk.folder, "study", path)), { file: path });

const places: readonly Point[] = [
  [0, 0, 0],
  [44, 20, 8],
  [-44, 20, 8],
  [10.5, -33.25, 12],
  [-21, 40, -8.5],
  [3, -60, 21],
  [-50, -10, 5],
  [30, 30, 30],
  [-5.5, 5.25, -44],
  [52, 18, 2],
];

describe("both cursors", () => {
  test("values at ten places and in three frames are the files' own, in the units shown", async () => {
    const { page } = desk;
    const [t1, suvr, pet] = [
      await file("derivatives/sub-01/anat/sub-01_desc-preproc_T1w.nii.gz"),
      await file("derivatives/sub-01/pet/sub-01_space-T1w_desc-SUVR_pet.nii.gz"),
      await file("sub-01/pet/sub-01_trc-FDG_pet.nii.gz"),
    ];
    for (const id of [ids.suvr, ids.pet]) await show(page, id, true);
    // The PET scan began at second 3600 of the study clock; its frames end at 60, 180 and 480 s.
    const times = [3601, 3659, 3661, 3700, 3779, 3781, 3800, 3900, 4000, 4079];
    for (const [i, place] of places.entries()) {
      const time = times[i] as number;
      await moveTo(page, place);
      await timeTo(page, time);
      await readAt(page, place, time);
      const frame = time < 3660 ? 0 : time < 3780 ? 1 : 2;
      // Voxels are 32-bit floats; the sum of eight of them is good to 1e-6 of its size.
      for (const [id, want] of [
        [ids.t1, truth(t1, 0, place)],
        [ids.suvr, truth(suvr, 0, place)],
        [ids.pet, truth(pet, frame, place) / 1000],
      ] as const)
        expect([id, place, Math.abs((await readoutOf(page, id)) - want) <= 1e-6 * Math.abs(want) + 1e-9]).toEqual([
          id,
          place,
          true,
        ]);
      expect(await page.textContent(`tr[data-volume="${ids.pet}"] th small`)).toContain(`${frame + 1}/3`);
    }
    expect(await page.textContent(`tr[data-volume="${ids.pet}"] td:nth-child(3)`)).toBe("kBq/mL");
  });

  test("outside an image and between scans the readout says so", async () => {
    const { page } = desk;
    await moveTo(page, [0, 0, 500]);
    await timeTo(page, 3500);
    await readAt(page, [0, 0, 500], 3500);
    expect(await page.textContent(`tr[data-volume="${ids.t1}"] td.value`)).toBe("outside");
    expect(await page.textContent(`tr[data-volume="${ids.pet}"] th small`)).toContain("not measured now");
  });

  test("a click in a cut moves the crosshair there", async () => {
    const { page } = desk;
    await moveTo(page, [0, 0, 0]);
    await drawn(page);
    const box = (await page.locator(".stage").boundingBox()) as { x: number; y: number; width: number; height: number };
    // The middle of the axial pane is the middle of the head's box; 20 px to the right is towards the patient's left.
    const middle = { x: box.x + (box.width / 2 - 1) / 2, y: box.y + (box.height / 2 - 1) / 2 };
    await page.mouse.click(middle.x, middle.y);
    await drawn(page);
    const x = async (): Promise<number> => Number(await page.inputValue('input[aria-label="x mm"]'));
    const before = await x();
    await page.mouse.click(middle.x + 20, middle.y);
    await drawn(page);
    expect(await x()).toBeLessThan(before - 1);
  });

  test("while something is on its way that was asked for, nothing says that it is drawn", async () => {
    const { page } = desk;
    await drawn(page);
    const states = await page.evaluate(() => {
      const { volumes, store, stage } = (globalThis as unknown as { quintet: Session }).quintet;
      const state = (): string | undefined => stage?.element.dataset.state;
      const before = state();
      // Stands for a frame that comes late.
      Object.defineProperty(volumes, "busy", { value: true, configurable: true });
      store.set(({ time }) => ({ time: time + 1 }));
      const meanwhile = state();
      Reflect.deleteProperty(volumes, "busy");
      return [before, meanwhile];
    });
    expect(states).toEqual(["drawn", "loading"]);
    await drawn(page);
  });
});

describe("sides", () => {
  /** Brightness of the left and the right half of the axial pane, below the letters at its top. */
  async function halves(): Promise<{ left: number; right: number; R: number; width: number }> {
    const { page } = desk;
    await drawn(page);
    const box = (await page.locator(".stage").boundingBox()) as { x: number; y: number; width: number; height: number };
    const [width, height] = [Math.floor(box.width / 2) - 1, Math.floor(box.height / 2) - 1];
    const half = { y: box.y + 30, width: width / 2 - 30, height: height - 60 };
    const inAxial = (await letters(page)).filter(([, x, y]) => x < width && y < height);
    return {
      left: await brightness(page, { ...half, x: box.x + 30 }),
      right: await brightness(page, { ...half, x: box.x + width / 2 }),
      R: (inAxial.find(([text]) => text === "R") as [string, number, number])[1],
      width,
    };
  }

  test("the block in the patient's right stands beside the letter R, and both change sides with the badge", async () => {
    const { page } = desk;
    for (const id of [ids.suvr, ids.pet]) await show(page, id, false);
    await moveTo(page, [0, 0, block[2]]);
    await page.locator(".stage").focus();
    const rad = await halves();
    expect(await page.getAttribute(".badge", "data-convention")).toBe("RAD");
    expect(rad.left).toBeGreaterThan(rad.right + 1);
    expect(rad.R).toBeLessThan(rad.width / 2);
    await page.keyboard.press("r");
    const neuro = await halves();
    expect(await page.textContent(".badge")).toBe("NEURO");
    expect(neuro.right).toBeGreaterThan(neuro.left + 1);
    expect(neuro.R).toBeGreaterThan(neuro.width / 2);
    await page.keyboard.press("Control+z");
    expect(await page.textContent(".badge")).toBe("RAD");
  });

  test("opacity is linear on the screen: half way between none and all", async () => {
    const { page } = desk;
    await page.click(`[data-layer="${ids.suvr}"] .name`);
    const box = (await page.locator(".stage").boundingBox()) as { x: number; y: number };
    const clip = { x: box.x + 60, y: box.y + 40, width: 300, height: 180 };
    const shown: number[] = [];
    await show(page, ids.suvr, true);
    for (const opacity of [0, 0.5, 1]) {
      await page.fill(`[data-layer="${ids.suvr}"] input[type=range]`, String(opacity));
      await drawn(page);
      shown.push(await brightness(page, clip));
    }
    const [none, half, all] = shown as [number, number, number];
    expect(Math.abs(all - none)).toBeGreaterThan(5);
    // A screen has 256 levels: a mean of rounded values is good to half of one.
    expect(Math.abs(half - (none + all) / 2)).toBeLessThan(0.75);
    await show(page, ids.suvr, false);
  });
});

describe("events", () => {
  test("an annotation is added, renamed, saved as BIDS events and found after a reload; undo takes it back", async () => {
    const { page } = desk;
    const list = page.locator(".events ol li");
    await soon(() => list.count()).toBe(2);
    await timeTo(page, 12.5);
    await page.click(".events .head button");
    await soon(() => list.count()).toBe(3);
    await page.click(".events ol li:nth-child(3) button");
    await page.fill('.edit input[name="type"]', "arousal");
    await page.fill('.edit input[name="duration"]', "2");
    await page.click('.edit button[type="submit"]');
    await soon(() => list.nth(2).textContent()).toContain("arousal");
    await page.reload();
    await soon(() => list.nth(2).textContent()).toContain("arousal");
    const table = await readFile(join(desk.folder, "study/sub-01/eeg/sub-01_task-rest_events.tsv"), "utf8");
    expect(
      table
        .split("\n")
        .find((line) => line.includes("arousal"))
        ?.split("\t")
        .slice(0, 3),
    ).toEqual(["12.5", "2", "arousal"]);
    await page.click('button[aria-label="Undo edit"]');
    await soon(() => list.nth(2).textContent()).toContain("note");
  });

  test("the trace's spike is where the file has it: the picture follows the filter and the window", async () => {
    const { page } = desk;
    await timeTo(page, 3);
    const ink = (): Promise<number> =>
      page.evaluate(() => {
        const canvas = document.querySelector<HTMLCanvasElement>("#traces") as HTMLCanvasElement;
        const { data } = (canvas.getContext("2d") as CanvasRenderingContext2D).getImageData(
          110,
          24,
          canvas.width - 120,
          canvas.height - 24,
        );
        let lit = 0;
        for (let i = 0; i < data.length; i += 4) if (data[i] === 0xa9 && data[i + 1] === 0xd3) lit++;
        return lit;
      });
    await soon(ink).toBeGreaterThan(1000);
  });
});

describe("by keyboard alone", () => {
  test("palette, time, steps, layers, crosshair and undo need no pointer", async () => {
    const { page } = desk;
    await drawn(page);
    const tab = (name: string): Promise<string | null> => page.getAttribute(`#tab-${name}`, "aria-selected");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("measures");
    await page.keyboard.press("Enter");
    await soon(() => tab("measures")).toBe("true");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("readout");
    await page.keyboard.press("Enter");
    await soon(() => tab("readout")).toBe("true");
    await page.keyboard.press("g");
    await page.keyboard.type("1:00:10");
    await page.keyboard.press("Enter");
    const seconds = async (): Promise<number> => Number(await page.getAttribute("#time", "data-seconds"));
    await soon(seconds).toBe(3610);
    await page.keyboard.press(".");
    await soon(seconds).toBeCloseTo(3610.01, 6);
    const x = async (): Promise<number> => Number(await page.inputValue('input[aria-label="x mm"]'));
    const before = await x();
    await page.keyboard.press("ArrowLeft");
    // Radiological: the viewer's left is the patient's right, +x.
    await soon(x).toBe(before + 1);
    await page.keyboard.press("Control+z");
    await soon(x).toBe(before);
    const on = (): Promise<string | null> => page.getAttribute(`[data-layer="${ids.suvr}"] .eye`, "aria-pressed");
    const was = await on();
    const key = await page.textContent(`[data-layer="${ids.suvr}"] kbd`);
    await page.keyboard.press(String(key));
    await soon(on).not.toBe(was);
    await page.keyboard.press(String(key));
    // Everything that acts can be reached by Tab.
    const reached = await page.evaluate(() => {
      const controls = [...document.querySelectorAll<HTMLElement>("button, input, select, [tabindex]")];
      return controls.filter((c) => c.tabIndex < 0 && c.getAttribute("role") !== "option").length;
    });
    expect(reached).toBe(0);
    expect(await page.textContent("#spoken")).toMatch(/Position .* mm\. Time .* s\./);
  });
});

describe("languages", () => {
  test("Chinese takes every place that English has, and fits it", async () => {
    const { page } = desk;
    const boxes = (): Promise<{ id: string; text: string; wide: boolean }[]> =>
      page.evaluate(() =>
        [...document.querySelectorAll<HTMLElement>(".tabs button, .top button, .side thead th, .controls label")].map(
          (e, i) => ({
            id: `${i}`,
            text: e.textContent ?? "",
            wide: e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0,
          }),
        ),
      );
    const english = await boxes();
    await page.click("#language");
    await soon(() => page.getAttribute("html", "lang")).toBe("zh-Hans");
    const chinese = await boxes();
    expect(chinese.map(({ id }) => id)).toEqual(english.map(({ id }) => id));
    // Text is compared by its boxes: no font of either script is assumed.
    expect(chinese.filter(({ wide }) => wide).map(({ text }) => text)).toEqual([]);
    const same = chinese
      .filter(({ text }, i) => text === english[i]?.text && /[a-z]{4}/.test(text))
      .map(({ text }) => text);
    expect(same).toEqual(["WebM"].filter((t) => same.includes(t)));
    await page.click("#language");
    await soon(() => page.getAttribute("html", "lang")).toBe("en");
  });
});

describe("when something is missing", () => {
  test("until here no error was logged and nothing was asked of another host", () => {
    expect(desk.faults).toEqual([]);
    expect([...desk.hosts]).toEqual([`127.0.0.1:${desk.server.port}`]);
  });

  test("without WebGL2 the page says what is wrong, and traces, time and readout work", async () => {
    await using bare = await openDesk(desk.browser, join(desk.folder, "study"), {
      before: `HTMLCanvasElement.prototype.getContext = ((get) => function (kind, ...more) {
        return kind === "webgl2" ? null : get.call(this, kind, ...more);
      })(HTMLCanvasElement.prototype.getContext);`,
    });
    expect(await bare.page.textContent(".stage h2")).toContain("WebGL2");
    await timeTo(bare.page, 5);
    await soon(() => bare.page.getAttribute("#time", "data-seconds")).toBe("5");
    await soon(() => bare.page.locator(".events ol li").count()).toBeGreaterThan(1);
    expect(bare.faults).toEqual([]);
  });

  test("a study of one modality opens, and a server that went away is told of while the page stays", async () => {
    await writeTinyStudy(join(desk.folder, "eeg"), ["eeg"]);
    await using only = await openDesk(desk.browser, join(desk.folder, "eeg"));
    expect(await only.page.textContent(".stage .notice")).toContain("No images");
    await soon(() => only.page.locator(".events ol li").count()).toBe(2);
    expect(only.faults).toEqual([]);
    await only.server[Symbol.asyncDispose]();
    await only.page.selectOption(".controls select >> nth=-1", "60");
    await soon(() => only.page.locator(".banner").textContent()).toContain("does not answer");
    await timeTo(only.page, 7);
    await soon(() => only.page.getAttribute("#time", "data-seconds")).toBe("7");
  });
});
