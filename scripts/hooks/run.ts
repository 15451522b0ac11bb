import { createProviderCall } from '@messtrack/messenger-gateway/adapters/provider-call.ts';
import { TELEGRAM_API_URL, telegramApi } from '@messtrack/messenger-gateway/adapters/telegram-api.ts';
import { webhookSetupOf } from '@messtrack/messenger-gateway/adapters/webhooks/webhook-setups.ts';
import { outboundSettings } from '@messtrack/messenger-gateway/config.ts';
import type { TelegramAccount } from '@messtrack/workspace/accounts/telegram-account.ts';
import { formatProblem, WorkspaceError } from '@messtrack/workspace/problem.ts';
import { openWorkspaces } from '@messtrack/workspace/registry.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import { hookBot, type Report } from './bot-hook.ts';
import { type InviteLinks, inviteLink, readInviteLinks } from './invite-links.ts';
import { HELP, type HookOptions, readHookOptions } from './options.ts';
import { hookProvider } from './provider-hook.ts';

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Takes one line. */
  readonly print: (line: string) => void;
}

/** Providers that try the address before they take it answer late. */
const TIMEOUT_MS = 40_000;
const SILENT = { info() {}, warn() {}, error() {} };

/** The exit code. */
export async function runHooks(args: readonly string[], { env, print }: Surroundings): Promise<0 | 1> {
  const options = readHookOptions(args);
  if (options === 'help') {
    print(HELP);
    return 0;
  }
  if ('problems' in options) {
    for (const problem of options.problems) print(problem);
    return 1;
  }
  const workspaces = await workspacesOf(options, env);
  if ('problems' in workspaces) {
    for (const problem of workspaces.problems) print(problem);
    return 1;
  }
  const links = options.invites === undefined ? {} : await readInviteLinks(options.invites);
  if ('problem' in links && typeof links.problem === 'string') {
    print(links.problem);
    return 1;
  }
  return follow(workspaces.found, links as InviteLinks, options, env, print);
}

async function follow(
  found: readonly Workspace[],
  links: InviteLinks,
  options: HookOptions,
  env: Surroundings['env'],
  print: Surroundings['print'],
): Promise<0 | 1> {
  const { providerUrls, allowsPrivate, privateHosts } = outboundSettings(env);
  const caller = createProviderCall({ timeoutMs: TIMEOUT_MS, allowsPrivate, privateHosts });
  const ports = { call: caller.call, urls: providerUrls };
  let isRight = true;
  let count = 0;
  const report = (name: string, { lines, problems }: Report): void => {
    for (const line of lines) print(`${name}: ${line}`);
    for (const problem of problems) print(`${name}: PROBLEM: ${problem}`);
    isRight &&= problems.length === 0;
  };
  for (const workspace of found)
    for (const account of workspace.accounts.values()) {
      if (options.account !== undefined && account.name !== options.account) continue;
      count++;
      const name = `${workspace.name}/${account.name}`;
      if (account.provider === 'telegram') await followBot(workspace, account, links, options, env, report);
      else report(name, await hookProvider(workspace, account, webhookSetupOf(account), ports, options));
    }
  caller.close();
  if (count > 0) return isRight ? 0 : 1;
  print('there is no account in what was named');
  return 1;
}

async function followBot(
  workspace: Workspace,
  account: TelegramAccount,
  links: InviteLinks,
  options: HookOptions,
  env: Surroundings['env'],
  report: (name: string, report: Report) => void,
): Promise<void> {
  const name = `${workspace.name}/${account.name}`;
  if (account.botToken === undefined) {
    report(name, { lines: [], problems: ['has no bot_token; its webhook can be set by hand alone (docs/providers.md)'] });
    return;
  }
  const api = telegramApi(account.botToken, options.api ?? env['TELEGRAM_API_URL'] ?? TELEGRAM_API_URL);
  report(name, await hookBot(workspace, account, api, options));
  for (const placement of invitesOf(workspace, account))
    report(
      `${workspace.name}/${placement.name}`,
      await inviteLink(workspace, placement, api, links, { path: options.invites, dryRun: options.dryRun }),
    );
}

function invitesOf(workspace: Workspace, account: TelegramAccount) {
  return [...workspace.placements.values()].filter((placement) => placement.invite !== undefined && placement.account === account.name);
}

async function workspacesOf(
  options: HookOptions,
  env: Surroundings['env'],
): Promise<{ readonly found: readonly Workspace[] } | { readonly problems: readonly string[] }> {
  const dir = options.workspaces ?? env['MESSTRACK_WORKSPACES'] ?? 'examples/workspaces';
  try {
    const registry = await openWorkspaces({ dir, env, log: SILENT, watch: false });
    const all = [...registry.current().values()];
    await registry.close();
    const found = all.filter(({ name }) => options.workspace === undefined || name === options.workspace);
    return found.length > 0
      ? { found }
      : { problems: [`there is no workspace ${options.workspace}; there are: ${all.map(({ name }) => name).join(', ')}`] };
  } catch (error) {
    if (!(error instanceof WorkspaceError)) throw error;
    return { problems: error.problems.map(formatProblem) };
  }
}
