/**
 * WAHA: `GET` and `PUT {api_url}/api/sessions/{name}`, key in `X-Api-Key`; webhooks are a list in `config`, whose other parts are written back as they were. Sources: waha.devlike.pro/docs/how-to/sessions,
 * …/events (`url`, `events`, `hmac.key`, `customHeaders`). A session starts anew when its configuration is set: so only where something differs.
 */
import type { WahaAccount } from '@messtrack/workspace/accounts/waha-account.ts';
import { isObject, type JsonObject, listAt, objectAt, stringAt } from '../json-value.ts';
import type { CallRequest } from '../provider-call.ts';
import { under } from '../senders/api-address.ts';
import { type Done, doneOf, type Hook, missingFrom, readAnswer, type WebhookPorts, type WebhookSetup } from './webhook-setup.ts';

const EVENTS = ['message', 'message.ack', 'message.edited'];

function request(account: WahaAccount): CallRequest {
  const url = under(new URL(account.apiUrl ?? 'http://invalid'), `api/sessions/${encodeURIComponent(account.receiver ?? 'default')}`);
  return { method: 'GET', url, headers: { 'x-api-key': account.apiKey?.reveal() ?? '' }, body: '', isNamedByWorkspace: true };
}

/** What proves a webhook of this account, in WAHA's words. */
function proofOf(account: WahaAccount): JsonObject {
  if (account.hmacKey !== undefined) return { hmac: { key: account.hmacKey.reveal() } };
  return { customHeaders: [{ name: 'Authorization', value: `Bearer ${account.webhookToken?.reveal() ?? ''}` }] };
}

function lacksOf(webhook: JsonObject, account: WahaAccount): readonly string[] {
  const events = listAt(webhook, 'events') ?? [];
  const lacks = events.includes('*') ? [] : missingFrom(EVENTS, events).map((event) => `event ${event} is missing`);
  if (account.hmacKey !== undefined)
    return stringAt(objectAt(webhook, 'hmac'), 'key', 512) === account.hmacKey.reveal()
      ? lacks
      : [...lacks, 'hmac.key is not the hmac_key'];
  const header = (listAt(webhook, 'customHeaders') ?? [])
    .filter(isObject)
    .find((each) => stringAt(each, 'name', 64).toLowerCase() === 'authorization');
  const token = stringAt(header, 'value', 1024).replace(/^bearer +/i, '');
  return token === account.webhookToken?.reveal() ? lacks : [...lacks, 'the header Authorization is not the webhook_token'];
}

export const wahaWebhooks: WebhookSetup<WahaAccount> = {
  provider: 'waha',
  check: 'webhook',
  needs: ['api_url', 'api_key'],
  canAsk: (account) => account.apiUrl !== undefined && account.apiKey !== undefined,
  addressOf: (_account, url) => url,
  async look(account, isOurs, { call }) {
    const read = readAnswer(await call(request(account)));
    if (read.kind !== 'body') return read;
    const source = isObject(read.body) ? read.body : {};
    const webhooks = webhooksOf(source);
    const ours = webhooks.find((each) => isOurs(stringAt(each, 'url', 2048)));
    const status = stringAt(source, 'status', 64);
    const hook: Hook = {
      isSet: ours !== undefined,
      at: ours === undefined ? undefined : stringAt(ours, 'url', 2048),
      elsewhere: webhooks.filter((each) => each !== ours).map((each) => stringAt(each, 'url', 2048)),
      lacks: ours === undefined ? [] : lacksOf(ours, account),
      device: status === '' || status === 'STARTING' ? undefined : { isGood: status === 'WORKING', state: status },
      source,
    };
    return { kind: 'hook', hook };
  },
  put: (account, url, hook, ports) => set(account, hook, url, [{ url, events: EVENTS, ...proofOf(account) }], ports),
  remove: (account, hook, ports) => set(account, hook, hook.at ?? '', [], ports),
};

function webhooksOf(session: JsonObject): readonly JsonObject[] {
  return (listAt(objectAt(session, 'config') ?? {}, 'webhooks') ?? []).filter(isObject);
}

async function set(
  account: WahaAccount,
  hook: Hook | undefined,
  url: string,
  added: readonly JsonObject[],
  { call }: WebhookPorts,
): Promise<Done> {
  const others = webhooksOf(hook?.source ?? {}).filter((each) => stringAt(each, 'url', 2048) !== url);
  const config = { ...objectAt(hook?.source ?? {}, 'config'), webhooks: [...others, ...added] };
  const asked = request(account);
  const headers = { ...asked.headers, 'content-type': 'application/json' };
  return doneOf(await call({ ...asked, method: 'PUT', headers, body: JSON.stringify({ config }) }));
}
