import { layoutNames, parseTime, timeText } from "@quintet/view";
import { useState } from "react";
import { runAction } from "../actions.ts";
import { useDesk, useView } from "../ui.tsx";
import { useWords } from "../words/index.ts";

export function TopBar({ open }: { readonly open: (subject?: string) => void }): React.JSX.Element {
  const desk = useDesk();
  const { session } = desk;
  const { scene, store } = session;
  const words = useWords();
  const [convention, layout] = [useView((s) => s.convention), useView((s) => s.layout)];
  useView((s) => s);
  const [problems, setProblems] = useState(false);
  return (
    <header className="top">
      <span className="brand">
        <span className="five" aria-hidden="true">
          <i />
          <i />
          <i />
          <i />
          <i />
        </span>
        Quintet
      </span>
      {scene.subjects.length > 1 ? (
        <select value={scene.subject} aria-label={words.subject} onChange={(e) => open(e.target.value)}>
          {scene.subjects.map((s) => (
            <option key={s}>{s}</option>
          ))}
        </select>
      ) : (
        <strong>{scene.subject}</strong>
      )}
      <span className="soft study">{scene.study}</span>
      <Clock />
      <button
        type="button"
        className="badge"
        data-convention={convention}
        onClick={() => runAction("rad-neuro", desk)}
        title={words.radNeuro}
      >
        {convention}
      </button>
      <select
        value={layout}
        aria-label={words.layout}
        onChange={(e) => store.set({ layout: e.target.value as typeof layout, maximised: null })}
      >
        {layoutNames.map((name) => (
          <option key={name} value={name}>
            {words.layouts[name]}
          </option>
        ))}
      </select>
      <span className="pair">
        <button
          type="button"
          disabled={!store.canUndo}
          onClick={() => store.undo()}
          aria-label={words.undo}
          title={`${words.undo} (Ctrl+Z)`}
        >
          ↶
        </button>
        <button
          type="button"
          disabled={!store.canRedo}
          onClick={() => store.redo()}
          aria-label={words.redo}
          title={`${words.redo} (Ctrl+Shift+Z)`}
        >
          ↷
        </button>
      </span>
      <span className="fill" />
      {scene.problems.length > 0 && (
        <button type="button" className="warn" aria-expanded={problems} onClick={() => setProblems(!problems)}>
          ! {words.problems(scene.problems.length)}
        </button>
      )}
      <span className="research">{words.researchOnly}</span>
      <button type="button" onClick={() => desk.exportPng()} title={words.exportPng}>
        PNG
      </button>
      <button type="button" onClick={() => desk.exportWebm()} title={words.exportWebm}>
        WebM
      </button>
      <button type="button" onClick={() => desk.palette()} title="Ctrl+K">
        {words.palette}
      </button>
      <button
        type="button"
        id="language"
        onClick={() => desk.language()}
        lang={words.language === "English" ? "zh-Hans" : "en"}
      >
        {words.language === "English" ? "中文" : "English"}
      </button>
      {problems && (
        <ul className="problems">
          {scene.problems.map(({ path, code, message }) => (
            <li key={`${path} ${code}`}>
              <code>{path}</code> {message} <span className="soft">({code})</span>
            </li>
          ))}
        </ul>
      )}
    </header>
  );
}

/** The time cursor as a field. */
function Clock(): React.JSX.Element {
  const { session } = useDesk();
  const words = useWords();
  const time = useView((s) => s.time);
  const [text, setText] = useState<string>();
  const shown = timeText(time, 0.01);
  return (
    <label className="clock" title={session.scene.clock.name}>
      <span className="soft">{words.time}</span>
      <input
        id="time"
        value={text ?? shown}
        data-seconds={time}
        size={10}
        onFocus={() => setText(shown)}
        onChange={(e) => setText(e.target.value)}
        onBlur={() => setText(undefined)}
        onKeyDown={(e) => {
          if (e.key !== "Enter") return;
          const to = parseTime(e.currentTarget.value);
          if (to !== undefined) session.scrub(to);
          e.currentTarget.blur();
        }}
      />
    </label>
  );
}
