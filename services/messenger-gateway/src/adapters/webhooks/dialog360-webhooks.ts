/**
 * 360dialog: `GET` and `POST {base}/v1/configs/webhook`, `{url, headers}`, key in `D360-API-KEY`. Sources: docs.360dialog.com, "Webhook URL" of a number. Not verified: that the answer always shows the
 * headers; where it does not, they are told again. Seen in integrations of others: `GET {base}/health_status` with Meta's `health_status.can_send_message` (AVAILABLE, LIMITED, BLOCKED); where it is not there,
 * nothing is said of the number.
 */
import type { Dialog360Account } from '@messtrack/workspace/accounts/dialog360-account.ts';
import { isObject, objectAt, stringAt } from '../json-value.ts';
import { jsonPost, under } from '../senders/api-address.ts';
import { addressed, doneOf, type Hook, readAnswer, type WebhookPorts, type WebhookSetup } from './webhook-setup.ts';

const PATH = 'v1/configs/webhook';
const keyOf = (account: Dialog360Account) => ({ 'd360-api-key': account.apiKey?.reveal() ?? '' });
/** Partners' webhooks are signed: they need no header. */
const headersOf = (account: Dialog360Account): Readonly<Record<string, string>> =>
  account.webhookToken === undefined ? {} : { Authorization: `Bearer ${account.webhookToken.reveal()}` };

export const dialog360Webhooks: WebhookSetup<Dialog360Account> = {
  provider: '360dialog',
  check: 'webhook',
  needs: ['api_key'],
  canAsk: (account) => account.apiKey !== undefined,
  addressOf: (_account, url) => url,
  async look(account, isOurs, ports) {
    const { call, urls } = ports;
    const read = readAnswer(await call({ method: 'GET', url: under(urls.dialog360, PATH), headers: keyOf(account), body: '' }));
    if (read.kind !== 'body') return read;
    const source = isObject(read.body) ? read.body : {};
    const headers = objectAt(source, 'headers');
    const wanted = headersOf(account)['Authorization'];
    const given = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'authorization')?.[1];
    return {
      kind: 'hook',
      hook: {
        ...addressed(stringAt(source, 'url', 2048), isOurs),
        lacks:
          headers !== undefined && wanted !== undefined && given !== wanted ? ['the header Authorization is not the webhook_token'] : [],
        device: await numberState(account, ports),
        isSecretHidden: headers === undefined && wanted !== undefined ? true : undefined,
        source,
      },
    };
  },
  async put(account, url, _hook, { call, urls }) {
    return doneOf(await call(jsonPost(under(urls.dialog360, PATH), keyOf(account), { url, headers: headersOf(account) })));
  },
};

/** A number that may send little still receives. */
async function numberState(account: Dialog360Account, { call, urls }: WebhookPorts): Promise<Hook['device']> {
  const read = readAnswer(await call({ method: 'GET', url: under(urls.dialog360, 'health_status'), headers: keyOf(account), body: '' }));
  const body = read.kind === 'body' && isObject(read.body) ? read.body : {};
  const state = stringAt(objectAt(body, 'health_status'), 'can_send_message', 32);
  return state === '' ? undefined : { isGood: state !== 'BLOCKED', state };
}
