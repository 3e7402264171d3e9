/** Every layer's value at both cursors, with unit, frame and how well it is placed. */
import type { Point } from "@quintet/core";
import { timeText } from "@quintet/view";
import type { Reading } from "../state/readings.ts";
import { numberText, readings, regionHere } from "../state/readings.ts";
import { modalityColour } from "../state/sensors.ts";
import { useFrame, useSession } from "../ui.tsx";
import type { Words } from "../words/index.ts";
import { useWords } from "../words/index.ts";
import { NumberField } from "./number-field.tsx";
import { Region } from "./region.tsx";

function valueCell(r: Reading, words: Words): string {
  if (r.state === "failed") return words.failed;
  if (r.state === "outside") return words.outside;
  if (r.state === "loading") return `${words.loading} …`;
  if (r.state === "hidden") return "–";
  return r.volume.role === "labels" ? (r.label ?? String(r.value)) : numberText(r.value);
}

function frameCell({ volume, frame, inside }: Reading, words: Words): string {
  const at = volume.frames[frame];
  if (!at || volume.frames.length < 2) return words.stillImage;
  const span = `${timeText(at.start, 0.1)}–${timeText(at.start + at.duration, 0.1)}`;
  const clock = volume.onStudyClock ? "" : ` (${words.ownClock})`;
  return `${frame + 1}/${volume.frames.length} · ${span}${clock}${inside ? "" : ` · ${words.notNow}`}`;
}

export function Readout(): React.JSX.Element {
  const session = useSession();
  const words = useWords();
  useFrame();
  const state = session.store.get();
  const region = regionHere(session);
  // What is off is listed below, among the layers; broken files are always told of.
  const shown = readings(session).filter((r) => state.layers[r.volume.id]?.visible || r.state === "failed");
  const move = (k: number, value: number): void => {
    session.store.set(
      (s) => ({ position: s.position.map((v, i) => (i === k ? value : v)) as unknown as Point }),
      `type ${k}`,
    );
  };
  return (
    <section aria-label={words.panels.readout}>
      <div className="cursors">
        {(["x", "y", "z"] as const).map((axis, k) => (
          <span className="field" key={axis}>
            {axis}
            <NumberField
              value={Number((state.position[k] as number).toFixed(2))}
              onValue={(value) => move(k, value)}
              label={`${axis} mm`}
            />
          </span>
        ))}
        <span className="soft">mm</span>
      </div>
      {region !== undefined && <p className="here">{region}</p>}
      <table className="readout" data-at={`${state.position.join()} ${state.time}`}>
        <thead>
          <tr>
            <th>{words.layer}</th>
            <th className="num">{words.value}</th>
            <th>{words.unit}</th>
            <th className="num">{words.error}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((r) => (
            <tr key={r.volume.id} data-volume={r.volume.id}>
              <th scope="row" title={`${r.volume.source}. ${r.volume.note}`}>
                <i className="dot" style={{ background: modalityColour[r.volume.modality] }} />
                {r.volume.name}
                <small>{frameCell(r, words)}</small>
              </th>
              <td className="num value" data-raw={r.state === "value" ? r.value : ""} title={r.failure ?? ""}>
                {valueCell(r, words)}
              </td>
              <td>{r.volume.role === "labels" ? "" : r.unit}</td>
              <td className="num">
                {r.volume.registrationError === undefined ? "" : `${r.volume.registrationError.toFixed(1)} mm`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Region />
    </section>
  );
}
