/**
 * Twilio: `GET /v2/Channels/Senders?Channel=whatsapp` and `POST /v2/Channels/Senders/{Sid}` of messaging.twilio.com, basic authentication. Source: twilio.com/docs/whatsapp/api/senders (public beta:
 * `sender_id`, `status`, `webhook {callback_url, callback_method, status_callback_url, status_callback_method}`) and …/docs/usage/webhooks/webhooks-connection-overrides (`#rc=…&rp=…`: a webhook that fails
 * is sent again). Not verified: that a fragment is kept in the address of a sender; without it Twilio sends a failed webhook once.
 */
import type { TwilioAccount } from '@messtrack/workspace/accounts/twilio-account.ts';
import { isObject, type JsonObject, listAt, objectAt, stringAt } from '../json-value.ts';
import { jsonPost, under } from '../senders/api-address.ts';
import { addressed, doneOf, readAnswer, type WebhookSetup } from './webhook-setup.ts';

const RETRIES = '#rc=5&rp=all';

/** The senders live at another host of the same region. */
function messagingUrl(api: URL): URL {
  const url = new URL(api);
  url.hostname = url.hostname.replace(/^api\./, 'messaging.');
  return url;
}

function authorization(account: TwilioAccount) {
  const pair = `${account.accountSid ?? ''}:${account.authToken.reveal()}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

function senderOf(body: unknown, phone: string): JsonObject | undefined {
  const senders = isObject(body) ? (listAt(body, 'senders') ?? []) : [];
  return senders.filter(isObject).find((sender) => stringAt(sender, 'sender_id', 64) === `whatsapp:${phone}`);
}

export const twilioWebhooks: WebhookSetup<TwilioAccount> = {
  provider: 'twilio',
  check: 'webhook',
  needs: ['account_sid'],
  canAsk: (account) => account.accountSid !== undefined,
  addressOf: (_account, url) => url + RETRIES,
  async look(account, isOurs, { call, urls }) {
    const url = under(messagingUrl(urls.twilio), 'v2/Channels/Senders?Channel=whatsapp&PageSize=1000');
    const read = readAnswer(await call({ method: 'GET', url, headers: authorization(account), body: '' }));
    if (read.kind !== 'body') return read;
    const sender = senderOf(read.body, account.phone);
    if (sender === undefined) return { kind: 'unclear', code: '', words: 'the account of Twilio has no WhatsApp sender of this number' };
    const webhook = objectAt(sender, 'webhook') ?? {};
    const status = stringAt(sender, 'status', 64);
    const callback = stringAt(webhook, 'callback_url', 2048);
    const lacks = [];
    if (stringAt(webhook, 'status_callback_url', 2048) !== callback) lacks.push('statuses go elsewhere');
    if (stringAt(webhook, 'callback_method', 8) === 'GET') lacks.push('the method is GET');
    return {
      kind: 'hook',
      hook: {
        ...addressed(callback, isOurs),
        lacks,
        device: status === '' ? undefined : { isGood: status.startsWith('ONLINE'), state: status },
        source: sender,
      },
    };
  },
  async put(account, url, hook, { call, urls }) {
    const path = `v2/Channels/Senders/${encodeURIComponent(stringAt(hook?.source, 'sid', 64))}`;
    const webhook = { callback_url: url, callback_method: 'POST', status_callback_url: url, status_callback_method: 'POST' };
    return doneOf(await call(jsonPost(under(messagingUrl(urls.twilio), path), authorization(account), { webhook })));
  },
};
