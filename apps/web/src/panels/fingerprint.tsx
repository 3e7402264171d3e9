/** One region, five modalities side by side: z where a norm is known, else per cent of this person's mean over regions. */
import type { FingerprintRow } from "@quintet/view";
import { useState } from "react";
import { numberText, unitText } from "../state/readings.ts";
import { modalityColour } from "../state/sensors.ts";
import { useWords } from "../words/index.ts";

const key = (row: FingerprintRow): string => `${row.region}${row.side ? `, ${row.side}` : ""}`;

export function Fingerprint({
  rows,
  region,
}: {
  readonly rows: readonly FingerprintRow[];
  readonly region: string | undefined;
}): React.JSX.Element | null {
  const words = useWords();
  const [chosen, choose] = useState<string>();
  const here = rows.find((r) => region?.toLowerCase().includes(r.region.toLowerCase()));
  const row = rows.find((r) => key(r) === chosen) ?? here ?? rows[0];
  if (!row) return null;
  return (
    <>
      <h3>{words.fingerprint}</h3>
      <select value={key(row)} aria-label={words.region} onChange={(e) => choose(e.target.value)}>
        {rows.map((r) => (
          <option key={key(r)}>{key(r)}</option>
        ))}
      </select>
      <table className="fingerprint">
        <tbody>
          {row.cells.map((cell) => {
            const [value, unit, span] =
              cell.z !== undefined
                ? [cell.z, "z", 4]
                : cell.percentOfMean !== undefined
                  ? [cell.percentOfMean - 100, "%", 60]
                  : [undefined, "", 1];
            return (
              <tr key={`${cell.modality} ${cell.measure}`}>
                <th scope="row">
                  <i className="dot" style={{ background: modalityColour[cell.modality] }} />
                  {words.modalities[cell.modality]} <small>{cell.measure}</small>
                </th>
                <td className="strip">
                  <svg
                    viewBox="-50 0 100 12"
                    role="img"
                    aria-label={value === undefined ? words.unknown : `${numberText(value)} ${unit}`}
                  >
                    <path d="M0 0v12" stroke="#5a6470" />
                    {value !== undefined && (
                      <circle
                        cx={Math.max(-48, Math.min(48, (value / span) * 48))}
                        cy="6"
                        r="4"
                        fill={modalityColour[cell.modality]}
                      />
                    )}
                  </svg>
                </td>
                <td className="num">
                  {numberText(cell.value)} <small>{unitText(cell.unit)}</small>
                </td>
                <td className="num soft" title={unit === "%" ? words.percentOfMean : ""}>
                  {cell.z !== undefined
                    ? `z ${cell.z.toFixed(1)}`
                    : cell.percentOfMean !== undefined
                      ? `${cell.percentOfMean.toFixed(0)} %`
                      : "–"}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <p className="soft small">{words.percentOfMean}</p>
    </>
  );
}
