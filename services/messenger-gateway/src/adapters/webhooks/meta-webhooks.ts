/**
 * Meta. Sources: WhatsApp, webhooks/override (28 June 2026: an address per number goes before that of the business account and of the app; `POST /{phone-number-id}` with `webhook_configuration`, which
 * the field `webhook_configuration` of the number shows) and solution-providers/manage-webhooks (`/{waba-id}/subscribed_apps`; a call without parameters takes an override of the business account away, so
 * it is made only where the app is not subscribed). Messenger Platform, webhooks (`POST /{page-id}/subscribed_apps?subscribed_fields=`). Instagram with Instagram login, webhooks (the same under
 * graph.instagram.com). The fields of an app's own webhook, and for Messenger and Instagram its address, are settings of the app that a token of the account does not show: a person sets them.
 */
import type { InstagramAccount } from '@messtrack/workspace/accounts/instagram-account.ts';
import type { MessengerAccount } from '@messtrack/workspace/accounts/messenger-account.ts';
import type { WhatsAppAccount } from '@messtrack/workspace/accounts/whatsapp-account.ts';
import { idAt, isObject, type JsonObject, listAt, objectAt, stringAt } from '../json-value.ts';
import type { CallAnswer } from '../provider-call.ts';
import { jsonPost, under } from '../senders/api-address.ts';
import {
  addressed,
  type Done,
  doneOf,
  type Hook,
  inOrder,
  type Look,
  missingFrom,
  type Read,
  readAnswer,
  type WebhookPorts,
  type WebhookSetup,
} from './webhook-setup.ts';

const PAGE_FIELDS = [
  'messages',
  'messaging_postbacks',
  'messaging_referrals',
  'messaging_optins',
  'message_edits',
  'message_reactions',
  'message_deliveries',
  'message_reads',
];
const INSTAGRAM_FIELDS = ['messages', 'messaging_postbacks', 'messaging_referral', 'message_reactions', 'messaging_seen', 'message_edit'];

/** Error 190 is a token that is not accepted, under whatever status it comes. */
function readGraph(answer: CallAnswer): Read {
  const error = answer.kind === 'answered' && isObject(answer.body) ? objectAt(answer.body, 'error') : undefined;
  return error?.['code'] === 190 ? { kind: 'refused', code: '190' } : readAnswer(answer);
}

function get(base: URL, path: string, token: string, { call }: WebhookPorts): Promise<CallAnswer> {
  return call({ method: 'GET', url: under(base, path), headers: { authorization: `Bearer ${token}` }, body: '' });
}

export const whatsAppWebhooks: WebhookSetup<WhatsAppAccount> = {
  provider: 'whatsapp',
  check: 'webhook',
  needs: ['access_token'],
  canAsk: (account) => account.accessToken !== undefined,
  addressOf: (_account, url) => url,
  async look(account, isOurs, ports): Promise<Look> {
    const token = account.accessToken?.reveal() ?? '';
    const number = encodeURIComponent(account.phoneNumberId);
    const read = readGraph(await get(ports.urls.whatsapp, `${number}?fields=webhook_configuration`, token, ports));
    if (read.kind !== 'body') return read;
    const subscription = account.wabaId === undefined ? undefined : await isSubscribed(account, account.wabaId, token, ports);
    if (subscription !== undefined && typeof subscription !== 'boolean') return subscription;
    const source = isObject(read.body) ? read.body : {};
    const hook = {
      ...addressed(effectiveAddress(source), isOurs),
      lacks: subscription === false ? ['the app is not subscribed to the WhatsApp business account'] : [],
      source: { isSubscribed: subscription !== false },
    };
    return { kind: 'hook', hook };
  },
  put(account, url, hook, ports): Promise<Done> {
    const headers = { authorization: `Bearer ${account.accessToken?.reveal() ?? ''}` };
    const base = ports.urls.whatsapp;
    const steps: (() => Promise<Done>)[] = [];
    if (account.wabaId !== undefined && hook?.source['isSubscribed'] === false)
      steps.push(async () => doneOf(await ports.call(jsonPost(under(base, `${account.wabaId}/subscribed_apps`), headers, {}))));
    if (hook?.isSet !== true) {
      const webhook_configuration = { override_callback_uri: url, verify_token: account.verifyToken.reveal() };
      steps.push(async () => doneOf(await ports.call(jsonPost(under(base, account.phoneNumberId), headers, { webhook_configuration }))));
    }
    return inOrder(steps);
  },
  async remove(account, _hook, ports) {
    const headers = { authorization: `Bearer ${account.accessToken?.reveal() ?? ''}` };
    const body = { webhook_configuration: { override_callback_uri: '' } };
    return doneOf(await ports.call(jsonPost(under(ports.urls.whatsapp, account.phoneNumberId), headers, body)));
  },
  notes: (account, url) => [
    'the app has to subscribe the field messages (App Dashboard, WhatsApp, Configuration), and to be live',
    `automatic_events and news of templates go to the callback of the app, whatever the address of the number: ${new URL('/hooks/whatsapp', url).href}`,
    ...(account.wabaId === undefined ? ['with waba_id in the workspace file it is seen whether the app is subscribed, and put right'] : []),
  ],
};

