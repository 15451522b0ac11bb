/**
 * edna Pulse: `POST /api/callback/set` with `subjectId`, `inMessageCallbackUrl` and `statusCallbackUrl`, header `X-API-KEY`. Source: docs-pulse.edna.io, callback settings. Nothing documents how to ask what is
 * set, so it is told at every run and never asked.
 */
import type { EdnaAccount } from '@messtrack/workspace/accounts/edna-account.ts';
import { jsonPost, under } from '../senders/api-address.ts';
import { doneOf, type WebhookSetup, withToken } from './webhook-setup.ts';

export const ednaWebhooks: WebhookSetup<EdnaAccount> = {
  provider: 'edna',
  check: 'webhook',
  needs: ['api_key'],
  canAsk: (account) => account.apiKey !== undefined,
  addressOf: (account, url) => withToken(url, account.webhookToken.reveal()),
  async put(account, url, _hook, { call, urls }) {
    const body = { subjectId: Number(account.subjectId), inMessageCallbackUrl: url, statusCallbackUrl: url };
    const headers = { 'x-api-key': account.apiKey?.reveal() ?? '' };
    return doneOf(await call(jsonPost(under(urls.edna, 'api/callback/set'), headers, body)));
  },
};
