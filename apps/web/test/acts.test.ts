/** What the page sets in motion, in a real browser: runs, live streams, the report, exports, units, curves, touch. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loopback, openOutlet } from "@quintet/live";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FoundBrowser } from "../../../testing/browser.ts";
import { openBrowser } from "../../../testing/browser.ts";
import type { PageDesk } from "./page-desk.ts";
import { drawn, moveTo, openDesk, readAt, readoutOf, show, timeTo } from "./page-desk.ts";
import { soon } from "./phantom-desk.ts";
import { writePhantomStudy } from "./phantom-study.ts";
import { picturesOf } from "./webm.ts";

/** Stands for the command line: a step under way until it is interrupted; person 01 alone. */
const script = `
const line = (told) => console.log(JSON.stringify(told));
const step = { subject: "01", step: "anatomy", title: "Anatomy" };
line({ event: "start", ...step });
line({ event: "progress", ...step, fraction: 0.5 });
console.error("a word on the side");
process.on("SIGINT", () => process.exit(130));
setInterval(() => undefined, 1000);
`;

let folder: string;
let found: FoundBrowser;
let desk: PageDesk;
let page: Page;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "quintet-acts-"));
  await writePhantomStudy(join(folder, "study"));
  await writeFile(join(folder, "run.mjs"), script);
  await mkdir(join(folder, "recordings"));
  found = await openBrowser();
  desk = await openDesk(found.browser, join(folder, "study"), {
    touch: true,
    server: {
      run: { program: process.execPath, before: [join(folder, "run.mjs")], args: async () => [] },
      live: { interfaces: loopback, recordings: join(folder, "recordings") },
    },
  });
  page = desk.page;
  await drawn(page);
}, 60_000);
afterAll(async () => {
  await desk?.[Symbol.asyncDispose]();
  await found?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const pet = "raw-sub-01_trc-FDG_pet";
const tab = (name: string): Promise<void> => page.click(`#tab-${name}`);
const button = (name: string | RegExp) => page.locator("#panel").getByRole("button", { name });

test("a run is started, watched and cancelled", async () => {
  await tab("runs");
  await button("Start the run").click();
  await soon(() => page.locator(".steps li").textContent()).toContain("Anatomy");
  await soon(() => page.locator(".steps progress").getAttribute("value")).toBe("0.5");
  await soon(() => page.locator(".log").textContent()).toContain("a word on the side");
  await button("Cancel").click();
  await soon(() => page.locator("#panel p.fault").textContent()).toMatch(/cancelled/i);
});

test("a stream of another program is found, drawn and recorded", async () => {
  // A name of this process alone: the same test may run twice on one machine at the same time.
  const made = `Made EEG ${process.pid}`;
  await using outlet = await openOutlet({
    name: made,
    type: "EEG",
    format: "float32",
    channelCount: 2,
    rate: 100,
    sourceId: made,
  });
  let sample = 0;
  const timer = setInterval(() => {
    const values = Array.from({ length: 20 }, () => Math.sin(sample++ / 20));
    outlet.push(Float32Array.from(values));
  }, 100);
  try {
    await tab("live");
    await button("Look for streams").click();
    const stream = page.locator("#panel li", { hasText: made });
    // The box is ticked when the server has opened the stream.
    await stream.locator("input").click({ timeout: 30_000 });
    const ink = (): Promise<number> =>
      page.evaluate(() => {
        const canvas = document.querySelector<HTMLCanvasElement>("canvas.moving");
        const data = canvas?.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
        let lit = 0;
        for (let i = 3; i < data.length; i += 4) if (data[i] !== 0) lit++;
        return lit;
      });
    await soon(ink).toBeGreaterThan(20);
    await button(/Record$/).click();
    await soon(() => page.locator("#panel p[role=status]").textContent()).toContain(".xdf");
    await new Promise((done) => setTimeout(done, 600));
    await button(/Stop$/).click();
    await soon(() => page.locator("#panel p[role=status]").textContent()).toContain("recorded:");
    const [name = ""] = await readdir(join(folder, "recordings"));
    const bytes = await readFile(join(folder, "recordings", name));
    expect([name.endsWith(".xdf"), bytes.subarray(0, 4).toString()]).toEqual([true, "XDF:"]);
    expect(bytes.includes(made)).toBe(true);
  } finally {
    clearInterval(timer);
  }
});

test("the report opens in the page, in a frame of its own", async () => {
  await tab("report");
  const frame = page.frameLocator("#panel iframe");
  await soon(() => frame.locator("h1").textContent()).toBe("What was found");
});

describe("exports", () => {
  test("a PNG of the images and their letters, at the canvas's size", async () => {
    const [file] = await Promise.all([page.waitForEvent("download"), page.click(".top button:text-is('PNG')")]);
    const png = await readFile(await file.path());
    const size = await page.evaluate(() => {
      const { width, height } = document.querySelector("#stage") as HTMLCanvasElement;
      return [width, height];
    });
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual(size);
    expect(file.suggestedFilename()).toMatch(/^01_t-.*s\.png$/);
  });

  test("a WebM film of the PET frames", async () => {
    await tab("readout");
    await show(page, pet, true);
    await drawn(page);
    const [film] = await Promise.all([page.waitForEvent("download"), page.click(".top button:text-is('WebM')")]);
    const bytes = await readFile(await film.path());
    // EBML, with WebM as its document type.
    expect(bytes.readUInt32BE(0)).toBe(0x1a45dfa3);
    expect(bytes.subarray(0, 64).includes("webm")).toBe(true);
    expect(bytes.length).toBeGreaterThan(1000);
    // One picture for each frame at least: none is left out where encoding takes its time.
    expect(picturesOf(bytes)).toBeGreaterThanOrEqual(3);
  });
});

describe("numbers", () => {
  test("PET in SUV: the same picture, its values and its window times 80 kg over 200 MBq", async () => {
    await tab("readout");
    await timeTo(page, 3700);
    await moveTo(page, [0, 0, 0]);
    await readAt(page, [0, 0, 0], 3700);
    const activity = await readoutOf(page, pet);
    await page.click(`[data-layer="${pet}"] .name`);
    const high = page.locator('input[aria-label^="Window high"]');
    const before = Number(await high.inputValue());
    await page.selectOption(`select[aria-label^="Unit"]`, { label: "SUV" });
    await readAt(page, [0, 0, 0], 3700);
    const factor = 80_000 / 200e6 / 1e-3;
    expect(Math.abs((await readoutOf(page, pet)) / activity / factor - 1)).toBeLessThan(1e-6);
    // Fields show six figures.
    expect(Math.abs(Number(await high.inputValue()) / before / factor - 1)).toBeLessThan(1e-4);
    expect(await page.textContent(`tr[data-volume="${pet}"] td:nth-child(3)`)).toBe("SUV");
    await page.selectOption(`select[aria-label^="Unit"]`, { label: "kBq/mL" });
  });

  test("a decimal comma is a decimal point; what is no number is marked and changes nothing", async () => {
    const x = page.locator('input[aria-label="x mm"]');
    await x.fill("12,5");
    await readAt(page, [12.5, 0, 0], 3700);
    await x.fill("1.2,3");
    expect(await x.getAttribute("aria-invalid")).toBe("true");
    await x.blur();
    expect(await x.inputValue()).toBe("12.5");
    await moveTo(page, [0, 0, 0]);
  });

  test("the curve of the sphere about the crosshair is the mean of its voxels, frame by frame", async () => {
    const curve = async (query: string): Promise<{ values: number[]; voxels: number }> =>
      page.evaluate(async (q) => (await fetch(`/api/curves?${q}`)).json(), `subject=01&volume=${pet}&${query}`);
    // The scan is linear in space: over whole voxels about one of them the mean is its own value.
    const centre = "2,0,2";
    const [one, sphere] = [await curve(`position=${centre}`), await curve(`position=${centre}&radius=9`)];
    expect([one.voxels, sphere.voxels > 20]).toEqual([1, true]);
    for (const [k, v] of sphere.values.entries())
      expect(Math.abs(v / (one.values[k] as number) - 1)).toBeLessThan(1e-5);
    const { port, token } = desk.server;
    const bad = await fetch(`http://127.0.0.1:${port}/api/curves?volume=${pet}&position=0,0,0&radius=-1`, {
      headers: { "x-quintet-token": token },
    });
    expect(bad.status).toBe(400);
    await tab("plots");
    await page.selectOption('select[aria-label="Curves of"]', "sphere");
    await soon(() => page.locator("#panel figcaption").first().textContent()).toContain("10 mm about");
    await tab("readout");
  });
});

test("an arrow stands where the dipole is, along its moment", async () => {
  await show(page, pet, false);
  await moveTo(page, [-30, 0, 8]);
  await drawn(page);
  // The axial pane: the arrow's pink along +y of the dipole, none with arrows off.
  const pink = (): Promise<number> =>
    page.evaluate(() => {
      const session = (globalThis as unknown as { quintet: { drawNow(whole: boolean): void } }).quintet;
      session.drawNow(true);
      const canvas = document.querySelector("#stage") as HTMLCanvasElement;
      const gl = canvas.getContext("webgl2") as WebGL2RenderingContext;
      const data = new Uint8Array(4 * canvas.width * canvas.height);
      gl.readPixels(0, 0, canvas.width, canvas.height, gl.RGBA, gl.UNSIGNED_BYTE, data);
      let lit = 0;
      for (let i = 0; i < data.length; i += 4)
        if (data[i] === 255 && data[i + 1] === 0x5f && data[i + 2] === 0xd2) lit++;
      return lit;
    });
  expect(await pink()).toBeGreaterThan(60);
  await page.getByLabel("Source arrows").uncheck();
  await drawn(page);
  expect(await pink()).toBe(0);
});

test("two fingers zoom and pan a cut, one moves the crosshair", async () => {
  const box = (await page.locator(".stage").boundingBox()) as { x: number; y: number; width: number; height: number };
  const [x, y] = [box.x + box.width / 4, box.y + box.height / 4];
  const tools = await page.context().newCDPSession(page);
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", points: readonly (readonly [number, number])[]) =>
    tools.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(([px, py], id) => ({ x: px, y: py, id })) });
  const state = (): Promise<{ zoom: number; position: number[] }> =>
    page.evaluate(() => {
      const { zoom, position } = (
        globalThis as unknown as { quintet: { store: { get(): { zoom: number; position: number[] } } } }
      ).quintet.store.get();
      return { zoom, position: [...position] };
    });
  await touch("touchStart", [[x, y]]);
  await touch("touchEnd", []);
  const before = await state();
  await touch("touchStart", [[x - 30, y]]);
  await touch("touchStart", [
    [x - 30, y],
    [x + 30, y],
  ]);
  await touch("touchMove", [
    [x - 60, y],
    [x + 60, y],
  ]);
  await touch("touchEnd", []);
  const after = await state();
  expect(after.zoom / before.zoom).toBeCloseTo(2, 1);
  await touch("touchStart", [[x + 20, y]]);
  await touch("touchEnd", []);
  expect((await state()).position).not.toEqual(before.position);
});

test("all the while no error was logged and nothing was asked of another host", () => {
  expect(desk.faults).toEqual([]);
  expect([...desk.hosts]).toEqual([`127.0.0.1:${desk.server.port}`]);
});
