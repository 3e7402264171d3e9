import { randomUUID } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { hostname } from "node:os";
import type { Seconds } from "@quintet/core";
import { parseXml } from "@quintet/io";
import { limits, protocolVersion } from "./constants.ts";
import { type Feed, headerFields, openFeed } from "./feed.ts";
import { addressesOf, type Interfaces, loopback, mayAnswer } from "./interfaces.ts";
import { localClock } from "./local-clock.ts";
import { type Packet, packetPool } from "./packet-pool.ts";
import { firstFree, isTrueOf, openResponder } from "./responder.ts";
import { encodeSamples, type SampleValues } from "./sample-encoder.ts";
import { descriptionXml, infoXml, type OutletDescription } from "./stream-info.ts";

/** A stream that others on this machine or network can find and read. */
export interface Outlet extends AsyncDisposable {
  readonly uid: string;
  readonly dataPort: number;
  readonly servicePort: number;
  /**
   * Sends samples, [sample][channel]; the stamp is that of the last one, now when not given. The samples before it lie
   * 1 / rate apart; of an irregular stream all have the one stamp.
   */
  readonly push: (values: SampleValues, stamp?: Seconds) => void;
  /** Sends samples that have a stamp each. */
  readonly pushStamped: (values: SampleValues, stamps: ArrayLike<Seconds>) => void;
  readonly readers: () => number;
  /** Samples that slow readers lost. */
  readonly dropped: () => number;
  /** Samples that still wait for a reader, of all readers together: closed now, the outlet takes them with it. */
  readonly pending: () => number;
  readonly close: () => Promise<void>;
}

export interface OutletOptions {
  /** Where it can be reached; this machine only unless said otherwise: the protocol has no encryption. */
  readonly interfaces?: Interfaces;
  readonly sessionId?: string;
}

/**
 * Opens an outlet: information and clock over UDP, samples over TCP (protocol 1.10).
 *
 * @throws DataError `no-such-interface`
 */
