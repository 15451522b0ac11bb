import type { Done, Hook, IsOurs, WebhookPorts, WebhookSetup } from '@messtrack/messenger-gateway/adapters/webhooks/webhook-setup.ts';
import { SECRET_MASK } from '@messtrack/runtime/secret.ts';
import type { Account } from '@messtrack/workspace/accounts/account-kinds.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import type { Report } from './bot-hook.ts';
import { byHand } from './by-hand.ts';
import type { HookOptions } from './options.ts';

const NOWHERE: Report = {
  lines: [],
  problems: ['there is no public address: give --url https://…, or public_url in the workspace file'],
};

/** Asks the provider of an account where its webhooks go and puts that right; what no call can do is said for a person to do. */
export async function hookProvider(
  workspace: Workspace,
  account: Account,
  setup: WebhookSetup | undefined,
  ports: WebhookPorts,
  options: HookOptions,
): Promise<Report> {
  const base = baseOf(workspace, account, options);
  if (base === undefined && !options.remove) return NOWHERE;
  const plain = hookUrl(base ?? 'https://…', workspace, account);
  if (setup === undefined) return { lines: [`by hand: ${byHand(account, plain)}`], problems: [] };
  if (!setup.canAsk(account))
    return { lines: [`without ${setup.needs.join(' and ')} it is done by hand: ${byHand(account, plain)}`], problems: [] };
  const mask = maskOf(account);
  const url = setup.addressOf(account, plain);
  const isOurs = oursOf(workspace, account, setup, base ?? '', url, options);
  const notes = (options.remove ? [] : (setup.notes?.(account, plain) ?? [])).map((note) => `by hand: ${note}`);
  const failed = (done: Exclude<Done, { kind: 'done' }>) => `${account.provider} refuses${inBrackets(done.code)}${after(mask(done.words))}`;

  if (setup.look === undefined) {
    if (options.remove) return { lines: [], problems: [`its webhook can be taken away by hand alone: ${byHand(account, plain)}`] };
    if (options.dryRun)
      return { lines: [`would be told: sends webhooks to ${plain}`, 'before: the provider does not say', ...notes], problems: [] };
    const done = await setup.put(account, url, undefined, ports);
    return done.kind === 'done'
      ? { lines: [`sends webhooks to ${plain}`, 'before: the provider does not say', ...notes], problems: [] }
      : { lines: notes, problems: [failed(done)] };
  }

  const look = await setup.look(account, isOurs, ports);
  if (look.kind === 'refused') return { lines: notes, problems: [`${account.provider} does not accept the credentials (${look.code})`] };
  if (look.kind === 'unclear')
    return {
      lines: notes,
      problems: [`${account.provider} does not say where its webhooks go${inBrackets(look.code)}${after(mask(look.words))}`],
    };
  const { hook } = look;
  const trouble =
    hook.device?.isGood === false ? [`no message arrives: ${account.provider} says "${hook.device.state}" of the account itself`] : [];
  const lines = [...standing(hook, setup), ...notes];

  if (options.remove) {
    if (!hook.isSet) return { lines: ['has no webhook', ...lines], problems: [] };
    if (setup.remove === undefined) return { lines, problems: [`its webhook can be taken away by hand alone at ${account.provider}`] };
    if (options.dryRun) return { lines: ['would lose its webhook', ...lines], problems: [] };
    const done = await setup.remove(account, hook, ports);
    return done.kind === 'done' ? { lines: ['has no webhook any more', ...lines], problems: [] } : { lines, problems: [failed(done)] };
  }

  const change = changeOf(hook, plain, setup);
  if (options.dryRun) return { lines: [`would be told: ${change ?? 'keeps its webhook'}`, ...lines], problems: trouble };
  if (change === undefined && hook.isSecretHidden === undefined) return { lines: ['keeps its webhook', ...lines], problems: trouble };
  const done = await setup.put(account, url, hook, ports);
  return done.kind === 'done'
    ? { lines: [change ?? 'keeps its webhook, and was told its secret again', ...lines], problems: trouble }
    : { lines, problems: [failed(done), ...trouble] };
}

/** What Twilio signs is the address as its account knows it. */
function baseOf(workspace: Workspace, account: Account, options: HookOptions): string | undefined {
  const base = (account.provider === 'twilio' ? account.publicUrl : undefined) ?? options.url ?? workspace.publicUrl;
  return base.startsWith('https://') ? base.replace(/\/+$/, '') : undefined;
}

function hookUrl(base: string, workspace: Workspace, account: Account): string {
  return `${base}/hooks/${account.provider}/${workspace.name}/${account.name}`;
}

/** Addresses that bring the messages of this account to us: its own, and where one address serves many, those of the others. */
function oursOf(workspace: Workspace, account: Account, setup: WebhookSetup, base: string, url: string, options: HookOptions): IsOurs {
  const known = new Set([url]);
  if (account.provider === 'whatsapp') known.add(`${base}/hooks/whatsapp`);
  if (account.provider === 'twilio') known.add(hookUrl(base, workspace, account));
  if (account.provider === 'wazzup')
    for (const other of workspace.accounts.values())
      if (other.provider === 'wazzup') known.add(setup.addressOf(other, hookUrl(base, workspace, other)));
  // What is taken away is ours by its path: the address before it may be an old one.
  if (options.remove)
    return (found) => URL.parse(found)?.pathname.endsWith(`/hooks/${account.provider}/${workspace.name}/${account.name}`) === true;
  return (found) => known.has(found);
}

function changeOf(hook: Hook, plain: string, setup: WebhookSetup): string | undefined {
  if (!hook.isSet) return setup.check === 'subscription' ? 'subscribes the app' : `sends webhooks to ${plain}`;
  return hook.lacks.length === 0 ? undefined : `puts right: ${hook.lacks.join(', ')}`;
}

/** Of addresses the host alone: a path may be somebody's secret. */
function standing(hook: Hook, setup: WebhookSetup): readonly string[] {
  const hosts = hook.elsewhere.map((url) => URL.parse(url)?.host ?? 'an address that cannot be read');
  const set = setup.check === 'subscription' ? 'the app is subscribed' : 'the webhook is here';
  const unset = setup.check === 'subscription' ? 'the app is not subscribed' : 'no webhook here';
  return [`before: ${hook.isSet ? set : unset}${hosts.length === 0 ? '' : `, one at ${hosts.join(', ')}`}`];
}

function inBrackets(code: string): string {
  return code === '' ? '' : ` (${code})`;
}

function after(words: string): string {
  return words === '' ? '' : `: ${words}`;
}

/** Words of a provider may repeat what it was sent. */
function maskOf(account: Account): (words: string) => string {
  const secrets = Object.values(account).flatMap((value) =>
    isSecret(value) ? [value.reveal()] : Array.isArray(value) ? value.filter(isSecret).map((each) => each.reveal()) : [],
  );
  return (words) =>
    secrets.reduce((text, secret) => text.replaceAll(secret, SECRET_MASK).replaceAll(encodeURIComponent(secret), SECRET_MASK), words);
}

function isSecret(value: unknown): value is { reveal(): string } {
  return typeof value === 'object' && value !== null && 'reveal' in value && typeof value.reveal === 'function';
}
