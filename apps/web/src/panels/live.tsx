/** Live mode: streams of the network as moving traces, and a recorder. */
import type { TraceRow } from "@quintet/view";
import { extremesOf, pixelColour, rasterTraces } from "@quintet/view";
import { useEffect, useRef, useState } from "react";
import type { LiveChunk, LiveLine, LiveStream } from "../data/live-line.ts";
import { openLive } from "../data/live-line.ts";
import { useWords } from "../words/index.ts";

/** Seconds on the screen, and channels of a stream that are drawn. */
const [seconds, mostChannels] = [10, 64];

/** The last seconds of one stream: a ring per channel. */
interface Ring {
  readonly channels: number;
  readonly rate: number;
  readonly data: Float32Array[];
  count: number;
  lost: number;
}

const ringOf = ({ channelCount, rate: declared }: LiveStream): Ring => {
  // A stream of events has no rate; fifty a second is more than anyone marks.
  const rate = declared > 0 ? declared : 50;
  const length = Math.ceil(seconds * rate);
  const channels = Math.min(mostChannels, channelCount);
  return { channels, rate, data: Array.from({ length: channels }, () => new Float32Array(length)), count: 0, lost: 0 };
};

function take(ring: Ring, { values, count, lost }: LiveChunk): void {
  const stride = values.length / Math.max(1, count);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < ring.channels; c++) {
      const data = ring.data[c] as Float32Array;
      data[(ring.count + i) % data.length] = values[i * stride + c] as number;
    }
  }
  ring.count += count;
  ring.lost = lost;
}

export function LivePanel(): React.JSX.Element {
  const words = useWords();
  const line = useRef<LiveLine>(null);
  const rings = useRef(new Map<string, Ring>());
  const [streams, setStreams] = useState<readonly LiveStream[]>();
  const [shown, setShown] = useState<ReadonlySet<string>>(new Set());
  const [recording, setRecording] = useState<string>();
  const [note, setNote] = useState("");

  useEffect(() => {
    const opened = openLive((chunk) => {
      const ring = rings.current.get(chunk.uid);
      if (ring) take(ring, chunk);
    }, setNote);
    line.current = opened;
    return () => opened.close();
  }, []);
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (why) {
      const text = why instanceof Error ? why.message : String(why);
      setNote(text === "live-off" ? words.liveOff : text);
    }
  };
  const search = (): Promise<void> =>
    attempt(async () => {
      const answer = await line.current?.ask<{ streams: readonly LiveStream[] }>({ do: "list" });
      setStreams(answer?.streams ?? []);
      setNote("");
    });
  const toggle = (stream: LiveStream): Promise<void> =>
    attempt(async () => {
      const on = !shown.has(stream.uid);
      if (on) rings.current.set(stream.uid, ringOf(stream));
      await line.current?.ask({ do: on ? "open" : "close", uid: stream.uid });
      if (!on) rings.current.delete(stream.uid);
      setShown((before) => new Set(on ? [...before, stream.uid] : [...before].filter((uid) => uid !== stream.uid)));
    });
  const record = (): Promise<void> =>
    attempt(async () => {
      const name = `live_${new Date().toISOString().slice(0, 19).replace(/[:T]/g, "-")}`;
      const uids = shown.size > 0 ? [...shown] : (streams ?? []).map(({ uid }) => uid);
      const answer = await line.current?.ask<{ path: string }>({ do: "record", uids, name });
      setRecording(answer?.path);
    });
  const stop = (): Promise<void> =>
    attempt(async () => {
      await line.current?.ask({ do: "stop" });
      setNote(`${words.liveRecorded}: ${recording}`);
      setRecording(undefined);
    });
  return (
    <section aria-label={words.panels.live}>
      <h3>{words.liveStreams}</h3>
      <div className="row">
        <button type="button" onClick={() => void search()}>
          {words.liveSearch}
        </button>
        <button type="button" disabled={!streams?.length || recording !== undefined} onClick={() => void record()}>
          ● {words.liveRecord}
        </button>
        <button type="button" disabled={recording === undefined} onClick={() => void stop()}>
          ■ {words.liveStop}
        </button>
      </div>
      <p role="status" className="soft">
        {recording ?? note}
      </p>
      {streams?.length === 0 && <p className="soft">{words.liveNone}</p>}
      <ul className="plain">
        {streams?.map((stream) => (
          <li key={stream.uid}>
            <label>
              <input type="checkbox" checked={shown.has(stream.uid)} onChange={() => void toggle(stream)} />{" "}
              {stream.name}{" "}
              <span className="soft">
                {stream.type}, {stream.channelCount} × {stream.rate} Hz
              </span>
            </label>
            {shown.has(stream.uid) && <Moving ring={() => rings.current.get(stream.uid)} name={stream.name} />}
          </li>
        ))}
      </ul>
    </section>
  );
}

function Moving({ ring, name }: { readonly ring: () => Ring | undefined; readonly name: string }): React.JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const latest = useRef(ring);
  latest.current = ring;
  useEffect(() => {
    let asked = 0;
    let last = -1;
    const draw = (): void => {
      asked = requestAnimationFrame(draw);
      const held = latest.current();
      const pen = canvas.current?.getContext("2d");
      if (!canvas.current || !pen || !held || held.count === last) return;
      last = held.count;
      drawRing(canvas.current, pen, held);
    };
    draw();
    return () => cancelAnimationFrame(asked);
  }, []);
  return <canvas ref={canvas} className="moving" width={340} height={220} role="img" aria-label={name} />;
}

function drawRing(canvas: HTMLCanvasElement, pen: CanvasRenderingContext2D, ring: Ring): void {
  const { width, height } = canvas;
  const image = pen.createImageData(width, height);
  const row = height / ring.channels;
  const rows = ring.data.map((data, c): TraceRow => {
    const start = Math.max(0, ring.count - data.length);
    const linear = Float32Array.from(
      { length: ring.count - start },
      (_, i) => data[(start + i) % data.length] as number,
    );
    const end = ring.count / ring.rate;
    const extremes = extremesOf(linear, start / ring.rate, ring.rate, { from: end - seconds, to: end, columns: width });
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const v of linear) [low, high] = [Math.min(low, v), Math.max(high, v)];
    const span = high > low ? high - low : 1;
    return {
      extremes,
      y: (c + 0.5) * row,
      centre: (low + high) / 2,
      gain: (0.9 * row) / span,
      colour: pixelColour("#a9d3ee"),
    };
  });
  rasterTraces(new Uint32Array(image.data.buffer), width, rows);
  pen.putImageData(image, 0, 0);
}
