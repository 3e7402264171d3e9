import { randomInt } from "node:crypto";
import { DataError, type Seconds } from "@quintet/core";
import { basePort, broadcastAddress, multicastGroups, multicastPort, multicastTtl, portRange } from "./constants.ts";
import { deferred } from "./deferred.ts";
import { addressesOf, type Interfaces } from "./interfaces.ts";
import { parseQuery } from "./query.ts";
import { readInfo, type StreamInfo } from "./stream-info.ts";
import { bindUdp, sendTo, type Udp } from "./udp.ts";

export interface ResolveOptions {
  /** Where to look; all interfaces unless said otherwise. */
  readonly interfaces?: Interfaces;
  /** Hosts outside the multicast's reach, asked one by one. */
  readonly knownPeers?: readonly string[];
  /** Longest to look, s. Default 3. */
  readonly timeout?: Seconds;
  /** Ends the search when so many have answered. */
  readonly enough?: number;
  readonly signal?: AbortSignal;
}

/** Between two rounds of asking, s. */
const waveEvery: Seconds = 0.5;
/** Answers of more streams than a laboratory has are somebody's mischief. */
const mostStreams = 4096;

/**
 * Finds streams by a query, e.g. `type='EEG'` (empty: all). Each half second every chosen interface asks the multicast
 * groups of this machine, its link and its site, and the loopback's and known peers' port range one by one, because a
 * datagram to a shared port reaches only one of several outlets. Answers come back to the socket that asked.
 *
 * @throws DataError `bad-query`, `no-such-interface`
 */
export async function resolveStreams(query = "", options: ResolveOptions = {}): Promise<readonly StreamInfo[]> {
  const { interfaces = "all", knownPeers = [], timeout = 3, enough = Number.POSITIVE_INFINITY, signal } = options;
  parseQuery(query);
  if (signal?.aborted === true) return [];
  const found = new Map<string, StreamInfo>();
  const id = String(randomInt(1, 2 ** 47));
  const addresses = addressesOf(interfaces);
  const sockets: { readonly udp: Udp; readonly address: string }[] = [];
  try {
    for (const address of addresses) {
      const udp = await bindUdp(address, 0).catch(() => undefined);
      if (udp !== undefined) sockets.push({ udp: prepared(udp, address), address });
    }
    if (sockets.length === 0) throw new DataError("no-network", "no interface can be asked");
    const done = deferred();
    for (const { udp } of sockets) {
      udp.socket.on("message", (bytes, peer) => {
        hear(bytes, id, peer.address, found);
        if (found.size >= enough) done.resolve();
      });
    }
    const ask = (): void => {
      for (const { udp, address } of sockets) askAround(udp, address, knownPeers, query, id);
    };
    ask();
    const waves = setInterval(ask, 1000 * waveEvery);
    // Answers that came in while this process was busy are still read.
    const end = setTimeout(() => setImmediate(done.resolve), 1000 * timeout);
    signal?.addEventListener("abort", () => done.resolve(), { once: true });
    await done.promise;
    clearInterval(waves);
    clearTimeout(end);
  } finally {
    for (const { udp } of sockets) udp.close();
  }
  return [...found.values()];
}

function prepared(udp: Udp, address: string): Udp {
  try {
    udp.socket.setBroadcast(true);
    udp.socket.setMulticastTTL(multicastTtl);
    udp.socket.setMulticastInterface(address);
  } catch {
    // An interface without multicast can still ask port by port.
  }
  return udp;
}

function askAround({ socket, port }: Udp, address: string, peers: readonly string[], query: string, id: string): void {
  const message = `LSL:shortinfo\r\n${query}\r\n${port} ${id}\r\n`;
  for (const group of multicastGroups) sendTo(socket, message, multicastPort, group);
  const local = address.startsWith("127.");
  if (!local) sendTo(socket, message, multicastPort, broadcastAddress);
  for (const host of [...(local ? [address] : []), ...peers]) {
    sendTo(socket, message, multicastPort, host);
    for (let at = basePort; at < basePort + portRange; at++) sendTo(socket, message, at, host);
  }
}

/** Takes an answer to our question; one that cannot be read is no stream. */
function hear(bytes: Uint8Array, id: string, address: string, found: Map<string, StreamInfo>): void {
  const text = Buffer.from(bytes).toString("utf8");
  const line = text.indexOf("\r\n");
  if (line < 0 || text.slice(0, line).trim() !== id || found.size >= mostStreams) return;
  try {
    const info = readInfo(text.slice(line + 2), address);
    // The first address heard stays: others lead to the same outlet.
    if (!found.has(info.uid)) found.set(info.uid, info);
  } catch {
    return;
  }
}
