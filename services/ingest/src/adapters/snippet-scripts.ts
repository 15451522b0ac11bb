import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { readableOn } from '@messtrack/snippet/contrast.ts';
import { snippetScript } from '@messtrack/snippet/script.ts';
import { widgetScript } from '@messtrack/snippet/widget-script.ts';
import type { WidgetSettings } from '@messtrack/snippet/widget-settings.ts';
import { formsFor, PAGE_GREETINGS, placementSettings } from '@messtrack/snippet/workspace-settings.ts';
import type { WidgetPolicy, Workspace } from '@messtrack/workspace/workspace.ts';
import { messengerLink } from '../domain/link.ts';
import type { AccountHealth } from '../ports.ts';
import { type MemberState, poolsOf } from './pool-state.ts';

const compress = promisify(gzip);
const TAG_LENGTH = 22;
/** What a page may have to load, with gzip. */
const MAX_BYTES = 5 * 1024;

/** A script ready to be sent. */
export interface SnippetFile {
  readonly plain: Buffer;
  readonly gzipped: Buffer;
  /** Of the text, without quotes; either encoding has it with a mark of its own. */
  readonly tag: string;
}

/** Scripts of workspaces, each made once for as long as its workspace and the state of its pools stay as they are. */
export interface SnippetScripts {
  of(workspace: Workspace, atMs: number): Promise<SnippetFile>;
  /** The dialog of its placements; undefined where none has it. */
  widgetOf(workspace: Workspace): Promise<SnippetFile> | undefined;
}

export function createSnippetScripts(health: Pick<AccountHealth, 'isWell'>): SnippetScripts {
  // A reload makes a new object of every workspace: the old one and its scripts go together.
  const scripts = new WeakMap<Workspace, { readonly state: string; readonly file: Promise<SnippetFile> }>();
  const widgets = new WeakMap<Workspace, Promise<SnippetFile>>();
  return {
    of(workspace, atMs) {
      const pools = poolsOf(workspace, health, atMs);
      const state = JSON.stringify([...pools]);
      let made = scripts.get(workspace);
      if (made?.state !== state) {
        made = { state, file: shortEnough(workspace, pools) };
        scripts.set(workspace, made);
      }
      return made.file;
    },
    widgetOf(workspace) {
      const { widget } = workspace.snippet;
      if (widget === undefined) return undefined;
      let file = widgets.get(workspace);
      if (file === undefined) {
        file = fileOf(widgetScript(widgetSettings(workspace, widget)));
        widgets.set(workspace, file);
      }
      return file;
    },
  };
}

/** With as many greetings as leave it below 5 KB; a workspace whose texts alone are more gets the fewest. */
async function shortEnough(workspace: Workspace, pools: ReadonlyMap<string, readonly MemberState[]>): Promise<SnippetFile> {
  const [most, ...fewer] = PAGE_GREETINGS;
  let file = await fileOf(scriptOf(workspace, pools, most));
  for (const greetings of fewer) {
    if (file.gzipped.length <= MAX_BYTES) break;
    file = await fileOf(scriptOf(workspace, pools, greetings));
  }
  return file;
}

function scriptOf(workspace: Workspace, pools: ReadonlyMap<string, readonly MemberState[]>, greetings: number): string {
  const { name: workspaceName, accounts, snippet } = workspace;
  const placements = [...workspace.placements.values()].flatMap((placement) => {
    if (placement.kind !== 'site') return [];
    const hasWidget = snippet.widget?.placements.includes(placement.name) === true;
    const settings = (accountName: string, member: MemberState | undefined) => {
      const account = accounts.get(accountName);
      if (account === undefined) return [];
      return [
        placementSettings(placement, (linked, code, greeting) => messengerLink(account, linked, code, greeting), {
          member,
          hasWidget,
          greetings,
        }),
      ];
    };
    return pools.get(placement.name)?.flatMap((member) => settings(member.account, member)) ?? settings(placement.account, undefined);
  });
  return snippetScript([workspaceName, placements, formsFor(placements), snippet.isConsentAssumed ? 1 : 0]);
}

function widgetSettings({ placements }: Workspace, widget: WidgetPolicy): WidgetSettings {
  const { business, language, accent, offset, zIndex, privacyUrl } = widget;
  const sendback = widget.placements.filter((name) => placements.get(name)?.sendback !== undefined);
  return { business, language, accent, onAccent: readableOn(accent), offset, zIndex, privacyUrl, sendback };
}

async function fileOf(text: string): Promise<SnippetFile> {
  const plain = Buffer.from(text);
  return {
    plain,
    // Made once, sent a million times.
    gzipped: await compress(plain, { level: 9 }),
    tag: createHash('sha256').update(plain).digest('base64url').slice(0, TAG_LENGTH),
  };
}
