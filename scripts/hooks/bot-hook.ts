import { isObject, type JsonObject, listAt, stringAt } from '@messtrack/messenger-gateway/adapters/json-value.ts';
import { ALLOWED_UPDATES } from '@messtrack/messenger-gateway/adapters/telegram.ts';
import type { TelegramApi } from '@messtrack/messenger-gateway/adapters/telegram-api.ts';
import type { TelegramAccount } from '@messtrack/workspace/accounts/telegram-account.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import { callBot } from './bot-call.ts';
import type { HookOptions } from './options.ts';

/** What is said of one bot; `problems` are what somebody has to put right. */
export interface Report {
  readonly lines: readonly string[];
  readonly problems: readonly string[];
}

export async function hookBot(workspace: Workspace, account: TelegramAccount, api: TelegramApi, options: HookOptions): Promise<Report> {
  const me = await callBot(api, 'getMe');
  if ('problem' in me) return { lines: [], problems: [me.problem] };
  const info = await callBot(api, 'getWebhookInfo');
  if ('problem' in info) return { lines: [], problems: [info.problem] };
  const now = isObject(info.result) ? info.result : {};
  const problems = botProblems(workspace, account, isObject(me.result) ? me.result : {});
  // Another bot's webhook must not be pointed here because of a token in the wrong place.
  if (problems.length > 0) return { lines: [standing(now)], problems };
  const done =
    options.remove || account.updates === 'polling' ? await unset(now, api, options) : await set(workspace, account, now, api, options);
  return { lines: [...done.lines, standing(now)], problems: done.problems };
}

function botProblems(workspace: Workspace, account: TelegramAccount, me: JsonObject): readonly string[] {
  const problems: string[] = [];
  const username = stringAt(me, 'username', 64);
  if (username.toLowerCase() !== account.username.toLowerCase())
    problems.push(
      `the token is that of @${username}, the file says @${account.username}: links would lead elsewhere than messages come from`,
    );
  if (account.groups && me['can_read_all_group_messages'] === false)
    problems.push(
      'groups: true, but the bot sees only commands in groups: turn its privacy mode off (BotFather, /setprivacy) and add it to the groups again',
    );
  const isConnected = [...workspace.accounts.values()].some((each) => each.provider === 'telegram-business' && each.bot === account.name);
  if (isConnected && me['can_connect_to_business'] === false)
    problems.push('business accounts name this bot, but it cannot be connected: turn on Business Mode (BotFather, Bot Settings)');
  return problems;
}

async function set(
  workspace: Workspace,
  account: TelegramAccount,
  now: JsonObject,
  api: TelegramApi,
  options: HookOptions,
): Promise<Report> {
  const base = options.url ?? workspace.publicUrl;
  if (!base.startsWith('https://'))
    return {
      lines: [],
      problems: ['there is no public address: give --url https://…, or public_url in the workspace file, or updates: polling'],
    };
  const url = `${base.replace(/\/+$/, '')}/hooks/telegram/${workspace.name}/${account.name}`;
  const missing = ALLOWED_UPDATES.filter((kind) => !(listAt(now, 'allowed_updates') ?? []).includes(kind));
  const change =
    stringAt(now, 'url') !== url ? `sends updates to ${url}` : missing.length > 0 ? `sends ${missing.join(', ')} too` : 'keeps its webhook';
  if (options.dryRun) return { lines: [`would be told: ${change}`], problems: [] };
  const answer = await callBot(api, 'setWebhook', {
    url,
    secret_token: account.secretToken?.reveal() ?? '',
    allowed_updates: ALLOWED_UPDATES,
    drop_pending_updates: options.dropPending,
  });
  return 'problem' in answer ? { lines: [], problems: [answer.problem] } : { lines: [change], problems: [] };
}

async function unset(now: JsonObject, api: TelegramApi, options: HookOptions): Promise<Report> {
  if (stringAt(now, 'url') === '') return { lines: ['has no webhook'], problems: [] };
  if (options.dryRun) return { lines: ['would lose its webhook'], problems: [] };
  const answer = await callBot(api, 'deleteWebhook', { drop_pending_updates: options.dropPending });
  return 'problem' in answer ? { lines: [], problems: [answer.problem] } : { lines: ['has no webhook any more'], problems: [] };
}

/** Of a webhook the host alone: a path may be somebody's secret. */
function standing(now: JsonObject): string {
  const url = stringAt(now, 'url', 2048);
  const where = url === '' ? 'no webhook' : `webhook at ${URL.parse(url)?.host ?? 'an address that cannot be read'}`;
  const pending = now['pending_update_count'];
  const error = stringAt(now, 'last_error_message', 200);
  return `before: ${where}, ${typeof pending === 'number' ? pending : 0} updates waiting${error === '' ? '' : `, last error: ${error}`}`;
}
