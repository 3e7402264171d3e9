/** The time line of all modalities and the traces of one recording, under one cursor. */
import type { SceneRecording } from "@quintet/view";
import { timeText } from "@quintet/view";
import { useEffect, useRef, useState } from "react";
import type { WindowData } from "../data/recording-store.ts";
import { channelKey, channelNamed, cortexOf } from "../state/sensors.ts";
import { toOwn } from "../state/study-time.ts";
import { studySpan } from "../state/time-steps.ts";
import type { TraceState } from "../state/view-state.ts";
import { useFrame, useSession, useSize } from "../ui.tsx";
import { useWords } from "../words/index.ts";
import { EventsList } from "./events-list.tsx";
import { TraceControls } from "./trace-controls.tsx";
import { spacingText } from "./trace-units.ts";
import { drawTraces, rowHeightOf, traceLines } from "./traces.ts";
import type { TimeWindow } from "./tracks.ts";
import { axisHeight, drawTracks, gutter, pixelAtTime, timeAtPixel, tracksHeight } from "./tracks.ts";
import type { EventsDesk } from "./use-events.ts";

const ratioNow = (): number => Math.min(2, window.devicePixelRatio || 1);

function sized(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
  ratio: number,
): CanvasRenderingContext2D | null {
  const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (canvas.width !== w || canvas.height !== h) [canvas.width, canvas.height] = [w, h];
  const pen = canvas.getContext("2d");
  pen?.setTransform(ratio, 0, 0, ratio, 0, 0);
  return pen;
}

export function TimePanel({ events }: { readonly events: EventsDesk }): React.JSX.Element {
  const session = useSession();
  const words = useWords();
  useFrame();
  const state = session.store.get();
  const recording = session.scene.recordings.find(({ id }) => id === state.recording);
  const [chosen, choose] = useState<number | null>(null);
  return (
    <section className="time" aria-label={words.timeLine}>
      <Tracks />
      {recording ? (
        <>
          <TraceControls recording={recording} />
          <div className="traces">
            <Traces recording={recording} events={events} chosen={chosen} />
            <EventsList recording={recording} events={events} chosen={chosen} choose={choose} />
          </div>
        </>
      ) : (
        <p className="soft pad">{session.scene.pending ? words.opening : words.noRecordings}</p>
      )}
    </section>
  );
}

/** Draws anew when one of the values is another: a crosshair that moves or a layer that changes paints no trace. */
function useDrawing(values: readonly unknown[], draw: () => void): void {
  const last = useRef<readonly unknown[]>([]);
  useEffect(() => {
    const same = values.length === last.current.length && values.every((value, i) => Object.is(value, last.current[i]));
    if (same) return;
    last.current = values;
    draw();
  });
}

/** The time cursor: an element of its own that only moves. */
function Cursor({
  time,
  window,
  width,
}: {
  readonly time: number;
  readonly window: TimeWindow;
  readonly width: number;
}): React.JSX.Element | null {
  if (time < window.from || time > window.to || width <= gutter) return null;
  return (
    <i className="cursor" style={{ transform: `translateX(${Math.round(pixelAtTime(window, time, width))}px)` }} />
  );
}

/** Drag from anywhere to scrub. */
function useScrub(onTime: (x: number, y: number, first: boolean) => void): Partial<React.HTMLAttributes<HTMLElement>> {
  const session = useSession();
  const held = useRef(false);
  const at = (event: React.PointerEvent, first: boolean): void => {
    const box = event.currentTarget.getBoundingClientRect();
    onTime(event.clientX - box.left, event.clientY - box.top, first);
  };
  return {
    onPointerDown: (event) => {
      if (event.button !== 0) return;
      held.current = true;
      event.currentTarget.setPointerCapture(event.pointerId);
      at(event, true);
    },
    onPointerMove: (event) => {
      if (!held.current) return;
      session.dragging = true;
      at(event, false);
    },
    onPointerUp: () => {
      held.current = false;
      session.dragging = false;
    },
  };
}

function Tracks(): React.JSX.Element {
  const session = useSession();
  const words = useWords();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const box = useSize(setWidth);
  const { scene, store } = session;
  const state = store.get();
  const whole = studySpan(scene);
  const [zoomed, zoom] = useState<TimeWindow>();
  const window = zoomed ?? whole;
  const height = tracksHeight(scene);
  const trace = state.traces[state.recording];

  const ratio = ratioNow();
  const drawnWith = [scene, words, window.from, window.to, trace?.seconds, state.from, width, height, ratio];
  useDrawing(drawnWith, () => {
    const pen = canvas.current && width > 0 && sized(canvas.current, width, height, ratio);
    if (!pen) return;
    drawTracks(pen, {
      scene,
      window,
      ...(trace ? { traces: { from: state.from, to: state.from + trace.seconds } } : {}),
      words,
      width,
      height,
    });
  });

  const scrub = useScrub((x) => {
    const time = Math.min(window.to, Math.max(window.from, timeAtPixel(window, x, width)));
    session.scrub(time);
  });
  // The wheel zooms about the pointer: scans of one person can be days apart and seconds long.
  const wheel = (event: React.WheelEvent): void => {
    const at = timeAtPixel(window, event.clientX - event.currentTarget.getBoundingClientRect().left, width);
    const factor = 1.3 ** Math.sign(event.deltaY);
    const next = { from: at - (at - window.from) * factor, to: at + (window.to - at) * factor };
    zoom(next.to - next.from >= whole.to - whole.from ? undefined : next);
  };
  return (
    <div
      ref={box}
      className="tracks"
      style={{ height }}
      role="slider"
      tabIndex={0}
      aria-label={words.timeLine}
      aria-valuemin={whole.from}
      aria-valuemax={whole.to}
      aria-valuenow={state.time}
      aria-valuetext={timeText(state.time, 0.01)}
      {...scrub}
      onWheel={wheel}
      onDoubleClick={() => zoom(undefined)}
    >
      <canvas ref={canvas} id="tracks" />
      <Cursor time={state.time} window={window} width={width} />
    </div>
  );
}

