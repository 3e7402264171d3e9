/** Every number of the run, sortable; a row takes the crosshair to its region where an image of regions has it. */
import type { Measure, Point } from "@quintet/core";
import { useState } from "react";
import { numberText, unitText } from "../state/readings.ts";
import { placeOfRegion } from "../state/region-place.ts";
import { modalityColour } from "../state/sensors.ts";
import { useSession } from "../ui.tsx";
import { useWords } from "../words/index.ts";

type Column = "region" | "side" | "modality" | "measure" | "value" | "z";

export function Measures(): React.JSX.Element {
  const session = useSession();
  const words = useWords();
  const [sort, setSort] = useState<{ column: Column; down: boolean }>({ column: "region", down: false });
  const [filter, setFilter] = useState("");
  const [lit, setLit] = useState<Measure>();
  const wanted = filter.toLowerCase();
  const rows = session.scene.measures
    .filter((m) => `${m.region} ${m.side ?? ""} ${m.modality} ${m.measure}`.toLowerCase().includes(wanted))
    .toSorted((a, b) => {
      const [x, y] = [a[sort.column] ?? "", b[sort.column] ?? ""];
      const order =
        typeof x === "number" && typeof y === "number"
          ? x - y
          : String(x).localeCompare(String(y), "en", { numeric: true });
      return sort.down ? -order : order;
    });
  if (session.scene.measures.length === 0) return <p className="soft">{words.noMeasures}</p>;
  const go = async (measure: Measure): Promise<void> => {
    setLit(measure);
    const place: Point | undefined = await placeOfRegion(session, measure.region, measure.side);
    if (place) session.store.set({ position: place });
  };
  const head = (column: Column, text: string, numeric = false): React.JSX.Element => (
    <th
      className={numeric ? "num" : ""}
      aria-sort={sort.column === column ? (sort.down ? "descending" : "ascending") : "none"}
    >
      <button type="button" onClick={() => setSort({ column, down: sort.column === column && !sort.down })}>
        {text}
        {sort.column === column ? (sort.down ? " ↓" : " ↑") : ""}
      </button>
    </th>
  );
  return (
    <section aria-label={words.panels.measures}>
      <input
        type="search"
        placeholder={words.filter}
        aria-label={words.filter}
        value={filter}
        onChange={(e) => setFilter(e.target.value)}
      />
      <table className="measures">
        <thead>
          <tr>
            {head("region", words.region)}
            {head("side", words.side)}
            {head("measure", words.measure)}
            {head("value", words.value, true)}
            {head("z", words.z, true)}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, 400).map((m) => (
            <tr
              key={`${m.region} ${m.side} ${m.modality} ${m.measure}`}
              className={m === lit ? "lit" : ""}
              title={m.method}
            >
              <th scope="row">
                <button type="button" className="place" onClick={() => void go(m)}>
                  <i className="dot" style={{ background: modalityColour[m.modality] }} />
                  {m.region}
                </button>
              </th>
              <td>{m.side ? words.sides[m.side] : ""}</td>
              <td>{m.measure}</td>
              <td className="num">
                {numberText(m.value)} <small>{unitText(m.unit)}</small>
                {m.interval && (
                  <small className="block">
                    {numberText(m.interval[0])} … {numberText(m.interval[1])}
                  </small>
                )}
                {!m.interval && m.standardError !== undefined && (
                  <small className="block">± {numberText(m.standardError)}</small>
                )}
              </td>
              <td className={m.z !== undefined && Math.abs(m.z) > 2 ? "num far" : "num"}>
                {m.z === undefined ? "" : m.z.toFixed(1)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > 400 && <p className="soft">… {rows.length - 400}</p>}
    </section>
  );
}
