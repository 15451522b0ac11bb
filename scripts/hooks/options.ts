import { parseArgs } from 'node:util';

export const HELP = `npm run hooks -- [options]

Tells every provider whose API can be told where the webhooks of the accounts go: the address, the secret that proves them, and the events that are read. What is right is left alone, what is not is
said and put right; what only a person can do is printed as what to do. May be run again at any time, best after every change of the files.

Bots of Telegram with updates: webhook get their webhook, those with updates: polling lose it, because Telegram allows one way. Set by calls as well: WhatsApp (needs access_token, better with waba_id),
Messenger, Instagram, 360dialog, Twilio, Wazzup24, edna, GREEN-API, WAHA, Evolution API, Z-API, VK, MAX. By hand: ChatApp, Gupshup, and whatever lacks its key in the file.

  --url URL           public address of the gateway, https:// (default: public_url of each workspace)
  --workspaces DIR    folder of workspace files (default: MESSTRACK_WORKSPACES or examples/workspaces); their variables must be set
  --workspace NAME    only this workspace
  --account NAME      only this account
  --invites FILE      make the invite links of placements of kind invite that FILE does not hold, and keep their addresses there
  --remove            take the webhooks away, where a call can
  --drop-pending      Telegram alone: let it forget the updates that wait; without it nothing is lost
  --dry-run           say what would be done, and what the providers say now; nothing is changed
  --api URL           Telegram alone: the Bot API (default: TELEGRAM_API_URL or https://api.telegram.org)
  --help

APIs of other providers: WHATSAPP_API_URL and the other variables of docs/operations.md; servers of WAHA and Evolution API in private networks: PRIVATE_API_HOSTS.

Exit code 0 when everything that could be asked is as it should be, 1 when something is not or could not be done.`;

export interface HookOptions {
  /** Undefined: the address each workspace names. */
  readonly url: string | undefined;
  readonly workspaces: string | undefined;
  readonly workspace: string | undefined;
  readonly account: string | undefined;
  readonly invites: string | undefined;
  readonly remove: boolean;
  readonly dropPending: boolean;
  readonly dryRun: boolean;
  readonly api: string | undefined;
}

/** The options, or everything that is wrong with them, a sentence each. */
export function readHookOptions(args: readonly string[]): HookOptions | 'help' | { readonly problems: readonly string[] } {
  let values: ReturnType<typeof parse>;
  try {
    values = parse(args);
  } catch (error) {
    return { problems: [error instanceof Error ? error.message : String(error)] };
  }
  if (values.help === true) return 'help';
  const problems: string[] = [];
  if (values.url !== undefined && !isPublic(values.url))
    problems.push('--url must be scheme and host, such as https://track.acme.example: providers call nothing else than https');
  if (values.api !== undefined && URL.parse(values.api) === null) problems.push('--api must be an address');
  if (values.remove === true && values.url !== undefined) problems.push('--remove needs no --url');
  if (problems.length > 0) return { problems };
  return {
    url: values.url,
    workspaces: values.workspaces,
    workspace: values.workspace,
    account: values.account,
    invites: values.invites,
    remove: values.remove ?? false,
    dropPending: values['drop-pending'] ?? false,
    dryRun: values['dry-run'] ?? false,
    api: values.api,
  };
}

function isPublic(url: string): boolean {
  const parsed = URL.parse(url);
  return parsed !== null && parsed.protocol === 'https:' && parsed.username === '' && parsed.search === '' && parsed.hash === '';
}

function parse(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      url: { type: 'string' },
      workspaces: { type: 'string' },
      workspace: { type: 'string' },
      account: { type: 'string' },
      invites: { type: 'string' },
      remove: { type: 'boolean' },
      'drop-pending': { type: 'boolean' },
      'dry-run': { type: 'boolean' },
      api: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  return values;
}
