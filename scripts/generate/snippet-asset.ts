import { join } from 'node:path';
import { rolldown } from 'rolldown';

/** What browsers since the end of 2020 understand; the browsers inside other apps are the system's, and it updates them. */
const TARGET = 'es2021';
const ENTRY = 'snippet-entry';

/**
 * The module that holds the script of pages, bundled and minified: `npm ci && npm start` needs no bundler, and what ships is read in a diff. The
 * text is an expression, the function that the server's answer calls with the settings of a workspace.
 */
export async function snippetAsset(root: string): Promise<string> {
  const start = join(root, 'packages/snippet/src/page/start.ts');
  const bundle = await rolldown({
    input: ENTRY,
    cwd: root,
    logLevel: 'warn',
    transform: { target: TARGET },
    treeshake: { moduleSideEffects: false },
    plugins: [
      {
        name: ENTRY,
        resolveId: (id) => (id === ENTRY ? id : null),
        load: (id) => (id === ENTRY ? `export { start as default } from ${JSON.stringify(start)};` : null),
      },
    ],
  });
  try {
    const { output } = await bundle.generate({ format: 'iife', name: 'start', minify: true, comments: false });
    const code = /^var start=([\s\S]+?);?\s*$/.exec(output[0].code)?.[1];
    if (code === undefined) throw new Error(`the bundle has another form than expected: ${output[0].code.slice(0, 80)}`);
    return [
      '/** Generated from packages/snippet/src/page by npm run generate. An expression: the function that starts the snippet on a page. */',
      `export const SNIPPET_CODE = ${JSON.stringify(code)};`,
      '',
    ].join('\n');
  } finally {
    await bundle.close();
  }
}
