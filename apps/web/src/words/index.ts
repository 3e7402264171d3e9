/** The languages of the page, and the one it speaks. */
import { createContext, useContext } from "react";
import type { Words } from "./en.ts";
import { en } from "./en.ts";
import { zh } from "./zh.ts";

export type { Words } from "./en.ts";

export type Language = "en" | "zh";
export const languages: Readonly<Record<Language, Words>> = { en: en, zh: zh };

const kept = "quintet language";

/** The one chosen before, else the browser's where it is one of ours, else English. */
export function firstLanguage(): Language {
  const saved = localStorage.getItem(kept);
  const wanted = saved ?? navigator.languages.map((l) => l.slice(0, 2)).find((l) => l in languages);
  return wanted !== undefined && wanted in languages ? (wanted as Language) : "en";
}

export function keepLanguage(language: Language): void {
  localStorage.setItem(kept, language);
}

export const WordsContext: React.Context<Words> = createContext<Words>(en);
export const useWords = (): Words => useContext(WordsContext);
