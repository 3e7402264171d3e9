import type { PanelName } from "../state/view-state.ts";
import { useSession, useView } from "../ui.tsx";
import { useWords } from "../words/index.ts";
import { Layers } from "./layers.tsx";
import { LivePanel } from "./live.tsx";
import { Measures } from "./measures.tsx";
import { Plots } from "./plots.tsx";
import { Quality } from "./quality.tsx";
import { Readout } from "./readout.tsx";
import { Registration } from "./registration.tsx";
import { ReportPanel } from "./report.tsx";
import { Runs } from "./runs.tsx";

const panels: Readonly<Record<PanelName, (props: { open: (subject?: string) => void }) => React.JSX.Element>> = {
  readout: () => (
    <>
      <Readout />
      <Layers />
    </>
  ),
  layers: () => <Layers />,
  plots: () => <Plots />,
  measures: () => <Measures />,
  quality: () => <Quality />,
  registration: () => <Registration />,
  report: () => <ReportPanel />,
  runs: ({ open }) => <Runs open={open} />,
  live: () => <LivePanel />,
};
const names: readonly PanelName[] = [
  "readout",
  "plots",
  "measures",
  "quality",
  "registration",
  "report",
  "runs",
  "live",
];

export function SidePanel({ open }: { readonly open: (subject?: string) => void }): React.JSX.Element {
  const session = useSession();
  const words = useWords();
  const panel = useView((s) => s.panel);
  const Shown = panels[panel];
  return (
    <aside className="side">
      <div className="tabs" role="tablist">
        {names.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-selected={panel === name}
            aria-controls="panel"
            onClick={() => session.store.set({ panel: name })}
          >
            {words.panels[name]}
          </button>
        ))}
      </div>
      <div className={`panel ${panel}`} id="panel" role="tabpanel" aria-labelledby={`tab-${panel}`}>
        <Shown open={open} />
      </div>
    </aside>
  );
}
