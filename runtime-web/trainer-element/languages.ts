// The element's texts in other languages, by language code: a chunk of its own, fetched by pages in one of them. A new language is a row.
import { french } from './languages/french.ts';
import { german } from './languages/german.ts';
import { spanish } from './languages/spanish.ts';
import type { TrainerStrings } from './strings.ts';

/** The texts by language code; languageCodes in elements/words.ts lists the codes. */
export const languages: Readonly<Record<string, TrainerStrings>> = {
  de: german,
  fr: french,
  es: spanish,
};
