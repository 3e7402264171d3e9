/** A sphere or an iso-contour at the crosshair: every shown layer's numbers in it, to take away as CSV or JSON. */
import { affineOf, multiply } from "@quintet/core";
import type { HandRegion, RegionStats, SceneVolume } from "@quintet/view";
import { regionStats } from "@quintet/view";
import { Fragment } from "react";
import type { Session } from "../session.ts";
import { frameOf, shownVolumes } from "../state/picture-of.ts";
import { numberText } from "../state/readings.ts";
import { modalityColour } from "../state/sensors.ts";
import { unitOf } from "../state/view-state.ts";
import { useSession } from "../ui.tsx";
import { useWords } from "../words/index.ts";
import { NumberField } from "./number-field.tsx";

interface Row {
  readonly volume: SceneVolume;
  readonly unit: string;
  readonly stats: RegionStats;
}

function rowsOf(session: Session, region: HandRegion): readonly Row[] {
  const state = session.store.get();
  return shownVolumes(session.scene, state).flatMap((volume): Row[] => {
    if (volume.role === "labels") return [];
    const data = session.volumes.peek(volume.id, frameOf(volume, state.time).index);
    const nudge = volume.registration === undefined ? undefined : state.nudges[volume.registration];
    const own = affineOf(volume.affine);
    const { unit, scale } = unitOf(volume, state.layers[volume.id]);
    const stats = data && regionStats(data, volume.shape, nudge ? multiply(affineOf(nudge), own) : own, region, scale);
    return stats ? [{ volume, unit, stats }] : [];
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
  const { position, time, sphere } = session.store.get();
  const { radius, share } = sphere;
  const draw = (change: Partial<typeof sphere>): void =>
    session.store.set((s) => ({ sphere: { ...s.sphere, ...change } }), "sphere");
  const region: HandRegion = { centre: position, radius, ...(share > 0 ? { share } : {}) };
  const rows = rowsOf(session, region);
  const table = rows.map(({ volume, unit, stats }) => ({
    layer: volume.name,
    source: volume.source,
    unit,
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
        <span className="field">
          {words.radius}
          <NumberField
            value={radius}
            min={1}
            max={80}
            label={words.radius}
            onValue={(value) => draw({ radius: value })}
          />
          mm
        </span>
        <label>
          {words.isoContour}
          <select value={share} onChange={(e) => draw({ share: Number(e.target.value) })}>
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
            <th className="num">{words.mean} ± SD</th>
            <th className="num">
              {words.low} … {words.high}
            </th>
            <th className="num">mL</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ volume, unit, stats }) => (
            <Fragment key={volume.id}>
              <tr className="of">
                <th scope="rowgroup" colSpan={3}>
                  <i className="dot" style={{ background: modalityColour[volume.modality] }} />
                  {volume.name} <small>{unit}</small>
                </th>
              </tr>
              <tr data-region={volume.id}>
                <td className="num" data-mean={stats.mean}>
                  {numberText(stats.mean)} ± {numberText(stats.deviation)}
                </td>
                <td className="num">
                  {numberText(stats.least)} … {numberText(stats.most)}
                </td>
                <td className="num">{stats.volume.toFixed(2)}</td>
              </tr>
            </Fragment>
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
