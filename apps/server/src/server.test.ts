import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { type IncomingHttpHeaders, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStation, type Station } from "@quintet/pipeline";
import type { EventsTable, RecordingWindow, Scene } from "@quintet/view";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tinyT1, writeTinyStudy } from "../../../testing/tiny-study.ts";
import { type RunningServer, startServer } from "./server.ts";

let folder: string;
let station: Station;
let server: RunningServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "quintet-server-"));
  await writeTinyStudy(join(folder, "study"), ["t1", "pet", "eeg"]);
  await mkdir(join(folder, "page/assets"), { recursive: true });
  await writeFile(join(folder, "page/index.html"), "<!doctype html><title>page</title>");
  await writeFile(join(folder, "page/assets/a.js"), "1");
  station = await openStation(join(folder, "study"));
  server = await startServer({ station, page: join(folder, "page") });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await station[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Node's own client: it sends the path as it stands, and any header. */
function ask(path: string, headers: Record<string, string> = {}, method = "GET", body?: string): Promise<Got> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port: server.port, path, method, headers }, (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }),
      );
    });
    asked.on("error", reject);
    // A body that was announced and does not come: the answer must not wait for it.
    if ("content-length" in headers) asked.flushHeaders();
    else asked.end(body);
  });
}
const good = (): Record<string, string> => ({ "x-quintet-token": server.token });
const codeOf = ({ body }: Got): string => (JSON.parse(String(body)) as { code: string }).code;

test("nothing is told without the token, or with a wrong one", async () => {
  for (const path of ["/", "/assets/a.js", "/api/scene", "/nothing", "/?token=", `/?token=${server.token}x`]) {
    const got = await ask(path);
    expect([path, got.status, codeOf(got)]).toEqual([path, 403, "no-token"]);
  }
  // Another last letter, whichever the token has.
  const wrong = `${server.token.slice(0, -1)}${server.token.endsWith("_") ? "-" : "_"}`;
  expect((await ask("/api/scene", { "x-quintet-token": wrong })).status).toBe(403);
  expect((await ask("/api/scene", { cookie: `quintet-${server.port}=wrong` })).status).toBe(403);
  // The address's token opens the page alone; everything else is asked with the cookie or the header.
  expect((await ask(`/api/scene?token=${server.token}`)).status).toBe(403);
});

test("the address sets a cookie that the page's requests carry; a once-address works once", async () => {
  const page = await ask(`/?token=${server.token}`);
  expect([page.status, String(page.body)]).toEqual([200, "<!doctype html><title>page</title>"]);
  const [cookie = ""] = page.headers["set-cookie"] ?? [];
  expect(cookie).toMatch(/; HttpOnly; SameSite=Strict; Path=\/$/);
  const [pair = ""] = cookie.split(";");
  expect((await ask("/api/scene", { cookie: pair })).status).toBe(200);
  expect((await ask("/assets/a.js", { cookie: `other=1; ${pair}` })).headers["content-type"]).toContain("javascript");
  const { search } = new URL(server.once());
  expect((await ask(`/${search}`)).status).toBe(200);
  expect((await ask(`/${search}`)).status).toBe(403);
});

test("a foreign host, origin or site is refused even with the token", async () => {
  const origin = `http://127.0.0.1:${server.port}`;
  const cookie = `quintet-${server.port}=${server.token}`;
  for (const headers of [
    { ...good(), host: "evil.example" },
    { ...good(), host: `evil.example:${server.port}` },
    { ...good(), host: "127.0.0.1:1" },
    { ...good(), origin: "http://evil.example" },
    { ...good(), origin: "null" },
    { ...good(), origin: "http://127.0.0.1:1" },
    { ...good(), origin: `https://127.0.0.1:${server.port}` },
    { cookie, "sec-fetch-site": "cross-site" },
    { cookie, "sec-fetch-site": "same-site" },
  ])
    expect((await ask("/api/scene", headers)).status).toBe(403);
  for (const headers of [
    { ...good(), origin },
    { ...good(), host: `localhost:${server.port}` },
  ])
    expect((await ask("/api/scene", headers)).status).toBe(200);
  // To write with a cookie, the browser must say that our own page asks.
  expect((await ask("/api/drop?name=a.txt", { cookie }, "POST", "x")).status).toBe(403);
  expect((await ask("/api/drop?name=a.txt", { cookie, origin }, "POST", "x")).status).toBe(200);
});

test.each([
  "/api/volume/..%2f..%2fetc%2fpasswd",
  "/api/volume/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
  "/api/volume/..%5c..%5cetc%5cpasswd",
  "/api/volume/%2fetc%2fpasswd",
  "/api/volume/%252e%252e%252fetc",
  "/api/volume/__proto__",
  "/api/volume/sub-01_T1w.nii.gz",
  "/api/surface/../../../etc/passwd",
  "/api/report/..%2f01",
  "/api/report/%00",
  "/../../../etc/passwd",
  "/assets/..%2f..%2fstudy%2fparticipants.tsv",
  "/assets/../../study/participants.tsv",
  "//etc/passwd",
  "/api/constructor/x",
  "/api/volume/raw-sub-01_T1w/extra",
])("%s leads nowhere", async (path) => {
  await station.scene();
  const got = await ask(path, good());
  expect(got.status).toBe(404);
  expect(String(got.body)).not.toMatch(/root:|participant_id/);
});

test("a path that cannot be decoded is a bad request", async () => {
  expect((await ask("/api/volume/%zz", good())).status).toBe(400);
});

