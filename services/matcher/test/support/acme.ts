import { sealSecret } from '@messtrack/runtime/secret.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';

export const TOKEN = 'a-token-of-the-workspace';
const HOUR = 3_600_000;

/** The workspace of the accounts in log-ledger.ts, as small as one may be. */
export const ACME: Workspace = {
  name: 'acme',
  revision: '0000000000000000',
  apiTokens: [sealSecret(TOKEN)],
  publicUrl: '',
  accounts: new Map(),
  placements: new Map(),
  privacy: { keepText: false, keepPhone: false, keepName: false, keepIp: false },
  snippet: { isConsentAssumed: false, widget: undefined },
  matching: { clickWindowMs: HOUR, returningWindowMs: HOUR },
  internal: { contacts: { whatsapp: [], telegram: [] }, visitors: [], placements: [], networks: [], parameter: '' },
  destinations: new Map(),
  routing: [],
};
