import { createSocket, type Socket } from "node:dgram";

/** A datagram socket that is bound, with its errors heard. */
export interface Udp {
  readonly socket: Socket;
  readonly port: number;
  readonly close: () => void;
}

/** @param port 0 for any */
export function bindUdp(address: string | undefined, port: number, reuse = false): Promise<Udp> {
  return new Promise((resolve, reject) => {
    const socket = createSocket({ type: "udp4", reuseAddr: reuse });
    socket.once("error", reject);
    socket.bind({ port, exclusive: true, ...(address === undefined ? {} : { address }) }, () => {
      socket.off("error", reject);
      // A peer that is gone is no reason to stop.
      socket.on("error", () => undefined);
      resolve({ socket, port: socket.address().port, close: () => socket.close() });
    });
  });
}

/** Sends and lets go: a datagram may be lost anyway. */
export function sendTo(socket: Socket, message: string | Uint8Array, port: number, address: string): void {
  socket.send(message, port, address, () => undefined);
}
