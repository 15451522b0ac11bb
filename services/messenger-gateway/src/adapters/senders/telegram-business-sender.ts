/**
 * Writing as the owner of a Telegram account, over the connection of their bot: sendMessage with `business_connection_id`.
 * Sources: Telegram Bot API 10.1, sendMessage, getBusinessConnection, BusinessBotRights (`can_reply`: "in chats that had incoming messages in the last 24 hours");
 * core.telegram.org/method/messages.sendMessage (BUSINESS_PEER_USAGE_MISSING, BUSINESS_CONNECTION_INVALID). Not documented: whether what is sent over
 * connections counts for the bot's own 30 a second; each account keeps them by itself, and Telegram's 429 rules where they meet.
 */
import type { TelegramAccount } from '@messtrack/workspace/accounts/telegram-account.ts';
import type { TelegramBusinessAccount } from '@messtrack/workspace/accounts/telegram-business-account.ts';
import type { Secret, Workspace } from '@messtrack/workspace/workspace.ts';
import { flagAt, isObject, objectAt } from '../json-value.ts';
import type { ProviderCall } from '../provider-call.ts';
import { jsonPost, under } from './api-address.ts';
import { DAY_WINDOW_MS } from './cloud-api-messages.ts';
import { NOT_CONFIGURED, type Sender, type SendRules, UNSUPPORTED } from './sender.ts';
import { readTelegramAnswer } from './telegram-answer.ts';
import { TELEGRAM_RULES, telegramIdentifiers } from './telegram-sender.ts';

const RULES: SendRules = { ...TELEGRAM_RULES, windowMs: DAY_WINDOW_MS };

/** The owner changes rights by hand and rarely; asked before every message, it would double the calls. Milliseconds. */
const RIGHTS_KEPT_MS = 60_000;

export function telegramBusinessSender(base: URL, clock: () => number): Sender<TelegramBusinessAccount> {
  const known = new Map<string, { readonly atMs: number; readonly mayReply: boolean }>();

  /** False only where Telegram says so: what it does not answer it judges again with the message. */
  async function mayReply(token: Secret, connection: string, call: ProviderCall): Promise<boolean> {
    const nowMs = clock();
    const before = known.get(connection);
    if (before !== undefined && Math.abs(nowMs - before.atMs) < RIGHTS_KEPT_MS) return before.mayReply;
    const url = under(base, `bot${token.reveal()}/getBusinessConnection`);
    const answer = await call(jsonPost(url, {}, { business_connection_id: connection }));
    const result = answer.kind === 'answered' && isObject(answer.body) ? objectAt(answer.body, 'result') : undefined;
    if (result === undefined) return true;
    // Rights since Bot API 9.0; before, the connection itself said it.
    const may = flagAt(result, 'is_enabled') && flagAt(objectAt(result, 'rights') ?? result, 'can_reply');
    known.set(connection, { atMs: nowMs, mayReply: may });
    return may;
  }

  return {
    provider: 'telegram-business',
    rulesOf: () => RULES,
    identifiersOf: telegramIdentifiers,
    canSend: (account, workspace) => account.connectionId !== undefined && tokenOf(account, workspace) !== undefined,
    async send(account, { recipient, content }, call, workspace) {
      const token = tokenOf(account, workspace);
      const connection = account.connectionId;
      if (token === undefined || connection === undefined) return NOT_CONFIGURED;
      if (content.kind !== 'text') return UNSUPPORTED;
      if (!(await mayReply(token, connection, call))) return { kind: 'refused', reason: 'credentials_refused', code: 'can_reply' };
      const body = { business_connection_id: connection, chat_id: recipient, text: content.text };
      const result = readTelegramAnswer(await call(jsonPost(under(base, `bot${token.reveal()}/sendMessage`), {}, body)), connection);
      // The owner has changed something since: ask again before the next.
      if (result.kind === 'refused' && result.reason === 'credentials_refused') known.delete(connection);
      return result;
    },
  };
}

function tokenOf(account: TelegramBusinessAccount, workspace: Workspace): Secret | undefined {
  const bot = workspace.accounts.get(account.bot);
  return bot?.provider === 'telegram' ? (bot as TelegramAccount).botToken : undefined;
}
