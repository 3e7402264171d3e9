import type { Modality, QcFinding } from "@quintet/core";
import { modalities } from "@quintet/core";
import { findingsTable } from "./findings-table.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import type { ReportModel } from "./model.ts";
import { count, modalityName } from "./words.ts";

/** Quality control: one table per modality, worst first. */
export function qcSection({ qc, availability }: ReportModel): Html {
  const number = (verdict: QcFinding["verdict"]): number => qc.filter((f) => f.verdict === verdict).length;
  return html`<section id="qc" aria-labelledby="qc-h"><h2 id="qc-h">Quality control</h2>
<p>${count(number("bad"), "bad value")}, ${count(number("warn"), "value")} to check, ${number("ok")} ok. Nothing was repaired silently.</p>
<div class="columns">${modalities.map((m) =>
    modalityTable(
      m,
      qc.filter((f) => f.modality === m),
      availability,
    ),
  )}</div></section>`;
}

const order = { bad: 0, warn: 1, ok: 2 } as const;

function modalityTable(
  modality: Modality,
  mine: readonly QcFinding[],
  availability: ReportModel["availability"],
): Html {
  const there = availability.find((a) => a.modality === modality);
  if (mine.length === 0) {
    return html`<div id="qc-${modality}" class="qc"><h3>${modalityName[modality]}</h3><p class="muted">${there?.present ? "No check was made." : (there?.note ?? "not in this study")}</p></div>`;
  }
  const worstFirst = [...mine].sort((a, b) => order[a.verdict] - order[b.verdict]);
  return html`<div id="qc-${modality}" class="qc"><h3>${modalityName[modality]}</h3>${findingsTable(worstFirst, modalityName[modality])}</div>`;
}
