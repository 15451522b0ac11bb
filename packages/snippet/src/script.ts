import { POOL_CHOICE_CODE } from './gen/pool-choice-code.ts';
import { SNIPPET_CODE } from './gen/snippet-code.ts';
import { asShortScript } from './script-text.ts';
import type { SnippetSettings } from './settings.ts';

/**
 * Chromium compiles all functions of a script that begins so while it is still being loaded, on another thread, instead of each at its first call on the page's:
 * a third of the time that the snippet took of a page. Other browsers read a comment. https://github.com/WICG/explicit-javascript-compile-hints-file-based
 */
const COMPILE_HINT = '//# allFunctionsCalledOnLoad';

/** The whole script of a workspace as a page loads it. */
export function snippetScript(settings: SnippetSettings): string {
  // Most workspaces have no pool, and their pages nothing to choose.
  const choice = settings[1].some(({ account }) => account !== undefined) ? `,${POOL_CHOICE_CODE}` : '';
  return `${COMPILE_HINT}\n${SNIPPET_CODE}(${settings.map(asShortScript).join()}${choice})`;
}
