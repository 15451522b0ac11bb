/** `npm run links`: every link, QR code, code word and URL template of the placements, and how well their greetings can be told apart. */
import { openWorkspaces } from '@messtrack/workspace/registry.ts';
import { readOptions } from './command-line/read-options.ts';
import { BASE_RULE, linkBase } from './links/base.ts';
import { linksOf, printLinks } from './links/list.ts';
import { PLATFORMS } from './links/platforms.ts';

const HELP = `npm run links [-- options]

Prints for every placement its redirect, short links, QR addresses, code words, the number of its greetings and how far apart the nearest two
are, and a ready URL template per ad platform. What could be better with the greetings is warned about on standard error. Exit code 1: a file has problems.

  --workspaces DIR    folder of workspace files (MESSTRACK_WORKSPACES, else examples/workspaces)
  --workspace NAME    this workspace only
  --placement NAME    this placement only
  --platform NAME     templates of this platform only; may be given again: ${PLATFORMS.map(({ name }) => name).join(', ')}
  --base URL          scheme and host of the links, where a workspace names no public_url (PUBLIC_URL, else http://localhost:8080)
  --greetings         lists the greetings themselves too, by variant number
  --json              the same as JSON
`;

const { values } = readOptions('links', {
  options: {
    help: { type: 'boolean', short: 'h' },
    workspaces: { type: 'string', default: process.env['MESSTRACK_WORKSPACES'] ?? 'examples/workspaces' },
    workspace: { type: 'string' },
    placement: { type: 'string' },
    platform: { type: 'string', multiple: true, default: [] },
    base: { type: 'string', default: process.env['PUBLIC_URL'] ?? 'http://localhost:8080' },
    greetings: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

if (values.help === true) process.stdout.write(HELP);
else process.exitCode = await main();

async function main(): Promise<number> {
  const unknown = values.platform.filter((name) => !PLATFORMS.some((platform) => platform.name === name));
  const base = linkBase(values.base);
  if (unknown.length > 0 || base === undefined) {
    process.stderr.write(base === undefined ? `--base (or PUBLIC_URL) ${BASE_RULE}\n` : `no platform named ${unknown.join(', ')}\n`);
    return 2;
  }
  const warn = (_fields: object, message: string) => process.stderr.write(`${message}\n`);
  let registry: Awaited<ReturnType<typeof openWorkspaces>>;
  try {
    registry = await openWorkspaces({
      dir: values.workspaces,
      env: process.env,
      log: { info: () => {}, warn, error: warn },
      watch: false,
    });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
  const chosen = [...registry.current().values()].filter(({ name }) => values.workspace === undefined || name === values.workspace);
  const links = linksOf(chosen, base).filter(({ placement }) => values.placement === undefined || placement === values.placement);
  await registry.close();
  if (links.length === 0) {
    process.stderr.write('no placement of that name\n');
    return 2;
  }
  const greetings = Object.fromEntries(
    chosen.flatMap(({ name, placements }) =>
      [...placements.values()].map((placement) => [`${name}/${placement.name}`, placement.greetings]),
    ),
  );
  if (values.json) {
    process.stdout.write(
      `${JSON.stringify(values.greetings ? links.map((each) => ({ ...each, texts: textsOf(each) })) : links, null, 2)}\n`,
    );
    return 0;
  }
  process.stdout.write(`${printLinks(links, values.platform)}\n`);
  if (values.greetings) {
    for (const each of links) {
      process.stdout.write(`\n${each.workspace}/${each.placement}\n`);
      for (const [variant, text] of textsOf(each).entries()) process.stdout.write(`  ${String(variant).padStart(3)} ${text}\n`);
    }
  }
  return 0;

  function textsOf({ workspace, placement }: { readonly workspace: string; readonly placement: string }): readonly string[] {
    return greetings[`${workspace}/${placement}`] ?? [];
  }
}
