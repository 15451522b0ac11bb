import { describe, expect, it } from 'vitest';
import { encodeEntry } from '../../matcher/src/adapters/entry-codec.ts';
import type { Contact } from '../../matcher/src/domain/contact.ts';
import { createLastInbound, readContactEntry } from '../src/adapters/last-inbound.ts';

const HOUR = 3_600_000;
const T0 = 1_790_000_000_000;

function person(key: string, ...lastMessages: readonly number[]): Contact {
  const leads = lastMessages.map((lastMessageAtMs, index) => ({
    leadId: `lead-${index}`,
    startedAtMs: T0 - HOUR,
    lastMessageAtMs,
    firstMessages: [{ id: 'm', timeMs: T0 - HOUR }],
    identity: '',
    decidingMessage: { id: '', timeMs: 0 },
  }));
  const click = { clickId: 'c', clickedAtMs: T0, source: SOURCE };
  return { key, aliases: [key], leads, sent: { atMs: T0, click } };
}

const SOURCE = {
  utmSource: '',
  utmMedium: '',
  utmCampaign: '',
  utmContent: '',
  utmTerm: '',
  referrerHost: '',
  adId: '',
  clickIds: [],
  placement: 'p',
  kind: 'unknown' as const,
};

/** The join store as the matcher writes it. */
function joins(entries: Readonly<Record<string, Uint8Array>>) {
  return {
    read: async (reads: readonly { readonly key: string }[]) =>
      reads.map(({ key }) => (entries[key] ? { value: entries[key], position: 1 } : null)),
  };
}

describe('when people last wrote', () => {
  it('reads what the matcher writes', () => {
    expect(readContactEntry(encodeEntry({ kind: 'contact', contact: person('ann', T0, T0 + 5) }))).toEqual({ lastMessageAtMs: T0 + 5 });
    expect(readContactEntry(encodeEntry({ kind: 'contact', contact: person('ann') }))).toEqual({ lastMessageAtMs: 0 });
    expect(readContactEntry(encodeEntry({ kind: 'alias', canonical: 'ann' }))).toEqual({ canonical: 'ann' });
    expect(readContactEntry(encodeEntry({ kind: 'use', contact: 'ann', leadId: 'l' }))).toBeUndefined();
    for (const other of ['', '{', '[2,"contact"]', '[1,"contact","k",[],7]', 'null'])
      expect(readContactEntry(Buffer.from(other))).toBeUndefined();
  });

  it('is exact for what this process received, and a lower bound for what the store says, by any key of the person', async () => {
    const memory = createLastInbound(
      joins({
        'contact/acme/wa/ann': encodeEntry({ kind: 'contact', contact: person('ann', T0) }),
        'contact/acme/wa/ann-bsuid': encodeEntry({ kind: 'alias', canonical: 'ann' }),
        'contact/acme/wa/never': encodeEntry({ kind: 'contact', contact: person('never') }),
      }),
    );
    expect(await memory.find('acme', 'wa', ['nobody'])).toBeUndefined();
    expect(await memory.find('acme', 'wa', ['never'])).toBeUndefined();
    expect(await memory.find('acme', 'other', ['ann'])).toBeUndefined();
    expect(await memory.find('acme', 'wa', ['ann-bsuid'])).toEqual({ atMs: T0, slackMs: 7 * HOUR });
    memory.note('acme', 'wa', ['ann'], T0 + 2 * HOUR);
    expect(await memory.find('acme', 'wa', ['ann'])).toEqual({ atMs: T0 + 2 * HOUR, slackMs: 5 * HOUR });
    memory.note('acme', 'wa', ['ann', 'bob'], T0 + 9 * HOUR);
    memory.note('acme', 'wa', ['ann'], T0 + HOUR);
    expect(await memory.find('acme', 'wa', ['ann'])).toEqual({ atMs: T0 + 9 * HOUR, slackMs: 0 });
    expect(await createLastInbound(undefined).find('acme', 'wa', ['ann'])).toBeUndefined();
  });

  it('is left to the provider while the store does not answer', async () => {
    const hanging = createLastInbound({ read: () => new Promise(() => {}) });
    hanging.note('acme', 'wa', ['ann'], T0);
    expect(await hanging.find('acme', 'wa', ['ann'])).toEqual({ atMs: T0, slackMs: Number.POSITIVE_INFINITY });
    expect(await hanging.find('acme', 'wa', ['bob'])).toEqual({ atMs: 0, slackMs: Number.POSITIVE_INFINITY });
  });

  it('is waited for once while the store does not answer, and asked again when it has', async () => {
    const first = Promise.withResolvers<void>();
    let asked = 0;
    const slow = createLastInbound({
      read: async () => {
        asked += 1;
        if (asked === 1) await first.promise;
        return [null];
      },
    });
    for (const name of ['ann', 'bob', 'eve']) expect(await slow.find('acme', 'wa', [name])).toMatchObject({ atMs: 0 });
    expect(asked).toBe(1);
    first.resolve();
    await expect.poll(() => slow.find('acme', 'wa', ['bob'])).toBeUndefined();
  });
});
