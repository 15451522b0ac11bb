/** What every account on a Meta platform (WhatsApp Cloud API, Messenger, Instagram) says of the apps that send its webhooks. */
import { type Secret, sealSecret } from '@messtrack/runtime/secret.ts';
import { z } from 'zod';
import { says, secret } from '../schema-text.ts';

export interface MetaApp {
  readonly appSecret: Secret;
  /** Of further apps that are subscribed to the same account, or the next secret while one is being replaced. */
  readonly otherAppSecrets: readonly Secret[];
  readonly verifyToken: Secret;
  readonly accessToken: Secret | undefined;
}

const MAX_OTHER_APPS = 5;

export const metaAppKeys = {
  app_secret: secret('the secret of the Meta app; it signs the webhooks'),
  other_app_secrets: z
    .array(secret('the secret of another Meta app'), { error: says(`a list of references, such as [ \${OTHER_APP_SECRET} ]`) })
    .max(MAX_OTHER_APPS, { error: () => `must be at most ${MAX_OTHER_APPS} secrets: each costs a signature per webhook` })
    .optional()
    .describe('Secrets of further Meta apps subscribed to this account, or the next one while a secret is replaced. Default: none.'),
  verify_token: secret("the token that answers Meta's verification of the webhook"),
  access_token: secret('the token that may send messages').optional(),
} as const;

export const META_SECRET_KEYS: readonly string[] = Object.keys(metaAppKeys);

interface MetaAppFile {
  readonly app_secret: string;
  readonly other_app_secrets?: readonly string[] | undefined;
  readonly verify_token: string;
  readonly access_token?: string | undefined;
}

export function buildMetaApp(file: MetaAppFile): MetaApp {
  return {
    appSecret: sealSecret(file.app_secret),
    otherAppSecrets: (file.other_app_secrets ?? []).map(sealSecret),
    verifyToken: sealSecret(file.verify_token),
    accessToken: file.access_token === undefined ? undefined : sealSecret(file.access_token),
  };
}
