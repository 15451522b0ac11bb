/** Source: Telegram Bot API, sendMessage; limits from the Bots FAQ, "My bot is hitting limits". */
import type { TelegramAccount } from '@messtrack/workspace/accounts/telegram-account.ts';
import type { Identifier } from '../../domain/inbound.ts';
import { jsonPost, under } from './api-address.ts';
import { NOT_CONFIGURED, type Sender, type SendRules, UNSUPPORTED } from './sender.ts';
import { readTelegramAnswer } from './telegram-answer.ts';

/** A bot writes only to people who have started it, and to them at any time. */
export const TELEGRAM_RULES: SendRules = {
  // 30 messages a second over all chats, one a second to the same chat.
  limits: { account: { intervalMs: 1_000 / 30, burst: 1 }, recipient: { intervalMs: 1_000, burst: 1 } },
  windowMs: undefined,
  needsConsent: false,
  maxTextLength: 4_096,
  hasTemplates: false,
};

/** Chats with people have their ids, which are positive. */
export function telegramIdentifiers(recipient: string): readonly Identifier[] | undefined {
  return /^[1-9]\d{0,18}$/.test(recipient) ? [{ kind: 'tg_user', value: recipient }] : undefined;
}

/** `POST {base}/bot{token}/sendMessage`. */
export function telegramSender(base: URL): Sender<TelegramAccount> {
  return {
    provider: 'telegram',
    rulesOf: () => TELEGRAM_RULES,
    identifiersOf: telegramIdentifiers,
    canSend: (account) => account.botToken !== undefined,
    async send(account, { recipient, content }, call) {
      const token = account.botToken;
      if (token === undefined) return NOT_CONFIGURED;
      if (content.kind !== 'text') return UNSUPPORTED;
      // The chat as text: a number beyond 53 bits would be another chat.
      const body = { chat_id: recipient, text: content.text };
      return readTelegramAnswer(await call(jsonPost(under(base, `bot${token.reveal()}/sendMessage`), {}, body)));
    },
  };
}
