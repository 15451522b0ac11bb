import { SNIPPET_CODE } from './gen/snippet-code.ts';
import type { SnippetSettings } from './settings.ts';

/** The whole script of a workspace as a page loads it. */
export function snippetScript(settings: SnippetSettings): string {
  return `${SNIPPET_CODE}(${asScript(settings)});\n`;
}

/** JSON that is a JavaScript expression wherever it stands: in an inline tag too, and in scripts read as an older Unicode line by line. */
function asScript(value: unknown): string {
  return JSON.stringify(value).replace(/[<\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
