/** Files dropped on the page go to its own server, which opens them; nothing leaves the machine. */
import { useEffect, useState } from "react";
import { request } from "../data/api.ts";
import { useWords } from "../words/index.ts";

export function DropZone(): React.JSX.Element | null {
  const words = useWords();
  const [state, setState] = useState<"idle" | "over" | string>("idle");
  useEffect(() => {
    const over = (event: DragEvent): void => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      setState("over");
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setState("idle");
    };
    const drop = async (event: DragEvent): Promise<void> => {
      if (!event.dataTransfer) return;
      event.preventDefault();
      for (const file of event.dataTransfer.files) {
        setState(words.dropped(file.name));
        try {
          await request(`/api/drop?name=${encodeURIComponent(file.name)}`, { method: "POST", body: file });
        } catch (why) {
          setState(`${file.name} ${words.dropFailed}: ${why instanceof Error ? why.message : why}`);
          return;
        }
      }
      location.reload();
    };
    const onDrop = (event: DragEvent): void => void drop(event);
    window.addEventListener("dragover", over);
    window.addEventListener("dragleave", leave);
    window.addEventListener("drop", onDrop);
    return () => {
      window.removeEventListener("dragover", over);
      window.removeEventListener("dragleave", leave);
      window.removeEventListener("drop", onDrop);
    };
  }, [words]);
  if (state === "idle") return null;
  return (
    <div className="drop" role="status">
      {state === "over" ? (
        words.drop
      ) : (
        <>
          {state}
          <button type="button" onClick={() => setState("idle")}>
            {words.close}
          </button>
        </>
      )}
    </div>
  );
}
