import { connect, type OnReadOpts, type Socket } from "node:net";
import { DataError } from "@quintet/core";
import { xdfValueBytes } from "@quintet/io";
import { limits, patternStamp, protocolVersion } from "./constants.ts";
import { headerFields } from "./feed.ts";
import { type SampleChunk, type SampleDecoder, sampleDecoder } from "./sample-decoder.ts";
import { readInfo, type StreamInfo } from "./stream-info.ts";
import { patternValues } from "./test-pattern.ts";

/**
 * The full information of a stream, with its `<desc>`.
 *
 * @throws DataError `unreachable`, `no-answer`, `xml-too-large`, `bad-stream-info`, `bad-xml`
 */
export async function fullInfo(info: StreamInfo): Promise<{ readonly info: StreamInfo; readonly xml: string }> {
  const socket = await reach(info);
  const parts: Buffer[] = [];
  let size = 0;
  const xml = await new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => reject(noAnswer(info, "information")), 1000 * limits.patience);
    const finish = (): void => {
      clearTimeout(late);
      resolve(Buffer.concat(parts).toString("utf8"));
    };
    socket.on("data", (bytes: Buffer) => {
      parts.push(bytes);
      size += bytes.length;
      if (size <= limits.xml) return;
      clearTimeout(late);
      reject(
        new DataError("xml-too-large", `${nameOf(info)} sends endless information`, {
          expected: `at most ${limits.xml} bytes`,
        }),
      );
    });
    socket.on("end", finish);
    socket.on("close", finish);
    socket.write("LSL:fullinfo\r\n");
  }).finally(() => socket.destroy());
  if (xml === "") throw noAnswer(info, "information");
  return { info: readInfo(xml, info.address), xml };
}

export interface Connection {
  readonly close: () => void;
}

export interface ConnectionEvents {
  readonly onChunk: (chunk: SampleChunk) => void;
  /** The connection is over; with a reason when the peer broke the protocol. */
  readonly onEnd: (why?: DataError) => void;
  /** Chunks lie in the same memory each time. Default false. */
  readonly reuse?: boolean;
}

/**
 * Asks a stream for its samples and checks the two test patterns before the first of them.
 *
 * @param buffer samples that the sender keeps for us while we do not read
 * @throws DataError `unreachable`, `no-answer`, `stream-gone` (another outlet took its place), `unsupported-protocol`,
 *   `bad-pattern` (told to `onEnd`)
 */
export async function connectStream(info: StreamInfo, buffer: number, events: ConnectionEvents): Promise<Connection> {
  let hear: (bytes: Uint8Array) => void = () => undefined;
  const socket = await reach(info, (bytes) => hear(bytes));
  socket.setNoDelay(true);
  let over = false;
  const end = (why?: DataError): void => {
    if (over) return;
    over = true;
    socket.destroy();
    events.onEnd(why);
  };
  const samples = (fields: ReadonlyMap<string, string>): ((bytes: Uint8Array) => void) => {
    const decoder = sampleDecoder({
      format: info.format,
      channels: info.channelCount,
      rate: info.rate,
      bigEndian: fields.get("byte-order") === "4321",
      peer: nameOf(info),
      reuse: events.reuse === true,
    });
    const take = patternFirst(info, decoder, events.onChunk);
    return (bytes) => {
      try {
        if (!over) take(bytes);
      } catch (cause) {
        end(cause instanceof DataError ? cause : new DataError("bad-sample", String(cause)));
      }
    };
  };
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => refuse(noAnswer(info, "stream")), 1000 * limits.patience);
    const gone = (): void => refuse(noAnswer(info, "stream"));
    const refuse = (why: DataError): void => {
      clearTimeout(late);
      socket.off("close", gone);
      hear = () => undefined;
      socket.destroy();
      reject(why);
    };
    socket.once("close", gone);
    // What comes behind the header in the same bytes are samples already.
    hear = headerReader(info, refuse, (fields, rest) => {
      clearTimeout(late);
      socket.off("close", gone);
      hear = samples(fields);
      resolve();
      if (rest.length > 0) hear(rest);
    });
    socket.write(request(info, buffer));
  });
  socket.on("end", () => end());
  socket.on("close", () => end());
  if (socket.destroyed) end();
  return {
    close() {
      over = true;
      socket.destroy();
    },
  };
}

