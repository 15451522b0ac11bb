import type { Finding } from './finding.ts';

/** Only WhatsApp lets a business write first, and only with credentials: told where the file is read, not when the first person leaves a number. */
export function sendbackFindings(placements: Record<string, unknown>, accounts: Record<string, unknown>): readonly Finding[] {
  return Object.entries(placements).flatMap(([name, value]) => {
    const placement = asRecord(value);
    if (placement?.['sendback'] === undefined || typeof placement['account'] !== 'string') return [];
    const account = asRecord(accounts[placement['account']]);
    if (account === undefined || typeof account['channel'] !== 'string') return [];
    const message =
      account['channel'] !== 'whatsapp'
        ? 'needs an account of WhatsApp: nobody else lets a business write to people who have not written to it'
        : account['provider'] === 'whatsapp' && account['access_token'] === undefined
          ? `needs an account that may send: give ${placement['account']} an access_token`
          : undefined;
    return message === undefined ? [] : [{ path: ['placements', name, 'sendback'], message }];
  });
}

function asRecord(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
}