interface TracesProps {
  readonly recording: SceneRecording;
  readonly events: EventsDesk;
  readonly chosen: number | null;
}

function Traces({ recording, events, chosen }: TracesProps): React.JSX.Element {
  const session = useSession();
  const words = useWords();
  const canvas = useRef<HTMLCanvasElement>(null);
  const image = useRef<ImageData>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [first, setFirst] = useState(0);
  const [calibration, setCalibration] = useState("");
  const box = useSize((width, height) => setSize({ width, height }));
  const { store } = session;
  const state = store.get();
  const trace = state.traces[recording.id] as TraceState;
  const to = state.from + trace.seconds;
  const { width, height } = size;
  const ratio = ratioNow();
  const columns = Math.max(16, Math.round((width - gutter - 8) * ratio));
  const [ownFrom, ownTo] = [toOwn(recording, state.from), toOwn(recording, to)];
  const data = recording.groups.flatMap((_, group): WindowData[] => {
    if (width === 0) return [];
    const { montage, derived, highpass, lowpass, notch } = trace;
    const query = { from: ownFrom, to: ownTo, pixels: columns, group, montage, derived, highpass, lowpass, notch };
    const window = session.recordings.window(recording, query);
    return window ? [window] : [];
  });
  const lit = channelNamed(session.scene, state.channel);
  const lines = traceLines(recording, data);

  const litName = lit?.recording.id === recording.id ? lit.channel.name : null;
  const { gain, negativeUp } = trace;
  const table = events.table?.events;
  const drawnWith = [
    recording,
    ...data,
    state.from,
    to,
    gain,
    negativeUp,
    litName,
    table,
    chosen,
    width,
    height,
    ratio,
    first,
  ];
  useDrawing(drawnWith, () => {
    if (!canvas.current || width < gutter + 16 || height < 20) return;
    const pen = sized(canvas.current, width, height, ratio);
    if (!pen) return;
    const [w, h] = [canvas.current.width, canvas.current.height];
    if (image.current?.width !== w || image.current.height !== h) image.current = pen.createImageData(w, h);
    const spacing = drawTraces(pen, {
      recording,
      data,
      from: state.from,
      to,
      gain,
      negativeUp,
      lit: litName,
      events: table ?? [],
      chosenEvent: chosen,
      width,
      height,
      ratio,
      pixels: image.current,
      first,
    });
    setCalibration(spacingText(spacing));
  });

  const scrub = useScrub((x, y, begins) => {
    const rowHeight = rowHeightOf(lines.length, height);
    const line = lines[first + Math.floor((y - axisHeight) / rowHeight)];
    if (begins && line && y > axisHeight) {
      const ref = channelNamed(session.scene, channelKey(recording.id, line.name));
      const cortex = ref && cortexOf(session.scene, ref);
      if (ref) store.set({ channel: channelKey(recording.id, line.name), ...(cortex ? { position: cortex } : {}) });
    }
    if (x >= gutter) session.scrub(timeAtPixel({ from: state.from, to }, x, width), true);
  });

  const wheel = (event: React.WheelEvent): void => {
    if (event.ctrlKey || event.shiftKey) {
      session.changeTraces(recording.id, {
        seconds: Math.min(600, Math.max(0.5, trace.seconds * 1.25 ** Math.sign(event.deltaY))),
      });
      return;
    }
    const visible = Math.floor((height - axisHeight) / rowHeightOf(lines.length, height));
    if (lines.length > visible)
      setFirst(Math.min(lines.length - visible, Math.max(0, first + 3 * Math.sign(event.deltaY))));
    else store.set({ from: state.from + (Math.sign(event.deltaY) * trace.seconds) / 10 }, "walk");
  };
  const failure = session.recordings.failure(recording);
  return (
    <div ref={box} className="tracebox" role="presentation" {...scrub} onWheel={wheel}>
      <canvas ref={canvas} id="traces" role="img" aria-label={`${words.tracesOf} ${recording.name}`} />
      <Cursor time={state.time} window={{ from: state.from, to }} width={width} />
      <output className="calibration" title={words.gain}>
        {calibration && `┃ ${calibration}`}
      </output>
      {failure !== undefined && (
        <p className="fault" role="alert">
          {recording.name}: {failure}
        </p>
      )}
      {!recording.map && <p className="flag">{words.noLink}</p>}
    </div>
  );
}