function request({ uid, format, hostname, sourceId, sessionId }: StreamInfo, buffer: number): string {
  const line = (text: string): string => text.replace(/[\r\n;]/g, " ");
  return [
    `LSL:streamfeed/${protocolVersion} ${uid}`,
    "Native-Byte-Order: 1234",
    "Endian-Performance: 0",
    "Has-IEEE754-Floats: 1",
    "Supports-Subnormals: 1",
    `Value-Size: ${format === "string" ? 1 : xdfValueBytes[format]}`,
    `Data-Protocol-Version: ${protocolVersion}`,
    `Max-Buffer-Length: ${buffer}`,
    "Max-Chunk-Length: 0",
    `Hostname: ${line(hostname)}`,
    `Source-Id: ${line(sourceId)}`,
    `Session-Id: ${line(sessionId)}`,
    "",
    "",
  ].join("\r\n");
}

/** Gathers status and header lines, and hands on what came behind them. */
function headerReader(
  info: StreamInfo,
  onRefused: (why: DataError) => void,
  onFields: (fields: ReadonlyMap<string, string>, rest: Uint8Array) => void,
): (bytes: Uint8Array) => void {
  let held = Buffer.alloc(0);
  return (bytes) => {
    held = Buffer.concat([held, bytes]);
    const end = held.indexOf("\r\n\r\n");
    if (end < 0 && held.length <= limits.header) return;
    const [status = "", ...lines] = held.subarray(0, Math.max(end, 0)).toString("latin1").split("\r\n");
    const refusal = refused(status, info);
    if (refusal !== undefined) onRefused(refusal);
    else onFields(headerFields(lines), held.subarray(end + 4));
  };
}

function refused(status: string, info: StreamInfo): DataError | undefined {
  const code = Number(/^LSL\/\d+ (\d+)/.exec(status)?.[1]);
  if (code === 200) return undefined;
  const found = status === "" ? "no status" : status.slice(0, 60);
  if (code === 404) return new DataError("stream-gone", `${nameOf(info)} is not there any more`, { found });
  return new DataError("unsupported-protocol", `${nameOf(info)} does not speak protocol 1.10`, {
    expected: "LSL/110 200 OK",
    found,
  });
}

/** Passes samples on once the two patterns were right. */
function patternFirst(
  info: StreamInfo,
  decoder: SampleDecoder,
  onChunk: (chunk: SampleChunk) => void,
): (bytes: Uint8Array) => void {
  const [format, channels] = [info.format, info.channelCount];
  const wanted: (number[] | string[])[] = [patternValues(format, channels, 4), patternValues(format, channels, 2)];
  return (bytes) => {
    const chunk = decoder.push(bytes);
    let skip = 0;
    while (wanted.length > 0 && skip < chunk.stamps.length) {
      const values: ArrayLike<number | string> = format === "string" ? chunk.strings : chunk.values;
      const own = Array.from({ length: channels }, (_, k) => values[skip * channels + k]);
      const right = (wanted.shift() as (number | string)[]).every((value, k) => value === own[k]);
      if (!right || Math.abs((chunk.stamps[skip] as number) - patternStamp) > 1e-6)
        throw new DataError("bad-pattern", `${nameOf(info)} opens with other values than the protocol's test pattern`, {
          found: own.slice(0, 4).join(", "),
        });
      skip++;
    }
    if (chunk.stamps.length > skip) onChunk(skip === 0 ? chunk : rest(chunk, skip, channels));
  };
}

function rest({ stamps, values, strings }: SampleChunk, skip: number, channels: number): SampleChunk {
  return { stamps: stamps.slice(skip), values: values.slice(skip * channels), strings: strings.slice(skip * channels) };
}

export const nameOf = ({ name, address, dataPort }: StreamInfo): string => `${name} at ${address}:${dataPort}`;

const noAnswer = (info: StreamInfo, what: string): DataError =>
  new DataError("no-answer", `${nameOf(info)} does not answer for its ${what}`, {
    expected: `within ${limits.patience} s`,
  });

/** Bytes of one read; the socket would else allocate as much anew for each. */
const readBytes = 65_536;

/**
 * @param hear called with what comes in, in a buffer that the next read writes over; without it the socket emits "data"
 * @throws DataError `unreachable`
 */
function reach(info: StreamInfo, hear?: (bytes: Uint8Array) => void): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const read = (hear: (bytes: Uint8Array) => void): OnReadOpts => ({
      buffer: new Uint8Array(readBytes),
      callback(length, buffer) {
        hear(buffer.subarray(0, length));
        return true;
      },
    });
    const place = { host: info.address, port: info.dataPort };
    const socket = connect(hear === undefined ? place : { ...place, onread: read(hear) });
    const fail = (cause?: unknown): void => {
      socket.destroy();
      reject(new DataError("unreachable", `${nameOf(info)} cannot be reached`, { cause }));
    };
    socket.setTimeout(1000 * limits.patience, fail);
    socket.once("error", fail);
    socket.once("connect", () => {
      socket.setTimeout(0);
      socket.off("error", fail);
      socket.on("error", () => socket.destroy());
      resolve(socket);
    });
  });
}
