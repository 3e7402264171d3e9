/** The stack: what is on, how clear, in which window, colours and thresholds. */
import type { ColourMapName, SceneVolume } from "@quintet/view";
import { colourMapNames, colourTable } from "@quintet/view";
import { changeLayer } from "../actions.ts";
import { stackOrder } from "../state/picture-of.ts";
import { numberText } from "../state/readings.ts";
import { modalityColour } from "../state/sensors.ts";
import type { LayerState } from "../state/view-state.ts";
import { inUnit, unitOf } from "../state/view-state.ts";
import { useSession, useView } from "../ui.tsx";
import { useWords } from "../words/index.ts";
import { NumberField } from "./number-field.tsx";
import { Surfaces } from "./surfaces.tsx";

const gradient = (name: ColourMapName): string => {
  const table = colourTable(name);
  const stops = [0, 0.2, 0.4, 0.6, 0.8, 1].map((t) => `rgb(${table[Math.round(t * 255)]?.join(",")})`);
  return `linear-gradient(to right, ${stops.join(", ")})`;
};

export function Layers(): React.JSX.Element {
  const session = useSession();
  const words = useWords();
  const [layers, current, blend] = [useView((s) => s.layers), useView((s) => s.current), useView((s) => s.blend)];
  return (
    <section aria-label={words.panels.layers}>
      <div className="row">
        <span>{words.blend}</span>
        <select
          value={blend}
          onChange={(e) => session.store.set({ blend: e.target.value as typeof blend })}
          aria-label={words.blend}
        >
          {(["over", "swipe", "checks"] as const).map((name) => (
            <option key={name} value={name}>
              {words.blends[name]}
            </option>
          ))}
        </select>
      </div>
      <ol className="layers">
        {stackOrder(session.scene).map((volume, i) => (
          <LayerRow
            key={volume.id}
            volume={volume}
            number={i + 1}
            layer={layers[volume.id] as LayerState}
            current={volume.id === current}
          />
        ))}
      </ol>
      <Surfaces />
    </section>
  );
}

interface RowProps {
  readonly volume: SceneVolume;
  readonly number: number;
  readonly layer: LayerState;
  readonly current: boolean;
}

function LayerRow({ volume, number, layer, current }: RowProps): React.JSX.Element {
  const session = useSession();
  const words = useWords();
  const change = (part: Partial<LayerState>, gesture = ""): void =>
    changeLayer(session, volume.id, () => part, gesture);
  const [low, high] = layer.range;
  const step = Number(((high - low) / 100).toPrecision(1)) || 0.01;
  return (
    <li className={current ? "layer current" : "layer"} data-layer={volume.id}>
      <div className="head">
        <button
          type="button"
          className="eye"
          aria-pressed={layer.visible}
          aria-label={`${words.visible}: ${volume.name}`}
          onClick={() => change({ visible: !layer.visible })}
        >
          {layer.visible ? "●" : "○"}
        </button>
        <button
          type="button"
          className="name"
          aria-pressed={current}
          onClick={() => session.store.set({ current: volume.id })}
          title={volume.source}
        >
          <i className="dot" style={{ background: modalityColour[volume.modality] }} />
          {volume.name}
          <small>{words.roles[volume.role]}</small>
        </button>
        {number < 10 && <kbd>{number}</kbd>}
      </div>
      {(layer.visible || current) && (
        <label className="slider">
          <span>{words.opacity}</span>
          <input
            type="range"
            min="0"
            max="1"
            step="0.01"
            value={layer.opacity}
            aria-label={`${words.opacity}: ${volume.name}`}
            onChange={(e) => change({ opacity: Number(e.target.value) }, "opacity")}
            onPointerMove={(e) => {
              if (e.buttons !== 0) session.dragging = true;
            }}
            onPointerUp={() => {
              session.dragging = false;
            }}
          />
          <output>{Math.round(layer.opacity * 100)} %</output>
        </label>
      )}
      {current && volume.role !== "labels" && (
        <div className="details">
          <div className="bar" style={{ background: gradient(layer.colourMap) }} />
          <div className="ends">
            <span>{numberText(low)}</span>
            <span className="soft">{unitOf(volume, layer).unit}</span>
            <span>{numberText(high)}</span>
          </div>
          {volume.units && (
            <label className="row" title={volume.units[layer.unit]?.formula}>
              <span>{words.unit}</span>
              <select
                value={layer.unit}
                aria-label={`${words.unit}: ${volume.name}`}
                onChange={(e) => change(inUnit(volume, layer, Number(e.target.value)))}
              >
                {volume.units.map(({ unit }, k) => (
                  <option key={unit} value={k}>
                    {unit}
                  </option>
                ))}
              </select>
              <small className="soft">{volume.units[layer.unit]?.formula}</small>
            </label>
          )}
          <div className="row">
            <span>{words.window}</span>
            {([0, 1] as const).map((k) => (
              <NumberField
                key={k}
                step={step}
                value={layer.range[k] as number}
                label={`${words.window} ${k === 0 ? words.low : words.high}: ${volume.name}`}
                onValue={(value) => change({ range: k === 0 ? [value, high] : [low, value] }, `window ${k}`)}
              />
            ))}
          </div>
          <div className="row">
            <label>
              <input
                type="checkbox"
                checked={layer.threshold !== null}
                onChange={(e) =>
                  change({
                    threshold: e.target.checked ? [volume.threshold ?? low + (high - low) / 4, Number.MAX_VALUE] : null,
                  })
                }
              />
              {words.threshold}
            </label>
            {layer.threshold &&
              ([0, 1] as const).map((k) => (
                <NumberField
                  key={k}
                  step={step}
                  value={(layer.threshold?.[k] ?? 0) > 1e300 ? undefined : (layer.threshold?.[k] ?? 0)}
                  placeholder={k === 1 ? "∞" : ""}
                  empty={k === 0 ? 0 : Number.MAX_VALUE}
                  label={`${words.threshold} ${k === 0 ? words.low : words.high}: ${volume.name}`}
                  onValue={(value) => {
                    const [a, b] = layer.threshold ?? [0, Number.MAX_VALUE];
                    change({ threshold: k === 0 ? [value, b] : [a, value] }, `threshold ${k}`);
                  }}
                />
              ))}
          </div>
          <div className="row">
            <span>{words.colours}</span>
            <select
              value={layer.colourMap}
              aria-label={`${words.colours}: ${volume.name}`}
              onChange={(e) => change({ colourMap: e.target.value as ColourMapName })}
            >
              {colourMapNames.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
            <label>
              <input type="checkbox" checked={layer.contour} onChange={(e) => change({ contour: e.target.checked })} />
              {words.contour}
            </label>
            <label>
              <input type="checkbox" checked={layer.edges} onChange={(e) => change({ edges: e.target.checked })} />
              {words.edges}
            </label>
          </div>
          {volume.confidence !== undefined && (
            <label className="row">
              <input
                type="checkbox"
                checked={layer.modulate}
                onChange={(e) => change({ modulate: e.target.checked })}
              />
              {words.confidence}
            </label>
          )}
        </div>
      )}
    </li>
  );
}
