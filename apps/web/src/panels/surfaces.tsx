/** What stands in the 3D pane, and which of it is outlined on the cuts. */
import { surfacesOf } from "../state/view-state.ts";
import { useSession, useView } from "../ui.tsx";
import { useWords } from "../words/index.ts";

export function Surfaces(): React.JSX.Element {
  const session = useSession();
  const words = useWords();
  const opacities = useView((s) => s.surfaces);
  const [sensors, sources, planes3d, paint, outlines] = [
    useView((s) => s.sensors),
    useView((s) => s.sources),
    useView((s) => s.planes3d),
    useView((s) => s.paintSurfaces),
    useView((s) => s.outlines),
  ];
  return (
    <fieldset>
      <legend>3D</legend>
      {session.scene.surfaces.some(({ inflated }) => inflated) && (
        <div className="row">
          {(["head", "cortex", "inflated"] as const).map((choice) => (
            <button
              key={choice}
              type="button"
              onClick={() =>
                session.store.set({ surfaces: surfacesOf(session.scene, choice), planes3d: choice === "head" })
              }
            >
              {words.surfaceChoices[choice]}
            </button>
          ))}
        </div>
      )}
      {session.scene.surfaces.map(({ id, name }) => (
        <label key={id} className="slider">
          <span>{name}</span>
          <input
            type="range"
            min="0"
            max="1"
            step="0.05"
            value={opacities[id] ?? 0}
            aria-label={`${words.opacity}: ${name}`}
            onChange={(e) =>
              session.store.set({ surfaces: { ...opacities, [id]: Number(e.target.value) } }, `surface ${id}`)
            }
          />
          <output>{Math.round((opacities[id] ?? 0) * 100)} %</output>
        </label>
      ))}
      <label>
        <input
          type="checkbox"
          checked={paint}
          onChange={(e) => session.store.set({ paintSurfaces: e.target.checked })}
        />
        {words.paint}
      </label>
      <label>
        <input type="checkbox" checked={outlines} onChange={(e) => session.store.set({ outlines: e.target.checked })} />
        {words.outlines}
      </label>
      <label>
        <input type="checkbox" checked={planes3d} onChange={(e) => session.store.set({ planes3d: e.target.checked })} />
        {words.planes3d}
      </label>
      <label>
        <input type="checkbox" checked={sensors} onChange={(e) => session.store.set({ sensors: e.target.checked })} />
        {words.sensors}
      </label>
      {session.scene.sources.length > 0 && (
        <label>
          <input type="checkbox" checked={sources} onChange={(e) => session.store.set({ sources: e.target.checked })} />
          {words.sourceArrows}
        </label>
      )}
    </fieldset>
  );
}
