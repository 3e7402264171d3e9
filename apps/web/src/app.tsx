/** Opens the study, chooses the language, and says what is wrong when something is. */
import { useCallback, useEffect, useState } from "react";
import { onServer, request, ServerError } from "./data/api.ts";
import { Workstation } from "./panels/workstation.tsx";
import type { Session } from "./session.ts";
import { openSession } from "./session.ts";
import type { Language } from "./words/index.ts";
import { firstLanguage, keepLanguage, languages, WordsContext } from "./words/index.ts";

export function App(): React.JSX.Element {
  const [language, setLanguage] = useState<Language>(firstLanguage);
  const [session, setSession] = useState<Session>();
  const [fault, setFault] = useState<Error>();
  const [gone, setGone] = useState(false);
  const words = languages[language];

  const open = useCallback((subject?: string) => {
    openSession(subject).then(
      (opened) => {
        setFault(undefined);
        setSession(opened);
      },
      (why: Error) => setFault(why),
    );
  }, []);
  useEffect(() => open(), [open]);
  useEffect(() => onServer(setGone), []);
  useEffect(() => {
    if (!gone) return;
    const timer = setInterval(() => {
      request("/api/scene").then(
        () => {
          session?.volumes.retry();
          session?.recordings.retry();
          session?.changed();
        },
        () => {},
      );
    }, 2000);
    return () => clearInterval(timer);
  }, [gone, session]);
  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-Hans" : language;
    document.title = session ? `${session.scene.subject} · ${session.scene.study} · Quintet` : "Quintet";
  }, [language, session]);

  const nextLanguage = (): void => {
    const names = Object.keys(languages) as Language[];
    const next = names[(names.indexOf(language) + 1) % names.length] as Language;
    keepLanguage(next);
    setLanguage(next);
  };

  return (
    <WordsContext value={words}>
      {gone && (
        <div className="banner" role="alert">
          <strong>{words.serverGone}.</strong> {words.serverGoneHint}
        </div>
      )}
      {session ? (
        <Workstation
          key={`${session.scene.study} ${session.scene.subject}`}
          session={session}
          open={open}
          nextLanguage={nextLanguage}
        />
      ) : fault ? (
        <main className="notice" role="alert">
          <h1>{words.openFailed}</h1>
          <p>{fault.message}</p>
          {fault instanceof ServerError && <p className="soft">{fault.code}</p>}
        </main>
      ) : (
        <main className="notice" role="status">
          <p>{words.opening}</p>
        </main>
      )}
    </WordsContext>
  );
}
