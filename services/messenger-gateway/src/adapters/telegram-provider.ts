import type { Provider } from './provider.ts';
import { isSameSecret } from './signature.ts';
import { readTelegram } from './telegram.ts';

/** Telegram Bot API: the secret given to setWebhook comes back in a header. */
export const telegramProvider: Provider = {
  name: 'telegram',
  isAuthentic: (account, { header }) =>
    account.provider === 'telegram' && isSameSecret(account.secretToken.reveal(), header('x-telegram-bot-api-secret-token')),
  read: (body, account, observedAtMs) => readTelegram(body, account.name, observedAtMs),
};
