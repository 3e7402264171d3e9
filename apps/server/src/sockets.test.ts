import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loopback } from "@quintet/live";
import { openStation, type Station } from "@quintet/pipeline";
import type { RunMessage } from "@quintet/view";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { writeTinyStudy } from "../../../testing/tiny-study.ts";
import { type RunningServer, startServer } from "./server.ts";

let folder: string;
let station: Station;
let server: RunningServer;

/** Stands for the command line: two steps, then it waits for the signal, or fails. */
const script = `
const line = (told) => console.log(JSON.stringify(told));
line({ event: "start", subject: process.argv[2], step: "anatomy", title: "Anatomy" });
line({ event: "progress", subject: process.argv[2], step: "anatomy", title: "Anatomy", fraction: 0.5, note: "half" });
console.error("a word on the side");
if (process.argv[2] === "99") process.exit(1);
line({ event: "ran", subject: process.argv[2], step: "anatomy", title: "Anatomy", done: 1, total: 2, seconds: 1 });
if (process.argv[2] === "02") { line({ event: "finished", seconds: 3 }); process.exit(0); }
process.on("SIGINT", () => { console.error("quintet: stopped"); process.exit(130); });
setInterval(() => undefined, 1000);
`;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "quintet-sockets-"));
  await writeTinyStudy(join(folder, "study"), ["eeg"]);
  await writeFile(join(folder, "run.mjs"), script);
  station = await openStation(join(folder, "study"));
  server = await startServer({
    station,
    run: {
      program: process.execPath,
      before: [join(folder, "run.mjs")],
      args: async (subject) => [subject ?? "all"],
    },
    live: { interfaces: loopback },
  });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await station[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** An open socket and what it has heard. */
async function opened(path: string, headers: Record<string, string> = { "x-quintet-token": server.token }) {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, { headers });
  const heard: (RunMessage & { readonly error?: string; readonly code?: unknown })[] = [];
  let wake = (): void => undefined;
  socket.on("message", (data) => {
    heard.push(JSON.parse(String(data)));
    wake();
  });
  await new Promise<void>((done, failed) => {
    socket.once("open", done);
    socket.once("error", failed);
  });
  const until = async (is: (message: (typeof heard)[number]) => boolean): Promise<(typeof heard)[number]> => {
    for (;;) {
      const found = heard.find(is);
      if (found) return found;
      await new Promise<void>((done) => {
        wake = done;
      });
    }
  };
  return { socket, heard, until, send: (wish: unknown) => socket.send(JSON.stringify(wish)) };
}

test.each([
  ["no token", "/api/runs", {}],
  ["a wrong token", "/api/runs", { "x-quintet-token": "wrong" }],
  ["a wrong token in the address", "/api/runs?token=wrong", {}],
  ["another origin", "/api/runs", { origin: "http://evil.example" }],
  ["another port of this machine", "/api/runs", { origin: "http://127.0.0.1:1" }],
  ["another host", "/api/runs", { host: "evil.example" }],
  ["another address", "/api/scene", {}],
  ["a prototype's name", "/__proto__", {}],
])("%s opens no socket", async (why, path, headers) => {
  const token = why.includes("token") ? {} : { "x-quintet-token": server.token };
  await expect(opened(path, { ...token, ...headers } as Record<string, string>)).rejects.toThrow(/40[34]/);
});

test("a run is started, watched by two pages, and cancelled; a second one is refused meanwhile", async () => {
  const one = await opened("/api/runs");
  expect(await one.until(() => true)).toEqual({ kind: "state", running: false, log: [] });
  one.send({ do: "start", subject: "01" });
  expect(await one.until(({ kind }) => kind === "step")).toMatchObject({
    event: "start",
    subject: "01",
    step: "anatomy",
  });
  await one.until((message) => message.kind === "step" && message.event === "ran");
  expect(one.heard).toContainEqual(expect.objectContaining({ event: "progress", fraction: 0.5, note: "half" }));
  await one.until((message) => message.kind === "log" && message.line === "a word on the side");
  const two = await opened("/api/runs");
  expect(await two.until(() => true)).toMatchObject({ kind: "state", running: true });
  // Who comes later hears the last word on every step.
  expect(await two.until(({ kind }) => kind === "step")).toMatchObject({ event: "ran", done: 1, total: 2 });
  two.send({ do: "start" });
  expect(await two.until(({ error }) => error !== undefined)).toMatchObject({ code: "already-running" });
  two.send({ do: "cancel" });
  for (const page of [one, two]) expect(await page.until(({ kind }) => kind === "end")).toMatchObject({ code: 130 });
  for (const page of [one, two]) page.socket.close();
});

test("a run that ends well, and one that fails, say so", async () => {
  const page = await opened("/api/runs");
  page.send({ do: "start", subject: "02" });
  expect(await page.until(({ kind }) => kind === "end")).toMatchObject({ code: 0 });
  expect(page.heard).toContainEqual({ kind: "log", line: "finished in 3 s" });
  page.heard.length = 0;
  page.send({ do: "start", subject: "99" });
  expect(await page.until(({ kind }) => kind === "end")).toMatchObject({ code: 1 });
  page.socket.close();
});

test.each([
  ["bad-request", "no json"],
  ["bad-request", "{}"],
  ["bad-request", '{"do":"start","subject":"--out"}'],
  ["bad-request", '{"do":"start","subject":7}'],
  ["not-running", '{"do":"cancel"}'],
])("%s: %s", async (code, text) => {
  const page = await opened("/api/runs");
  page.socket.send(text);
  expect(await page.until(({ error }) => error !== undefined)).toMatchObject({ code });
  page.socket.close();
});

test("the live socket answers, and records nowhere without a folder", async () => {
  const page = await opened("/api/live");
  page.send({ id: 1, do: "recording" });
  page.send({ id: 2, do: "record", uids: [], name: "x" });
  const answers = page.heard as unknown as { id: number; code?: string }[];
  await page.until(() => answers.length >= 2);
  expect(answers.find(({ id }) => id === 2)?.code).toBe("no-folder");
  page.socket.close();
});

test("a server that is closed ends the run it started", async () => {
  const other = await startServer({
    station,
    run: { program: process.execPath, before: [join(folder, "run.mjs")], args: async () => ["01"] },
  });
  const socket = new WebSocket(`ws://127.0.0.1:${other.port}/api/runs`, {
    headers: { "x-quintet-token": other.token },
  });
  const ran = new Promise<void>((done) => {
    socket.on("message", (data) => {
      if (String(data).includes('"ran"')) done();
    });
  });
  await new Promise((done) => socket.once("open", done));
  socket.send('{"do":"start"}');
  await ran;
  const closed = new Promise((done) => socket.once("close", done));
  await other[Symbol.asyncDispose]();
  await closed;
  expect(socket.readyState).toBe(WebSocket.CLOSED);
});
