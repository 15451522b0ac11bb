const MAX_LANGUAGES = 8;
const MAX_HEADER_LENGTH = 512;
const TAG = /^[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,4}$/;

/** Tags of an Accept-Language value in order of preference; what is no BCP 47 tag is left out. */
export function readLanguages(acceptLanguage: string): readonly string[] {
  const ranked: { readonly tag: string; readonly weight: number }[] = [];
  for (const item of acceptLanguage.slice(0, MAX_HEADER_LENGTH).split(',')) {
    const [tag = '', ...parameters] = item.trim().split(';');
    if (!TAG.test(tag.trim())) continue;
    const quality = parameters.map((parameter) => /^\s*q=([0-9.]{1,6})\s*$/i.exec(parameter)?.[1]).find((value) => value !== undefined);
    const weight = quality === undefined ? 1 : Number(quality);
    if (weight > 0) ranked.push({ tag: tag.trim(), weight });
  }
  // Array sort is stable: equal weights keep the order of the header.
  return ranked
    .sort((a, b) => b.weight - a.weight)
    .slice(0, MAX_LANGUAGES)
    .map(({ tag }) => tag);
}

/** Tags of a browser's `navigator.languages`, in its order. */
export function keepLanguageTags(tags: readonly string[]): readonly string[] {
  return tags.filter((tag) => TAG.test(tag)).slice(0, MAX_LANGUAGES);
}
