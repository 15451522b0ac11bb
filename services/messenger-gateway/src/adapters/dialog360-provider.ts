/**
 * 360dialog passes webhooks of the Cloud API on as Meta sent them, `referral` and business-scoped ids included, but not Meta's signature. What proves
 * the origin instead is either of two, and both where both are configured:
 *
 * - a header set together with the webhook's address (`POST /v1/configs/webhook`, `headers: {"Authorization": "Bearer …"}`): open to every customer;
 * - `x-360dialog-signature`, HMAC-SHA256 of the body with the platform secret: for partners only.
 *
 * Source: docs.360dialog.com, webhooks and partner/signature-validation. Not verified: the spelling of the signature (hex or base64); both are taken.
 * The older format without "object" of the On-Premises API, which Meta has shut down, is not read.
 */
import type { Account } from '@messtrack/workspace/accounts/account-kinds.ts';
import type { Provider, ReceivedRequest } from './provider.ts';
import { hasSharedToken } from './shared-token.ts';
import { isHmac } from './signature.ts';
import { readWhatsApp } from './whatsapp.ts';

export const dialog360Provider: Provider = {
  name: '360dialog',
  isAuthentic: isAuthentic,
  read: (body, _account, observedAtMs) => readWhatsApp(body, observedAtMs),
};

function isAuthentic(account: Account, request: ReceivedRequest): boolean {
  if (account.provider !== '360dialog') return false;
  const { platformSecret, webhookToken } = account;
  const isSigned =
    platformSecret === undefined || isHmac('sha256', request.body, platformSecret.reveal(), request.header('x-360dialog-signature'));
  const hasToken = webhookToken === undefined || hasSharedToken(request, webhookToken.reveal());
  return isSigned && hasToken && (platformSecret !== undefined || webhookToken !== undefined);
}
