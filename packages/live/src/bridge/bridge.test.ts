import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { interfaces, own, until } from "../../test/made-stream.ts";
import { openOutlet } from "../lsl/outlet.ts";
import type { RecorderStatus } from "../record/recorder.ts";
import { type Bridge, openBridge } from "./bridge.ts";

let folder = "";
let bridge: Bridge;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "quintet-bridge-"));
  bridge = await openBridge({ recordings: folder });
});
afterAll(async () => {
  await bridge.close();
  await rm(folder, { recursive: true, force: true });
});

/** Opens the socket as a page does; resolves to whether it was let in. */
const knock = (path: string, port = bridge.port): Promise<boolean> =>
  new Promise((tell) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`);
    socket.onopen = () => {
      socket.close();
      tell(true);
    };
    socket.onerror = () => tell(false);
  });

test("nothing is told without the token: neither page nor socket", async () => {
  const get = async (path: string) => (await fetch(`http://127.0.0.1:${bridge.port}${path}`)).status;
  expect(await Promise.all([get("/"), get("/?token=guess"), get(`/etc/passwd?token=${bridge.token}`)])).toEqual([
    403, 403, 403,
  ]);
  expect(await get(`/?token=${bridge.token}`)).toBe(200);
  expect(
    await Promise.all([knock("/socket"), knock("/socket?token=guess"), knock(`/other?token=${bridge.token}`)]),
  ).toEqual([false, false, false]);
  expect(await knock(`/socket?token=${bridge.token}`)).toBe(true);
});

test("a page of another origin is refused although it knows the token", async () => {
  const answer = await fetch(`http://127.0.0.1:${bridge.port}/socket?token=${bridge.token}`, {
    headers: { upgrade: "websocket", connection: "Upgrade", origin: "https://elsewhere.example" },
  }).catch(() => undefined);
  expect(answer?.status ?? 403).toBe(403);
});

test("a page lists, opens and records streams", async () => {
  await using outlet = await openOutlet(
    { name: "cap", type: "EEG", channelCount: 2, format: "float32", rate: 10, sourceId: own("bridge-cap") },
    { interfaces },
  );
  const socket = new WebSocket(`ws://127.0.0.1:${bridge.port}/socket?token=${bridge.token}`);
  socket.binaryType = "arraybuffer";
  const replies = new Map<number, (reply: Record<string, never>) => void>();
  const binary: ArrayBuffer[] = [];
  socket.onmessage = ({ data }) => {
    if (typeof data !== "string") binary.push(data);
    else replies.get(JSON.parse(data).id)?.(JSON.parse(data));
  };
  await new Promise((go) => {
    socket.onopen = go;
  });
  let id = 0;
  const ask = (what: object): Promise<Record<string, never>> =>
    new Promise((tell) => {
      id++;
      replies.set(id, tell);
      socket.send(JSON.stringify({ ...what, id }));
    });

  const { streams } = (await ask({ do: "list", query: `source_id='${own("bridge-cap")}'` })) as unknown as {
    streams: { uid: string }[];
  };
  expect(streams.map(({ uid }) => uid)).toEqual([outlet.uid]);
  expect(await ask({ do: "open", uid: "nobody" })).toMatchObject({ code: "unknown-stream" });
  expect(await ask({ do: "constructor" })).toMatchObject({ code: "bad-command" });
  expect(await ask({ do: "record", uids: [outlet.uid], name: "../away" })).toMatchObject({ code: "bad-name" });
  await ask({ do: "open", uid: outlet.uid });
  expect(await ask({ do: "record", uids: [outlet.uid], name: "run" })).toMatchObject({ path: join(folder, "run.xdf") });
  await until(() => outlet.readers() === 2);
  outlet.push([1, 2, 3, 4], 10);
  await until(() => binary.length > 0);
  const data = binary[0] as ArrayBuffer;
  const head = new DataView(data).getUint32(0, true);
  expect(JSON.parse(new TextDecoder().decode(new Uint8Array(data, 4, head)))).toEqual({
    uid: outlet.uid,
    count: 2,
    lost: 0,
  });
  expect([...new Float64Array(data, 8 * Math.ceil((4 + head) / 8))]).toEqual([9.9, 10, 1, 2, 3, 4]);
  // The recorder reads by a connection of its own.
  const heard = async (): Promise<boolean> => {
    const { status } = (await ask({ do: "recording" })) as unknown as { status: RecorderStatus };
    return status.streams[0]?.samples === 2;
  };
  await expect.poll(heard, { timeout: 5000 }).toBe(true);
  expect(await ask({ do: "stop" })).toMatchObject({ status: { streams: [{ samples: 2 }] } });
  socket.close();
});
