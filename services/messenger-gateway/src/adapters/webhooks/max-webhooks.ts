/**
 * MAX: `GET`, `POST` and `DELETE /subscriptions`, token of the bot in `Authorization`. Source: dev.max.ru/docs-api/methods/{GET, POST, DELETE}/subscriptions. A list without `update_types` gets all of them. The
 * secret is never shown. Subscriptions of others are left alone.
 */
import type { MaxAccount } from '@messtrack/workspace/accounts/max-account.ts';
import { isObject, listAt, stringAt } from '../json-value.ts';
import type { CallAnswer } from '../provider-call.ts';
import { jsonPost, under } from '../senders/api-address.ts';
import { type Done, doneOf, missingFrom, readAnswer, type WebhookSetup } from './webhook-setup.ts';

const UPDATES = ['bot_started', 'message_created', 'message_edited', 'message_callback', 'bot_stopped'];
const tokenOf = (account: MaxAccount) => ({ authorization: account.accessToken?.reveal() ?? '' });

/** A refusal may come as a success with `success: false`. */
function readDone(answer: CallAnswer): Done {
  const done = doneOf(answer);
  const body = answer.kind === 'answered' && isObject(answer.body) ? answer.body : {};
  return done.kind === 'done' && body['success'] === false ? { kind: 'failed', code: '', words: stringAt(body, 'message', 200) } : done;
}

export const maxWebhooks: WebhookSetup<MaxAccount> = {
  provider: 'max',
  check: 'webhook',
  needs: ['access_token'],
  canAsk: (account) => account.accessToken !== undefined,
  addressOf: (_account, url) => url,
  async look(account, isOurs, { call, urls }) {
    const read = readAnswer(await call({ method: 'GET', url: under(urls.max, 'subscriptions'), headers: tokenOf(account), body: '' }));
    if (read.kind !== 'body') return read;
    const found = (isObject(read.body) ? (listAt(read.body, 'subscriptions') ?? []) : []).filter(isObject);
    const ours = found.find((each) => isOurs(stringAt(each, 'url', 2048)));
    const types = ours === undefined ? undefined : listAt(ours, 'update_types');
    return {
      kind: 'hook',
      hook: {
        isSet: ours !== undefined,
        at: ours === undefined ? undefined : stringAt(ours, 'url', 2048),
        elsewhere: found.filter((each) => each !== ours).map((each) => stringAt(each, 'url', 2048)),
        lacks: types === undefined || types.length === 0 ? [] : missingFrom(UPDATES, types).map((type) => `update ${type} is missing`),
        isSecretHidden: true,
        source: ours ?? {},
      },
    };
  },
  async put(account, url, _hook, { call, urls }) {
    const body = { url, secret: account.webhookToken.reveal(), update_types: UPDATES };
    return readDone(await call(jsonPost(under(urls.max, 'subscriptions'), tokenOf(account), body)));
  },
  async remove(account, hook, { call, urls }) {
    const path = `subscriptions?url=${encodeURIComponent(hook.at ?? '')}`;
    return readDone(await call({ method: 'DELETE', url: under(urls.max, path), headers: tokenOf(account), body: '' }));
  },
};
