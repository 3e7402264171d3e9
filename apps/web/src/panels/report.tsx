import { useSession } from "../ui.tsx";
import { useWords } from "../words/index.ts";

/** The run's report, in a frame that can neither reach the page nor the network. */
export function ReportPanel(): React.JSX.Element {
  const { scene } = useSession();
  const words = useWords();
  if (scene.report === undefined) return <p className="soft">{words.noReport}</p>;
  return (
    <section className="report" aria-label={words.panels.report}>
      <a href={scene.report} target="_blank" rel="noreferrer">
        {words.openReport}
      </a>
      <iframe src={scene.report} title={words.panels.report} sandbox="allow-scripts allow-popups" />
    </section>
  );
}
