/** What the webhooks of all Meta platforms share: the signature over the body and the handshake (Meta, Graph API webhooks, getting-started). */
import type { MetaApp } from '@messtrack/workspace/accounts/meta-app.ts';
import type { QueryReader, ReceivedRequest, Verification } from './provider.ts';
import { isHubSignature, isSameSecret } from './signature.ts';

/** Right for any app of the account. Every secret is tried, so that the time does not tell which one fitted. */
export function isSignedByApp({ appSecret, otherAppSecrets }: MetaApp, { body, header }: ReceivedRequest): boolean {
  const given = header('x-hub-signature-256');
  let isSigned = isHubSignature(body, appSecret.reveal(), given);
  for (const secret of otherAppSecrets) isSigned = isHubSignature(body, secret.reveal(), given) || isSigned;
  return isSigned;
}

/** The same secrets are the same app, or the same set of apps. They stay in memory, as the accounts' own do. */
export function proofKeyOf({ appSecret, otherAppSecrets }: MetaApp): string {
  return JSON.stringify([appSecret, ...otherAppSecrets].map((secret) => secret.reveal()).sort());
}

/** `hub.mode=subscribe`, our verify token, and a challenge to give back. */
export function answerHandshake(verifyToken: string, query: QueryReader): Verification {
  const challenge = query('hub.challenge');
  const isVerified = isSameSecret(verifyToken, query('hub.verify_token'));
  return isVerified && query('hub.mode') === 'subscribe' && challenge !== undefined && challenge.length <= 256
    ? { status: 200, text: challenge }
    : { status: 403, text: 'verify token missing or wrong\n' };
}
