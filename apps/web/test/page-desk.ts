/** A running page of one study in a real browser, and what tests read off it. */
import { join } from "node:path";
import type { Station } from "@quintet/pipeline";
import { openStation } from "@quintet/pipeline";
import type { RunningServer, ServerOptions } from "@quintet/server";
import { startServer } from "@quintet/server";
import type { Browser, BrowserContext, Page } from "playwright-core";

export interface PageDesk extends AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly server: RunningServer;
  /** What the browser's console and the page's own errors said. */
  readonly faults: string[];
  /** Hosts that were asked for anything. */
  readonly hosts: Set<string>;
}

export interface DeskOptions {
  readonly size?: { readonly width: number; readonly height: number };
  /** Runs in the page before its own scripts. */
  readonly before?: string;
  /** How runs are started and live streams found; without it the page does neither. */
  readonly server?: Pick<ServerOptions, "run" | "live">;
  readonly touch?: boolean;
}

const built = join(import.meta.dirname, "..", "dist");

export async function openDesk(browser: Browser, study: string, options: DeskOptions = {}): Promise<PageDesk> {
  const station: Station = await openStation(study, {
    canRun: options.server?.run !== undefined,
    canRecord: options.server?.live?.recordings !== undefined,
  });
  const server = await startServer({ station, page: built, ...options.server });
  const context = await browser.newContext({
    viewport: options.size ?? { width: 1240, height: 720 },
    locale: "en-GB",
    hasTouch: options.touch ?? false,
  });
  const page = await context.newPage();
  const faults: string[] = [];
  const hosts = new Set<string>();
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(message.text());
  });
  page.on("pageerror", (fault) => faults.push(String(fault)));
  page.on("request", (asked) => {
    const url = new URL(asked.url());
    if (url.protocol !== "data:" && url.protocol !== "blob:") hosts.add(url.host);
  });
  if (options.before) await page.addInitScript(options.before);
  await page.goto(server.address);
  await page.waitForSelector(".desk");
  return {
    page,
    context,
    server,
    faults,
    hosts,
    async [Symbol.asyncDispose]() {
      await context.close();
      await server[Symbol.asyncDispose]();
      await station[Symbol.asyncDispose]();
    },
  };
}

/** Waits until the picture is complete and at rest. */
export async function drawn(page: Page): Promise<void> {
  await page.evaluate(
    () =>
      new Promise<void>((done) => {
        let calm = 0;
        const look = (): void => {
          const canvas = document.querySelector<HTMLCanvasElement>("#stage");
          calm = canvas?.dataset.state === "drawn" ? calm + 1 : 0;
          if (calm > 3) done();
          else requestAnimationFrame(look);
        };
        look();
      }),
  );
}

/** The readout's own number for a volume; NaN outside it. */
export async function readoutOf(page: Page, id: string): Promise<number> {
  const raw = await page.getAttribute(`tr[data-volume="${id}"] td.value`, "data-raw");
  return raw ? Number(raw) : Number.NaN;
}

/** Waits for the readout of these cursors. */
export async function readAt(page: Page, position: readonly number[], time: number): Promise<void> {
  await page.waitForSelector(`table.readout[data-at="${position.join()} ${time}"]`);
  await drawn(page);
}

/** Types a position into the three fields. */
export async function moveTo(page: Page, position: readonly number[]): Promise<void> {
  for (const [k, axis] of (["x", "y", "z"] as const).entries())
    await page.fill(`input[aria-label="${axis} mm"]`, String(position[k]));
}

export async function timeTo(page: Page, seconds: number): Promise<void> {
  await page.fill("#time", String(seconds));
  await page.press("#time", "Enter");
}

/** Switches a layer on or off with its button. */
export async function show(page: Page, id: string, on: boolean): Promise<void> {
  const button = page.locator(`[data-layer="${id}"] .eye`);
  if ((await button.getAttribute("aria-pressed")) !== String(on)) await button.click();
}

/** The letters over the images: text and the middle of its box, in CSS pixels of the stage. */
export function letters(page: Page): Promise<[text: string, x: number, y: number][]> {
  return page.evaluate(() => {
    const stage = document.querySelector(".stage")?.getBoundingClientRect();
    return [...document.querySelectorAll<HTMLElement>(".mark.text")].map((mark) => {
      const { left, top, width, height } = mark.getBoundingClientRect();
      return [mark.textContent ?? "", left + width / 2 - (stage?.left ?? 0), top + height / 2 - (stage?.top ?? 0)];
    });
  });
}

/** Mean brightness (0 ... 255) of a box of a screenshot, in CSS pixels of the page. */
export async function brightness(
  page: Page,
  clip: { x: number; y: number; width: number; height: number },
): Promise<number> {
  const png = (await page.screenshot({ clip })).toString("base64");
  return page.evaluate(async (text) => {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const image = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const canvas = new OffscreenCanvas(image.width, image.height);
    const pen = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
    pen.drawImage(image, 0, 0);
    const { data } = pen.getImageData(0, 0, image.width, image.height);
    let sum = 0;
    for (let i = 0; i < data.length; i += 4)
      sum += ((data[i] as number) + (data[i + 1] as number) + (data[i + 2] as number)) / 3;
    return sum / (data.length / 4);
  }, png);
}