export async function openOutlet(
  description: OutletDescription,
  { interfaces = loopback, sessionId = "default" }: OutletOptions = {},
): Promise<Outlet> {
  const { format, channelCount: channels, rate } = description;
  const uid = randomUUID();
  const feeds = new Set<Feed>();
  const sockets = new Set<Socket>();
  let lost = 0;
  let texts = { short: "", full: "" };
  let parsed = parseXml("<info/>", "this outlet");
  const told = { xml: () => texts.short, info: () => parsed };
  const accept = (socket: Socket): void => {
    if (sockets.size >= limits.readers || !mayAnswer(interfaces, socket.remoteAddress ?? "")) {
      socket.destroy();
      return;
    }
    sockets.add(socket);
    serve(socket, {
      uid,
      texts: () => texts,
      isTrue: (query) => isTrueOf(query, told),
      feed(asked) {
        const feed = openFeed(socket, asked, { uid, format, channels });
        if (feed === undefined) return;
        feeds.add(feed);
        socket.once("close", () => {
          lost += feed.dropped();
          feeds.delete(feed);
        });
      },
    });
    socket.once("close", () => sockets.delete(socket));
  };
  const server = await listen(interfaces, accept);
  const responder = await openResponder(interfaces, told);
  const createdAt = localClock();
  const info = {
    ...description,
    uid,
    sessionId,
    hostname: hostname(),
    dataPort: server.port,
    servicePort: responder.servicePort,
  };
  texts = { short: infoXml(info, createdAt), full: infoXml(info, createdAt, descriptionXml(description)) };
  parsed = parseXml(texts.full, "this outlet");

  const send = (values: SampleValues, stamps: ArrayLike<Seconds>): void => {
    if (stamps.length === 0) return;
    let packet: Packet | undefined;
    encodeSamples(format, channels, stamps, values, (size) => {
      packet = newPacket(size);
      return packet.bytes;
    });
    for (const feed of feeds) feed.send(packet as Packet, stamps.length);
    packet?.release();
  };
  const newPacket = packetPool();
  const runStamps = stampsOfRun();
  const close = async (): Promise<void> => {
    responder.close();
    for (const feed of feeds) feed.close();
    for (const socket of sockets) socket.destroy();
    await server.close();
  };
  return {
    uid,
    dataPort: server.port,
    servicePort: responder.servicePort,
    push(values, stamp = localClock()) {
      const count = values.length / channels;
      const first = rate > 0 ? stamp - (count - 1) / rate : stamp;
      send(values, runStamps(count, first));
    },
    pushStamped: send,
    readers: () => feeds.size,
    dropped: () => lost + [...feeds].reduce((sum, feed) => sum + feed.dropped(), 0),
    pending: () => [...feeds].reduce((sum, feed) => sum + feed.pending(), 0),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Stamps of samples in a row: the first has its own, what follows is deduced by the reader. Valid until the next call. */
function stampsOfRun(): (count: number, first: Seconds) => Float64Array {
  let stamps = new Float64Array(0);
  return (count, first) => {
    if (stamps.length < count) stamps = new Float64Array(2 * count).fill(Number.NaN);
    const run = stamps.subarray(0, count);
    if (count > 0) run[0] = first;
    return run;
  };
}

/** One TCP port on every chosen address. */
async function listen(
  interfaces: Interfaces,
  accept: (socket: Socket) => void,
): Promise<{ readonly port: number; readonly close: () => Promise<void> }> {
  const hosts = interfaces === "all" ? [undefined] : addressesOf(interfaces);
  const servers = await firstFree(async (port) => {
    const opened: Server[] = [];
    try {
      for (const host of hosts)
        opened.push(await listenOn(host, opened.length === 0 ? port : portOf(opened[0] as Server), accept));
      return opened;
    } catch (cause) {
      for (const server of opened) server.close();
      throw cause;
    }
  });
  return {
    port: portOf(servers[0] as Server),
    close: async () => {
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}

const portOf = (server: Server): number => (server.address() as { readonly port: number }).port;

function listenOn(host: string | undefined, port: number, accept: (socket: Socket) => void): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(accept);
    server.once("error", reject);
    server.listen({ port, host: host ?? "0.0.0.0", exclusive: true }, () => {
      server.off("error", reject);
      server.on("error", () => undefined);
      resolve(server);
    });
  });
}

interface Served {
  readonly uid: string;
  readonly texts: () => { readonly short: string; readonly full: string };
  readonly isTrue: (query: string) => boolean;
  readonly feed: (asked: ReadonlyMap<string, string>) => void;
}

/** Reads one request, bounded in length and time, and answers it. */
function serve(socket: Socket, served: Served): void {
  let text = "";
  socket.on("error", () => socket.destroy());
  socket.setTimeout(1000 * limits.patience, () => socket.destroy());
  const listen = (bytes: Uint8Array): void => {
    text += Buffer.from(bytes).toString("latin1");
    if (text.length > limits.header) socket.destroy();
    else if (answer(socket, text, served)) {
      socket.off("data", listen);
      socket.setTimeout(0);
      socket.resume();
    }
  };
  socket.on("data", listen);
}

/** @returns whether the request was whole, and so was answered */
function answer(socket: Socket, text: string, { uid, texts, isTrue, feed }: Served): boolean {
  const [request = "", ...lines] = text.split("\r\n");
  if (lines.length === 0) return false;
  if (request === "LSL:fullinfo") socket.end(texts().full);
  else if (request === "LSL:shortinfo") {
    if (lines.length < 2) return false;
    socket.end(isTrue(lines[0] ?? "") ? texts().short : "");
  } else if (/^LSL:streamfeed\/\d+/.test(request)) {
    if (!text.includes("\r\n\r\n")) return false;
    const [, version, wanted = ""] = /^LSL:streamfeed\/(\d+)\s*(\S*)/.exec(request) ?? [];
    if (Math.floor(Number(version) / 100) > Math.floor(protocolVersion / 100))
      socket.end(`LSL/${protocolVersion} 505 Version not supported\r\n\r\n`);
    else if (wanted !== "" && wanted !== uid) socket.end(`LSL/${protocolVersion} 404 Not found\r\n\r\n`);
    else feed(headerFields(lines));
  } else socket.destroy();
  return true;
}
