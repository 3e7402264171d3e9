import type { Socket } from "node:dgram";
import type { XmlElement } from "@quintet/io";
import { basePort, limits, multicastGroups, multicastPort, portRange } from "./constants.ts";
import { addressesOf, type Interfaces, mayAnswer } from "./interfaces.ts";
import { localClock } from "./local-clock.ts";
import { parseQuery } from "./query.ts";
import { bindUdp, sendTo } from "./udp.ts";

export interface Responder {
  /** The port for queries to this outlet alone and for the clock exchange. */
  readonly servicePort: number;
  readonly close: () => void;
}

export interface Told {
  readonly xml: () => string;
  readonly info: () => XmlElement;
}

/**
 * Answers over UDP: `LSL:shortinfo` with the stream's information when the query is true of it, on the shared multicast
 * port and on a port of its own; `LSL:timedata` with the times of arrival and departure, on its own port.
 */
export async function openResponder(interfaces: Interfaces, told: Told): Promise<Responder> {
  const addresses = addressesOf(interfaces);
  const only = interfaces !== "all" && addresses.length === 1 ? addresses[0] : undefined;
  const own = await firstFree((port) => bindUdp(only, port));
  const shared = await bindUdp(undefined, multicastPort, true).catch(() => undefined);
  for (const { socket } of [own, ...(shared === undefined ? [] : [shared])]) {
    socket.on("message", (bytes, peer) => {
      const arrived = localClock();
      if (!mayAnswer(interfaces, peer.address) || bytes.length > limits.query + 256) return;
      answer(socket, bytes.toString("latin1"), { address: peer.address, port: peer.port, arrived }, told);
    });
  }
  if (shared !== undefined) join(shared.socket, addresses);
  return {
    servicePort: own.port,
    close() {
      own.close();
      shared?.close();
    },
  };
}

function join(socket: Socket, addresses: readonly string[]): void {
  for (const group of multicastGroups) {
    for (const address of addresses) {
      try {
        socket.addMembership(group, address);
      } catch {
        // An interface without multicast: its peers find the outlet by its own port.
      }
    }
  }
}

interface Peer {
  readonly address: string;
  readonly port: number;
  readonly arrived: number;
}

function answer(socket: Socket, message: string, { address, port, arrived }: Peer, told: Told): void {
  const [kind, ...lines] = message.split("\r\n");
  if (kind === "LSL:shortinfo") {
    const [, returnPort, id] = /^(\d{1,5}) (\S{1,64})$/.exec(lines[1] ?? "") ?? [];
    if (returnPort === undefined || Number(returnPort) > 65_535 || !isTrueOf(lines[0] ?? "", told)) return;
    sendTo(socket, `${id}\r\n${told.xml()}`, Number(returnPort), address);
  } else if (kind === "LSL:timedata") {
    const [, wave, sent] = /^(-?\d{1,12}) (\S{1,32})$/.exec(lines[0] ?? "") ?? [];
    if (wave === undefined || !Number.isFinite(Number(sent))) return;
    sendTo(socket, ` ${wave} ${sent} ${arrived.toPrecision(16)} ${localClock().toPrecision(16)}`, port, address);
  }
}

/** A query that cannot be read is true of nothing. */
export function isTrueOf(query: string, { info }: Pick<Told, "info">): boolean {
  try {
    return parseQuery(query)(info());
  } catch {
    return false;
  }
}

/** The first port of Lab Streaming Layer's range that is free, else any. */
export async function firstFree<T>(open: (port: number) => Promise<T>): Promise<T> {
  for (let port = basePort; port < basePort + portRange; port++) {
    try {
      return await open(port);
    } catch (cause) {
      const code = (cause as { code?: string }).code;
      if (code !== "EADDRINUSE" && code !== "EACCES") throw cause;
    }
  }
  return open(0);
}
