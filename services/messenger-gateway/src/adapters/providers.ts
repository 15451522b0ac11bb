/** What differs between messengers: how a webhook proves where it comes from, how it is read, and which account an element belongs to. */
import type { Account, Workspace } from '@messtrack/workspace/workspace.ts';
import type { Reading } from '../domain/inbound.ts';
import { ownerOfPhoneNumberId } from './receivers.ts';
import { isHubSignature, isSameSecret } from './signature.ts';
import { readTelegram } from './telegram.ts';
import { readWhatsApp } from './whatsapp.ts';

export type ProviderName = 'whatsapp' | 'telegram';

export interface Provider {
  /** Request header that proves the origin, lower case. */
  readonly proofHeader: string;
  isAuthentic(account: Account, body: Uint8Array, proof: string | undefined): boolean;
  read(body: unknown, account: string, observedAtMs: number): readonly Reading[];
  /** The account an element is for; undefined when it is none of the workspace's that accept the same proof. */
  receiverOf(reading: Reading, workspace: Workspace, addressed: Account, isAuthentic: (account: Account) => boolean): Account | undefined;
}

export const PROVIDERS: Readonly<Record<ProviderName, Provider>> = {
  whatsapp: {
    proofHeader: 'x-hub-signature-256',
    isAuthentic: (account, body, proof) => account.provider === 'whatsapp' && isHubSignature(body, account.appSecret.reveal(), proof),
    read: (body, _account, observedAtMs) => readWhatsApp(body, observedAtMs),
    // One app may serve several numbers and knows one callback: the number decides, not the path.
    receiverOf(reading, workspace, addressed, isAuthentic) {
      if (reading.receiver === undefined || (addressed.channel === 'whatsapp' && addressed.phoneNumberId === reading.receiver))
        return addressed;
      const owner = ownerOfPhoneNumberId(workspace, reading.receiver);
      return owner !== undefined && isAuthentic(owner) ? owner : undefined;
    },
  },
  telegram: {
    proofHeader: 'x-telegram-bot-api-secret-token',
    isAuthentic: (account, _body, proof) => account.provider === 'telegram' && isSameSecret(account.secretToken.reveal(), proof),
    read: readTelegram,
    receiverOf: (_reading, _workspace, addressed) => addressed,
  },
};

export function isProviderName(name: string): name is ProviderName {
  return Object.hasOwn(PROVIDERS, name);
}
