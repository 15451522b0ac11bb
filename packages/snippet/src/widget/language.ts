import { WORDS, type Words } from './words.ts';

export interface Spoken {
  /** Of the words, for the `lang` of the dialog. */
  readonly language: string;
  readonly words: Words;
}

/** The workspace's choice, else the language of the page, else those of the browser in their order, else English. */
export function spoken(setting: string, page: string, browser: readonly string[]): Spoken {
  for (const tag of [setting, page, ...browser]) {
    const language = tag.split(/[-_]/)[0]!.toLowerCase();
    if (Object.hasOwn(WORDS, language)) return { language, words: WORDS[language as keyof typeof WORDS] };
  }
  return { language: 'en', words: WORDS.en };
}
