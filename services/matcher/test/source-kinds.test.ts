import { describe, expect, it } from 'vitest';
import { decodeEntry, encodeEntry, fromSourceForm, sourceForm } from '../src/adapters/entry-codec.ts';
import { leadJson } from '../src/adapters/lead-json.ts';
import { SOURCE_KINDS } from '../src/adapters/source-codec.ts';
import { contactKeyOf } from '../src/domain/entries.ts';
import type { Source, SourceKind } from '../src/domain/source.ts';
import { foldLog, newest } from './support/fold-harness.ts';
import { click, correction, epoch, HOUR, log, MINUTE, message, SECOND, sent, source, T0, type Unplaced } from './support/log-builder.ts';

async function leadsOf(...touchpoints: readonly Unplaced[]) {
  return newest((await foldLog(log(...touchpoints))).leads);
}

function from(kind: SourceKind, more: Partial<Source> = {}): Source {
  return source({ placement: 'site-button', kind, ...more });
}

describe('the kind of a lead’s source', () => {
  it('is that of its click where a code decided', async () => {
    const [lead] = await leadsOf(
      click({ id: 'c1', code: 'AAAA', at: T0, source: from('assistant', { referrerHost: 'chatgpt.com' }) }),
      message({ id: 'm1', from: 'ann', at: T0 + MINUTE, codes: ['AAAA'] }),
    );
    expect(lead).toMatchObject({ method: 'exact_id', source: { kind: 'assistant', referrerHost: 'chatgpt.com' } });
    expect(lead!.sourceShares).toMatchObject([{ share: 1, source: { kind: 'assistant' } }]);
    expect(leadJson(lead!)).toMatchObject({ source: { source_kind: 'assistant' }, candidates: [{ source: { source_kind: 'assistant' } }] });
  });

  it('is named when all clicks that may have led there agree on it, and splits the shares when they do not', async () => {
    const clicks = (kinds: readonly SourceKind[]) =>
      kinds.map((kind, index) => click({ id: `c${index}`, at: T0 + index * SECOND, source: from(kind) }));
    const asked = message({ id: 'm1', from: 'ann', at: T0 + MINUTE });
    const [agreed] = await leadsOf(...clicks(['search', 'search', 'search']), asked);
    expect(agreed).toMatchObject({
      method: 'probabilistic',
      resolvedTo: 'placement',
      source: { placement: 'site-button', kind: 'search' },
    });
    expect(agreed!.sourceShares.filter((share) => share.source !== undefined)).toHaveLength(1);

    const [split] = await leadsOf(...clicks(['search', 'ad', 'search']), asked);
    expect(split).toMatchObject({
      method: 'probabilistic',
      resolvedTo: 'placement',
      source: { placement: 'site-button', kind: 'unknown' },
    });
    const parts = new Map(split!.sourceShares.map((share) => [share.source?.kind, share.share]));
    expect([...parts.keys()].sort()).toEqual(['ad', 'search', ...(parts.has(undefined) ? [undefined] : [])]);
    expect(parts.get('search')).toBeGreaterThan(parts.get('ad')!);
    // The kind divides what was the placement's alone and changes nothing about it.
    expect(parts.get('search')! + parts.get('ad')!).toBeCloseTo(agreed!.sourceShares.find((share) => share.source !== undefined)!.share, 9);
    expect(split!.probability).toBe(agreed!.probability);
    expect(leadJson(split!)).toMatchObject({ source: { source_kind: null } });
  });

  it('is an ad for what Meta calls one or gives a click id, unpaid social for a post, and not told for other words', async () => {
    const kinds = [];
    for (const [ctwaClid, sourceType] of [
      ['ARAk', 'post'],
      ['', 'ad'],
      ['', 'post'],
      ['', 'story'],
    ] as const) {
      const [lead] = await leadsOf(message({ id: 'm1', from: 'ann', at: T0, referral: { ctwaClid, sourceId: '120', sourceType } }));
      kinds.push(lead!.source?.kind);
    }
    expect(kinds).toEqual(['ad', 'ad', 'social', 'unknown']);
  });

  it('comes with an answer to what we wrote first, and with the click of a correction', async () => {
    const first = message({ id: 'm2', from: 'bob', at: T0 + 2 * HOUR, replyToMessageId: 'wamid.OUT' });
    const before: readonly Unplaced[] = [
      epoch(T0, { returningWindowMs: HOUR }),
      click({ id: 'c1', at: T0, source: from('direct') }),
      sent(T0 + HOUR, 'wamid.OUT', ['bob'], { clickId: 'c2', clickedAtMs: T0, source: from('social') }),
      first,
    ];
    const [answered] = await leadsOf(...before);
    expect(answered).toMatchObject({ method: 'hidden_id', clickId: 'c2', source: { kind: 'social' } });
    const [corrected] = await leadsOf(...before, correction(T0 + 3 * HOUR, answered!.leadId, { clickId: 'c1' }));
    expect(corrected).toMatchObject({ method: 'correction', clickId: 'c1', source: { kind: 'direct' } });
  });

  it('does not enter the identity by which a person’s next message finds their lead', async () => {
    const answer = (id: string, at: number) => message({ id, from: 'bob', at, replyToMessageId: 'wamid.OUT' });
    const identities = async (kind: SourceKind) => {
      const origin = { clickId: '', clickedAtMs: T0, source: from(kind) };
      const { joins } = await foldLog(
        log(sent(T0, 'wamid.OUT', ['bob'], origin), answer('m1', T0 + MINUTE), message({ id: 'm9', from: 'zoe', at: T0 + 2 * HOUR })),
      );
      const key = contactKeyOf('acme', 'wa', 'bob');
      const [kept] = await joins.read([{ key, before: 1_000 }]);
      const entry = decodeEntry(key, kept!.value);
      return entry.kind === 'contact' ? entry.contact.leads.map(({ identity }) => identity) : [];
    };
    expect(await identities('search')).toEqual([
      'sent/{"utmSource":"","utmMedium":"","utmCampaign":"","utmContent":"","utmTerm":"","referrerHost":"","adId":"","clickIds":[],"placement":"site-button"}',
    ]);
    expect(await identities('search')).toEqual(await identities('unknown'));
  });
});

describe('an entry of the join store', () => {
  it('keeps every kind, and one from before kinds has none', () => {
    for (const kind of SOURCE_KINDS) expect(fromSourceForm(sourceForm(from(kind)))).toEqual(from(kind));
    expect(sourceForm(from('unknown'))).toHaveLength(9);
    const old = new TextEncoder().encode('[1,"click","c1",5,["google","","","","","","","site-button",[]]]');
    expect(decodeEntry('code/acme/wa/AAAA', old)).toEqual({
      kind: 'click',
      click: { clickId: 'c1', clickedAtMs: 5, source: source({ utmSource: 'google', placement: 'site-button' }) },
    });
    const entry = { kind: 'click' as const, click: { clickId: 'c1', clickedAtMs: 5, source: from('ad') } };
    expect(decodeEntry('code/acme/wa/AAAA', encodeEntry(entry))).toEqual(entry);
  });
});
