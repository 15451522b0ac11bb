/**
 * Wazzup24: `GET` and `PATCH /v3/webhooks` (`webhooksUri` of at most 200 characters, `subscriptions`), `GET /v3/channels` (`channelId`, `state`). Sources: wazzup24.com/help/api-en/webhooks,
 * …/working-with-channels. An account of Wazzup has one webhook for all its channels, and it tries the address before it takes it.
 */
import type { WazzupAccount } from '@messtrack/workspace/accounts/wazzup-account.ts';
import { flagAt, isObject, objectAt, stringAt } from '../json-value.ts';
import type { CallAnswer } from '../provider-call.ts';
import { under } from '../senders/api-address.ts';
import { addressed, doneOf, type Hook, readAnswer, type WebhookPorts, type WebhookSetup, withToken } from './webhook-setup.ts';

const MAX_ADDRESS = 200;

function ask(account: WazzupAccount, path: string, { call, urls }: WebhookPorts): Promise<CallAnswer> {
  const headers = { authorization: `Bearer ${account.apiKey?.reveal() ?? ''}` };
  return call({ method: 'GET', url: under(urls.wazzup, path), headers, body: '' });
}

export const wazzupWebhooks: WebhookSetup<WazzupAccount> = {
  provider: 'wazzup',
  check: 'webhook',
  needs: ['api_key'],
  canAsk: (account) => account.apiKey !== undefined,
  addressOf: (account, url) => withToken(url, account.webhookToken.reveal()),
  async look(account, isOurs, ports) {
    const read = readAnswer(await ask(account, 'v3/webhooks', ports));
    if (read.kind !== 'body') return read;
    const source = isObject(read.body) ? read.body : {};
    const hook: Hook = {
      ...addressed(stringAt(source, 'webhooksUri', 2048), isOurs),
      lacks: flagAt(objectAt(source, 'subscriptions'), 'messagesAndStatuses') ? [] : ['messagesAndStatuses is off'],
      source,
    };
    return { kind: 'hook', hook: { ...hook, device: await channelState(account, ports) } };
  },
  async put(account, url, hook, { call, urls }) {
    if (url.length > MAX_ADDRESS) return { kind: 'failed', code: '', words: `Wazzup takes addresses of at most ${MAX_ADDRESS} characters` };
    const headers = { authorization: `Bearer ${account.apiKey?.reveal() ?? ''}`, 'content-type': 'application/json' };
    const subscriptions = { ...objectAt(hook?.source ?? {}, 'subscriptions'), messagesAndStatuses: true };
    const body = JSON.stringify({ webhooksUri: url, subscriptions });
    return doneOf(await call({ method: 'PATCH', url: under(urls.wazzup, 'v3/webhooks'), headers, body }));
  },
};

/** `active` works; all others are words for what is wrong, such as `qr`, `phoneUnavailable`, `notEnoughMoney`. */
async function channelState(account: WazzupAccount, ports: WebhookPorts): Promise<Hook['device']> {
  const read = readAnswer(await ask(account, 'v3/channels', ports));
  if (read.kind !== 'body' || !Array.isArray(read.body)) return undefined;
  const channel = read.body
    .filter(isObject)
    .find((each) => stringAt(each, 'channelId', 64).toLowerCase() === account.channelId.toLowerCase());
  const state = channel === undefined ? 'no such channel' : stringAt(channel, 'state', 64);
  return state === '' || state === 'init' ? undefined : { isGood: state === 'active', state };
}