/** Where messages of a number go: its own address, else that of the business account, else that of the app. */
export function effectiveAddress(node: JsonObject): string {
  const configuration = objectAt(node, 'webhook_configuration');
  return ['phone_number', 'whatsapp_business_account', 'application'].map((key) => stringAt(configuration, key, 2048)).find(Boolean) ?? '';
}

async function isSubscribed(
  account: WhatsAppAccount,
  wabaId: string,
  token: string,
  ports: WebhookPorts,
): Promise<boolean | Exclude<Look, { kind: 'hook' }> | undefined> {
  const read = readGraph(await get(ports.urls.whatsapp, `${wabaId}/subscribed_apps`, token, ports));
  if (read.kind !== 'body') return read;
  const apps = isObject(read.body) ? listAt(read.body, 'data') : undefined;
  return apps?.filter(isObject).some((app) => {
    const id = idAt(objectAt(app, 'whatsapp_business_api_data') ?? app, 'id', 64);
    return account.appId === undefined || id === account.appId;
  });
}

/** Which fields the app of the token gets from a page or an Instagram account: the address itself is a setting of the app. */
function readFields(body: unknown, wanted: readonly string[]): Hook {
  const apps = (isObject(body) ? (listAt(body, 'data') ?? []) : []).filter(isObject);
  const fields = apps.flatMap((app) => listAt(app, 'subscribed_fields') ?? []).map((field) => (isObject(field) ? field['name'] : field));
  const missing = missingFrom(wanted, fields);
  return { isSet: apps.length > 0, elsewhere: [], lacks: missing.map((field) => `field ${field} is not subscribed`), source: {} };
}

async function subscribe(base: URL, id: string, fields: readonly string[], token: string, { call }: WebhookPorts): Promise<Done> {
  const url = under(base, `${encodeURIComponent(id)}/subscribed_apps?subscribed_fields=${fields.join(',')}`);
  return doneOf(await call(jsonPost(url, { authorization: `Bearer ${token}` }, {})));
}

const callbackNote = (where: string, url: string) =>
  `callback and verify token are settings of the app that only a person sees (${where}): the callback is ${url}`;

export const messengerWebhooks: WebhookSetup<MessengerAccount> = {
  provider: 'messenger',
  check: 'subscription',
  needs: ['access_token'],
  canAsk: (account) => account.accessToken !== undefined,
  addressOf: (_account, url) => url,
  async look(account, _isOurs, ports) {
    const answer = await get(ports.urls.messenger, `${account.pageId}/subscribed_apps`, account.accessToken?.reveal() ?? '', ports);
    const read = readGraph(answer);
    return read.kind === 'body' ? { kind: 'hook', hook: readFields(read.body, PAGE_FIELDS) } : read;
  },
  put: (account, _url, _hook, ports) =>
    subscribe(ports.urls.messenger, account.pageId, PAGE_FIELDS, account.accessToken?.reveal() ?? '', ports),
  notes: (_account, url) => [callbackNote('App Dashboard, Messenger, Settings', url)],
};

export const instagramWebhooks: WebhookSetup<InstagramAccount> = {
  provider: 'instagram',
  check: 'subscription',
  // With Facebook login it is the page that is subscribed, and which of its fields Instagram's webhooks need is not documented.
  needs: ['access_token with Instagram login'],
  canAsk: (account) => account.accessToken !== undefined && account.pageId === undefined,
  addressOf: (_account, url) => url,
  async look(account, _isOurs, ports) {
    const answer = await get(ports.urls.instagram, `${account.instagramId}/subscribed_apps`, account.accessToken?.reveal() ?? '', ports);
    const read = readGraph(answer);
    return read.kind === 'body' ? { kind: 'hook', hook: readFields(read.body, INSTAGRAM_FIELDS) } : read;
  },
  put: (account, _url, _hook, ports) =>
    subscribe(ports.urls.instagram, account.instagramId, INSTAGRAM_FIELDS, account.accessToken?.reveal() ?? '', ports),
  notes: (_account, url) => [callbackNote('App Dashboard, Instagram, Webhooks', url)],
};
