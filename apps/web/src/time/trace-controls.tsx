/** Which recording, how it is filtered and how much of it is shown. */
import type { SceneRecording } from "@quintet/view";
import { sigmaText } from "@quintet/view";
import { sigmaAt, toOwn } from "../state/study-time.ts";
import type { TraceState } from "../state/view-state.ts";
import { useSession } from "../ui.tsx";
import { useWords } from "../words/index.ts";

const choices = {
  highpass: [0, 0.01, 0.1, 0.3, 0.5, 1, 2],
  lowpass: [0, 0.2, 0.5, 15, 30, 40, 70, 100],
  notch: [0, 50, 60],
  seconds: [1, 2, 5, 10, 20, 30, 60, 120, 300, 600],
};

export function TraceControls({ recording }: { readonly recording: SceneRecording }): React.JSX.Element {
  const session = useSession();
  const words = useWords();
  const state = session.store.get();
  const trace = state.traces[recording.id] as TraceState;
  const change = (part: Partial<TraceState>): void => session.changeTraces(recording.id, part);
  const sigma = sigmaText(sigmaAt(recording, toOwn(recording, state.time)));
  const number = (key: keyof typeof choices, label: string, unit: string): React.JSX.Element => (
    <label>
      {label}
      <select value={trace[key]} onChange={(e) => change({ [key]: Number(e.target.value) })}>
        {[...new Set([...choices[key], trace[key]])]
          .toSorted((a, b) => a - b)
          .map((v) => (
            <option key={v} value={v}>
              {v === 0 ? words.off : `${Number(v.toPrecision(3))} ${unit}`}
            </option>
          ))}
      </select>
    </label>
  );
  return (
    <div className="controls">
      <select value={recording.id} aria-label={words.recording} onChange={(e) => session.openRecording(e.target.value)}>
        {session.scene.recordings.map(({ id, name, modality }) => (
          <option key={id} value={id}>
            {name.toLowerCase().startsWith(modality) ? name : `${words.modalities[modality]} ${name}`}
          </option>
        ))}
      </select>
      {recording.montages.length > 0 && (
        <label>
          {words.montage}
          <select value={trace.montage} onChange={(e) => change({ montage: e.target.value })}>
            <option value="">{words.asRecorded}</option>
            {recording.montages.map((name) => (
              <option key={name} value={name}>
                {words.montageNames[name] ?? name}
              </option>
            ))}
          </select>
        </label>
      )}
      {recording.derived.length > 0 && (
        <label>
          {words.derived}
          <select value={trace.derived} onChange={(e) => change({ derived: e.target.value })}>
            <option value="">{words.asRecorded}</option>
            {recording.derived.map((name) => (
              <option key={name} value={name}>
                {words.derivedNames[name] ?? name}
              </option>
            ))}
          </select>
        </label>
      )}
      {number("highpass", words.highpass, "Hz")}
      {number("lowpass", words.lowpass, "Hz")}
      {number("notch", words.notch, "Hz")}
      {number("seconds", words.shownSeconds, "s")}
      <span className="pair">
        <button type="button" aria-label={`${words.gain} −`} onClick={() => change({ gain: trace.gain / 1.5 })}>
          −
        </button>
        <button type="button" aria-label={`${words.gain} +`} onClick={() => change({ gain: trace.gain * 1.5 })}>
          +
        </button>
      </span>
      <button type="button" aria-pressed={trace.negativeUp} onClick={() => change({ negativeUp: !trace.negativeUp })}>
        {trace.negativeUp ? words.negativeUp : words.positiveUp}
      </button>
      <span className="soft" title={recording.map?.method ?? words.noLink}>
        {words.sigma} {sigma ?? words.unknown}
      </span>
    </div>
  );
}
