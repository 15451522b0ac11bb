import { randomBytes } from 'node:crypto';
import { newCode } from '@messtrack/tracking-code/tracking-code.ts';
import type { Message } from 'kafkajs';
import { protobufCodec } from '../../../services/ingest/src/adapters/codec.ts';

/** Records as ingest writes them for the benchmark's redirect. Encoding is the service's work, not a bare producer's: made before the clock starts. */
export function clickMessages(count: number): readonly Message[] {
  return Array.from({ length: count }, () => {
    const now = Date.now();
    const record = protobufCodec.click(
      {
        workspace: 'demo',
        account: 'sales-wa',
        placement: 'ad-redirect',
        clickId: randomBytes(16).toString('base64url'),
        code: newCode(randomBytes),
        carriers: ['visible'],
        greetingVariant: 1,
        visitId: '',
        visitorId: '',
        source: {
          utmSource: 'google',
          utmMedium: 'cpc',
          utmCampaign: 'spring',
          utmContent: '',
          utmTerm: '',
          referrerHost: 'www.google.com',
          clickIds: { gclid: 'EAIaIQobChMI123' },
        },
        visitor: {
          ip: '127.0.0.1',
          place: { country: '', region: '', city: '' },
          device: 'ios',
          isInApp: false,
          userAgent:
            'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
          languages: ['de-DE', 'de', 'en'],
          bot: undefined,
          network: 'unknown',
        },
        botScore: { score: 0, signs: [] },
        own: undefined,
        keptIp: '',
        origin: 'redirect',
        eventTimeMs: now,
        observedAtMs: now,
      },
      now,
      undefined,
    );
    return { key: record.key, value: Buffer.from(record.value), headers: { ...record.headers } };
  });
}
