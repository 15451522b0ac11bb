/** A piece of HTML that is safe to put into another. Only `html` and `join` make it, so that nothing unescaped gets in. */
export interface Markup {
  readonly markup: string;
}

type Part = Markup | string | number;

/** Template tag: texts are escaped, pieces of HTML are taken as they are. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  let markup = strings[0] ?? '';
  parts.forEach((part, index) => {
    markup += (typeof part === 'object' ? part.markup : escaped(String(part))) + (strings[index + 1] ?? '');
  });
  return { markup };
}

export function join(parts: readonly Markup[]): Markup {
  return { markup: parts.map(({ markup }) => markup).join('') };
}

export const NOTHING: Markup = { markup: '' };

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
}
