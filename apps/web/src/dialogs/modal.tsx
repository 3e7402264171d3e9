import { useEffect, useRef } from "react";
import { useWords } from "../words/index.ts";

interface ModalProps {
  readonly title: string;
  readonly close: () => void;
  readonly children: React.ReactNode;
}

/** A dialog that Escape and a click beside it close, and that gives the focus back. */
export function Modal({ title, close, children }: ModalProps): React.JSX.Element {
  const words = useWords();
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    ref.current?.showModal();
    // The dialog would give the focus to its first button, which closes it.
    ref.current?.querySelector("input")?.focus();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the dialog itself closes on Escape
    <dialog ref={ref} aria-label={title} onClose={close} onClick={(e) => e.target === ref.current && close()}>
      <div className="dialog">
        <header>
          <h2>{title}</h2>
          <button type="button" onClick={close} aria-label={words.close}>
            ×
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
