/** What several modalities point at, what each says, and the checks of the data. */
import type { Point } from "@quintet/core";
import { displayUnit } from "@quintet/view";
import { numberText } from "../state/readings.ts";
import { modalityColour } from "../state/sensors.ts";
import { useSession } from "../ui.tsx";
import { useWords } from "../words/index.ts";

export function Quality(): React.JSX.Element {
  const session = useSession();
  const words = useWords();
  const { findings, evidence, qc, availability } = session.scene;
  const go = (position: Point | undefined): void => {
    if (position) session.store.set({ position });
  };
  return (
    <section aria-label={words.panels.quality}>
      <h3>{words.findings}</h3>
      {findings.length === 0 && <p className="soft">{words.noFindings}</p>}
      <ol className="plain">
        {findings.map((f) => (
          <li key={`${f.region} ${f.side}`}>
            <button type="button" disabled={!f.position} onClick={() => go(f.position)}>
              {f.region}, {words.sides[f.side]}
            </button>{" "}
            <span className="soft">{words.available(f.pointing, f.available)}</span>
          </li>
        ))}
      </ol>
      {evidence.length > 0 && <h3>{words.evidence}</h3>}
      <ul className="plain">
        {evidence.map((e) => (
          <li key={`${e.modality} ${e.kind} ${e.region} ${e.side}`}>
            <button type="button" disabled={!e.position} onClick={() => go(e.position)} title={e.note}>
              <i className="dot" style={{ background: modalityColour[e.modality] }} />
              {e.region}, {words.sides[e.side]}
            </button>{" "}
            <small>
              {e.kind}: {e.scoreName} {numberText(e.score)}
              {e.positionError !== undefined && `, ± ${e.positionError.toFixed(0)} mm`}
            </small>
          </li>
        ))}
      </ul>
      <h3>{words.checks}</h3>
      <table>
        <tbody>
          {qc.map((q) => (
            <tr key={`${q.modality} ${q.name}`} title={q.note}>
              <th scope="row">
                <i className="dot" style={{ background: modalityColour[q.modality] }} />
                {q.name}
              </th>
              <td className="num">
                {typeof q.value === "number" ? numberText(q.value) : q.value}{" "}
                {q.unit === undefined || q.unit === "1" ? "" : displayUnit(q.unit).unit}
              </td>
              <td className={`verdict ${q.verdict}`}>{{ ok: "✓", warn: "!", bad: "✕" }[q.verdict]}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <ul className="plain">
        {availability.map((a) => (
          <li key={a.modality}>
            <i className="dot" style={{ background: modalityColour[a.modality] }} />
            {words.modalities[a.modality]} <span className="soft">{a.note}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
