/** The canvas of all cuts and the 3D view, with the marks over it and its live text for those who cannot see it. */
import { useEffect, useRef, useState } from "react";
import { attachPointer } from "../gl/pointer.ts";
import { numberText, readings } from "../state/readings.ts";
import { useDesk, useFrame, useSession, useSize } from "../ui.tsx";
import { useWords } from "../words/index.ts";

export function StageView(): React.JSX.Element {
  const session = useSession();
  const words = useWords();
  const canvas = useRef<HTMLCanvasElement>(null);
  const marks = useRef<HTMLDivElement>(null);
  const [failed, setFailed] = useState(false);
  const box = useSize((width, height) =>
    session.resize({ width, height, ratio: Math.min(2, window.devicePixelRatio || 1) }),
  );

  useEffect(() => {
    if (!canvas.current || !marks.current || !box.current) return;
    try {
      session.attach(canvas.current, marks.current);
    } catch {
      setFailed(true);
      return;
    }
    session.redraw();
    return attachPointer(box.current, session);
  }, [session, box]);

  if (failed)
    return (
      <div className="stage" ref={box} role="alert">
        <div className="notice">
          <h2>{words.noWebgl}</h2>
          <p>{words.noWebglHint}</p>
        </div>
      </div>
    );
  return (
    <div
      className="stage"
      ref={box}
      role="application"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys and letters act on the images while they have the focus
      tabIndex={0}
      aria-label={words.viewer}
      aria-describedby="spoken"
    >
      <canvas ref={canvas} id="stage" />
      <div ref={marks} className="marks" aria-hidden="true" />
      <Spoken />
      {session.scene.volumes.length === 0 && (
        <div className="notice over">
          <p>{words.noVolumes}</p>
        </div>
      )}
    </div>
  );
}

/** What the canvas shows at the crosshair, as text: said politely once the cursor rests. */
function Spoken(): React.JSX.Element {
  const { session } = useDesk();
  const words = useWords();
  useFrame();
  const state = session.store.get();
  const [x, y, z] = state.position.map((v) => v.toFixed(1));
  const values = readings(session)
    .filter((r) => r.state === "value" && state.layers[r.volume.id]?.visible)
    .map((r) => `${r.volume.name} ${r.label ?? `${numberText(r.value)} ${r.unit}`}`);
  const text = `${words.position} ${x}, ${y}, ${z} mm. ${words.time} ${state.time.toFixed(2)} s. ${values.join(". ")}`;
  const [said, say] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => say(text), 500);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <p id="spoken" className="sr" role="status" aria-live="polite">
      {said}
    </p>
  );
}
