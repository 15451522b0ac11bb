import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { snippetScript } from '@messtrack/snippet/script.ts';
import { formsFor, placementSettings } from '@messtrack/snippet/workspace-settings.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import { messengerLink } from '../domain/link.ts';

const compress = promisify(gzip);
const TAG_LENGTH = 22;

/** A script ready to be sent. */
export interface SnippetFile {
  readonly plain: Buffer;
  readonly gzipped: Buffer;
  /** Of the text, without quotes; either encoding has it with a mark of its own. */
  readonly tag: string;
}

/** Scripts of workspaces, each made once for as long as its workspace stays as it is. */
export interface SnippetScripts {
  of(workspace: Workspace): Promise<SnippetFile>;
}

export function createSnippetScripts(): SnippetScripts {
  // A reload makes a new object of every workspace: the old one and its script go together.
  const made = new WeakMap<Workspace, Promise<SnippetFile>>();
  return {
    of(workspace) {
      let script = made.get(workspace);
      if (script === undefined) {
        script = makeScript(workspace);
        made.set(workspace, script);
      }
      return script;
    },
  };
}

async function makeScript(workspace: Workspace): Promise<SnippetFile> {
  const placements = [...workspace.placements.values()].flatMap((placement) => {
    if (placement.kind !== 'site') return [];
    const isPool = placement.pool.length > 1;
    return placement.pool.flatMap(({ account: name, weight, isPaused }) => {
      const account = workspace.accounts.get(name);
      if (account === undefined || (isPool && isPaused)) return [];
      return [
        placementSettings(
          placement,
          (linked, code, greeting) => messengerLink(account, linked, code, greeting),
          isPool ? { account: name, weight } : undefined,
        ),
      ];
    });
  });
  const plain = Buffer.from(
    snippetScript({ workspace: workspace.name, store: workspace.snippet.isConsentAssumed, placements, forms: formsFor(placements) }),
  );
  return {
    plain,
    // Made once, sent a million times.
    gzipped: await compress(plain, { level: 9 }),
    tag: createHash('sha256').update(plain).digest('base64url').slice(0, TAG_LENGTH),
  };
}
