import type { Account } from '@messtrack/workspace/accounts/account-kinds.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import type { Provider } from './provider.ts';
import { ownerOf } from './receivers.ts';
import { isSameSecret } from './signature.ts';
import { readTelegram } from './telegram.ts';

/** Telegram Bot API: the secret given to setWebhook comes back in a header. A bot that is polled has none, and takes no webhook. */
export const telegramProvider: Provider = {
  name: 'telegram',
  isAuthentic: (account, { header }) =>
    account.provider === 'telegram' &&
    account.updates === 'webhook' &&
    account.secretToken !== undefined &&
    isSameSecret(account.secretToken.reveal(), header('x-telegram-bot-api-secret-token')),
  read: (body, account, observedAtMs) => {
    const { username, groups } = account.provider === 'telegram' ? account : { username: '', groups: false };
    return readTelegram(body, { account: account.name, username, groups, observedAtMs });
  },
  route: accountOfConnection,
};

/**
 * The account of a business connection: the one that names it, else the one of this bot that names none, else the bot's own. Never nobody's: a person
 * who connects the bot again gets a new id, and a lead must not wait for the file to follow.
 */
function accountOfConnection(connection: string, workspace: Workspace, bot: Account): Account {
  const named = ownerOf(workspace, 'telegram-business', connection);
  if (named?.provider === 'telegram-business' && named.bot === bot.name) return named;
  for (const account of workspace.accounts.values())
    if (account.provider === 'telegram-business' && account.bot === bot.name && account.connectionId === undefined) return account;
  return bot;
}