test("voxels as bytes: whole, a range, its end, and a range that is not there", async () => {
  const scene = JSON.parse(String((await ask("/api/scene", good())).body)) as Scene;
  const { url } = scene.volumes[0] as Scene["volumes"][number];
  const whole = await ask(`/${url}`, good());
  expect(new Float32Array(whole.body.buffer.slice(whole.body.byteOffset, whole.body.byteOffset + 480))).toEqual(
    tinyT1.data,
  );
  const part = await ask(`/${url}`, { ...good(), range: "bytes=4-11" });
  expect([part.status, part.headers["content-range"], part.body.readFloatLE(0), part.body.readFloatLE(4)]).toEqual([
    206,
    "bytes 4-11/480",
    1,
    2,
  ]);
  const tail = await ask(`/${url}`, { ...good(), range: "bytes=-4" });
  expect([tail.status, tail.body.readFloatLE(0)]).toEqual([206, 119]);
  const beyond = await ask(`/${url}`, { ...good(), range: "bytes=480-" });
  expect([beyond.status, beyond.headers["content-range"]]).toEqual([416, "bytes */480"]);
  for (const range of ["bytes=0-3,8-11", "bytes=9-4", "lines=1-2", "bytes=a-b", "bytes=-"])
    expect((await ask(`/${url}`, { ...good(), range })).status).toBe(200);
  const head = await ask(`/${url}`, good(), "HEAD");
  expect([head.status, head.headers["content-length"], head.body.length]).toEqual([200, "480", 0]);
});

test("a window of a recording: head, padding, float32; wishes that cannot be are refused", async () => {
  const scene = JSON.parse(String((await ask("/api/scene", good())).body)) as Scene;
  const { url } = scene.recordings[0] as Scene["recordings"][number];
  const { status, body } = await ask(`/${url}?from=10&to=10.05&channels=1`, good());
  expect(status).toBe(200);
  const length = body.readUInt32LE(0);
  const head = JSON.parse(String(body.subarray(4, 4 + length))) as RecordingWindow;
  expect(head.segments).toEqual([{ start: 10, count: 5, at: 0 }]);
  const from = 4 * Math.ceil((4 + length) / 4);
  // The ramp of 100 uV in 20 s: 50 uV at 10 s, 0.05 a sample; 16 bits over 100 uV are 0.0015 apart.
  const values = [0, 1, 2, 3, 4].map((k) => body.readFloatLE(from + 4 * k));
  expect(values).toBeAllclose([50, 50.05, 50.1, 50.15, 50.2], { atol: 2e-3 });
  for (const [query, code] of [
    ["", "bad-request"],
    ["from=0", "bad-request"],
    ["from=0&to=x", "bad-request"],
    ["from=0&to=1&channels=1-0", "bad-request"],
    ["from=0&to=1&montage=circle", "bad-request"],
    ["from=0&to=1&channels=9", "bad-channels"],
    ["from=0&to=1&low=80", "bad-band"],
    ["from=0&to=1&montage=double-banana", "no-pairs"],
  ] as const) {
    const refused = await ask(`/${url}?${query}`, good());
    expect([query, codeOf(refused)]).toEqual([query, code]);
    expect(refused.status).toBe(code === "bad-request" ? 400 : 422);
  }
});

test("events are read, saved against their version, and taken back", async () => {
  const scene = JSON.parse(String((await ask("/api/scene", good())).body)) as Scene;
  const address = `/${scene.recordings[0]?.eventsUrl}`;
  const table = JSON.parse(String((await ask(address, good())).body)) as EventsTable;
  const events = [...table.events, { onset: 1, duration: 0, type: "here" }];
  const put = (version: string): Promise<Got> => ask(address, good(), "PUT", JSON.stringify({ version, events }));
  const saved = await put(table.version);
  expect([saved.status, (JSON.parse(String(saved.body)) as EventsTable).events.length]).toEqual([200, 3]);
  const late = await put(table.version);
  expect([late.status, codeOf(late)]).toEqual([409, "version-conflict"]);
  const { version } = JSON.parse(String(saved.body)) as EventsTable;
  const back = await ask(address, good(), "POST", JSON.stringify({ do: "undo", version }));
  expect((JSON.parse(String(back.body)) as EventsTable).events).toEqual(table.events);
  for (const body of ["", "[]", "{", '{"do":"jump"}'])
    expect((await ask(address, good(), "POST", body)).status).toBe(400);
});

test("headers keep everything on this machine", async () => {
  const { headers } = await ask("/api/scene", good());
  expect(headers["content-security-policy"]).toMatch(/^default-src 'none'; script-src 'self'/);
  expect(headers["content-security-policy"]).not.toMatch(/https?:|\*/);
  expect([headers["x-content-type-options"], headers["referrer-policy"], headers["cache-control"]]).toEqual([
    "nosniff",
    "no-referrer",
    "no-store",
  ]);
  expect(headers["access-control-allow-origin"]).toBeUndefined();
});

test("wrong methods, a body that is too large, a name that is a path", async () => {
  expect((await ask("/api/scene", good(), "DELETE")).status).toBe(405);
  expect((await ask("/api/drop?name=a.nii", { ...good(), "content-length": String(2 ** 31) }, "POST")).status).toBe(
    413,
  );
  const path = await ask("/api/drop?name=..%2Fa.nii", good(), "POST", "x");
  expect([path.status, codeOf(path)]).toEqual([422, "bad-name"]);
});

test("a second server on the same port is told of", async () => {
  await expect(startServer({ station, port: server.port })).rejects.toMatchObject({ code: "cannot-listen" });
});
