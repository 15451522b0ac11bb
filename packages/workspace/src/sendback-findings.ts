import type { Finding } from './finding.ts';

/** Only WhatsApp lets a business write first, and only with credentials: told where the file is read, not when the first person leaves a number. */
export function sendbackFindings(placements: Record<string, unknown>, accounts: Record<string, unknown>): readonly Finding[] {
  return Object.entries(placements).flatMap(([name, value]) => {
    const placement = asRecord(value);
    if (placement?.['sendback'] === undefined) return [];
    const messages = accountsOf(placement).flatMap((account) => wrongWith(account, asRecord(accounts[account])) ?? []);
    return [...new Set(messages)].map((message) => ({ path: ['placements', name, 'sendback'], message }));
  });
}

/** Any account of a pool may be the one that writes. */
function accountsOf(placement: Record<string, unknown>): readonly string[] {
  const { pool } = placement;
  const named = Array.isArray(pool) ? pool.map((member: unknown) => asRecord(member)?.['account']) : [placement['account']];
  return named.filter((account) => typeof account === 'string');
}

function wrongWith(name: string, account: Record<string, unknown> | undefined): string | undefined {
  if (typeof account?.['channel'] !== 'string') return undefined;
  if (account['channel'] !== 'whatsapp')
    return 'needs an account of WhatsApp: nobody else lets a business write to people who have not written to it';
  if (account['provider'] === 'whatsapp' && account['access_token'] === undefined)
    return `needs an account that may send: give ${name} an access_token`;
  return undefined;
}

function asRecord(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
}
