/** A sphere or an iso-contour at the crosshair: every shown layer's numbers in it, to take away as CSV or JSON. */
import { affineOf, multiply } from "@quintet/core";
import type { HandRegion, RegionStats, SceneVolume } from "@quintet/view";
import { regionStats } from "@quintet/view";
import { useState } from "react";
import type { Session } from "../session.ts";
import { frameOf, shownVolumes } from "../state/picture-of.ts";
import { numberText } from "../state/readings.ts";
import { modalityColour } from "../state/sensors.ts";
import { useSession } from "../ui.tsx";
import { useWords } from "../words/index.ts";

interface Row {
  readonly volume: SceneVolume;
  readonly stats: RegionStats;
}

function rowsOf(session: Session, region: HandRegion): readonly Row[] {
  const state = session.store.get();
  return shownVolumes(session.scene, state).flatMap((volume): Row[] => {
    if (volume.role === "labels") return [];
    const data = session.volumes.peek(volume.id, frameOf(volume, state.time).index);
    const nudge = volume.registration === undefined ? undefined : state.nudges[volume.registration];
    const own = affineOf(volume.affine);
    const stats =
      data && regionStats(data, volume.shape, nudge ? multiply(affineOf(nudge), own) : own, region, volume.scale);
    return stats ? [{ volume, stats }] : [];
  });
}

function download(text: string, type: string, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export function Region(): React.JSX.Element {
  const session = useSession();
  const words = useWords();
  const [radius, setRadius] = useState(10);
  const [share, setShare] = useState(0);
  const { position, time } = session.store.get();
  const region: HandRegion = { centre: position, radius, ...(share > 0 ? { share } : {}) };
  const rows = rowsOf(session, region);
  const table = rows.map(({ volume, stats }) => ({
    layer: volume.name,
    source: volume.source,
    unit: volume.unit,
    ...stats,
  }));
  const csv = (): string => {
    const columns = ["layer", "source", "unit", "voxels", "volume", "mean", "deviation", "least", "most"] as const;
    const cell = (value: string | number): string =>
      typeof value === "number" ? String(value) : `"${value.replaceAll('"', '""')}"`;
    return [columns.join(), ...table.map((row) => columns.map((c) => cell(row[c])).join()), ""].join("\r\n");
  };
  return (
    <fieldset className="region">
      <legend>{words.regionHere}</legend>
      <div className="row">
        <label>
          {words.radius}
          <input
            type="number"
            min="1"
            max="80"
            value={radius}
            onChange={(e) => setRadius(Math.min(80, Math.max(1, Number(e.target.value))))}
          />
          mm
        </label>
        <label>
          {words.isoContour}
          <select value={share} onChange={(e) => setShare(Number(e.target.value))}>
            {[0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8].map((s) => (
              <option key={s} value={s}>
                {s === 0 ? words.off : `${s * 100} %`}
              </option>
            ))}
          </select>
        </label>
      </div>
      <table>
        <thead>
          <tr>
            <th>{words.layer}</th>
            <th className="num">{words.mean} ± SD</th>
            <th className="num">
              {words.low} … {words.high}
            </th>
            <th className="num">mL</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ volume, stats }) => (
            <tr key={volume.id} data-region={volume.id}>
              <th scope="row">
                <i className="dot" style={{ background: modalityColour[volume.modality] }} />
                {volume.name} <small>{volume.unit}</small>
              </th>
              <td className="num" data-mean={stats.mean}>
                {numberText(stats.mean)} ± {numberText(stats.deviation)}
              </td>
              <td className="num">
                {numberText(stats.least)} … {numberText(stats.most)}
              </td>
              <td className="num">{stats.volume.toFixed(2)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className="row">
        <button type="button" disabled={rows.length === 0} onClick={() => download(csv(), "text/csv", "region.csv")}>
          CSV
        </button>
        <button
          type="button"
          disabled={rows.length === 0}
          onClick={() =>
            download(
              JSON.stringify({ space: session.scene.space, ...region, time, layers: table }, null, 2),
              "application/json",
              "region.json",
            )
          }
        >
          JSON
        </button>
      </div>
    </fieldset>
  );
}
