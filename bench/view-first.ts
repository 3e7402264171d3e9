/** First picture of a study as a user gets it: the command is started, the page opened at the address it prints. */
import { spawn } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { openStation } from "@quintet/pipeline";
import type { Browser } from "playwright-core";

/** The command line of the sources. */
const sources = join(import.meta.dirname, "..", "apps", "cli", "bin", "quintet.js");

export interface FirstPicture {
  readonly what: string;
  /** ms from the page's opening to all images that are shown, and to surfaces and traces too. */
  readonly images: number;
  readonly whole: number;
  /** ms from the command's start to its address. */
  readonly address: number;
}

/**
 * Three openings: by a command that was just started and knows nothing of the files, again by the same one, and by a new
 * one that finds what the first has kept.
 *
 * @param command path of quintet.js, of a bundle for instance; without it the sources
 */
export async function firstPictures(browser: Browser, study: string, command = sources): Promise<FirstPicture[]> {
  const { derivatives } = await placesOf(study);
  if (derivatives !== undefined) await rm(join(derivatives, ".quintet", "station"), { recursive: true, force: true });
  const found: FirstPicture[] = [];
  for (const openings of [
    ["first opening ever", "opened again by the same command"],
    ["first opening by a new command"],
  ]) {
    const started = performance.now();
    const child = spawn(process.execPath, [command, "view", study, "--no-open"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      const printed = await addressOf(child.stdout);
      const address = performance.now() - started;
      for (const what of openings) found.push({ what, address, ...(await opened(browser, printed)) });
    } finally {
      child.kill("SIGINT");
      await new Promise((done) => child.once("exit", done));
    }
  }
  return found;
}

async function placesOf(study: string): Promise<{ readonly derivatives?: string }> {
  await using station = await openStation(study);
  return station.places;
}

async function addressOf(output: NodeJS.ReadableStream): Promise<string> {
  let text = "";
  for await (const part of output) {
    text += String(part);
    const [address] = /http:\S+/.exec(text) ?? [];
    if (address !== undefined) return address;
  }
  throw new Error(`no address in ${text}`);
}

async function opened(browser: Browser, address: string): Promise<Pick<FirstPicture, "images" | "whole">> {
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
  const before = performance.now();
  await page.goto(address);
  await page.waitForSelector('#stage[data-images="shown"]', { state: "attached", timeout: 120_000 });
  const images = performance.now() - before;
  await page.waitForSelector('#stage[data-state="drawn"]', { state: "attached", timeout: 120_000 });
  const whole = performance.now() - before;
  await page.close();
  return { images, whole };
}
