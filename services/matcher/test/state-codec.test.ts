import { describe, expect, it } from 'vitest';
import { packing } from '../src/adapters/packing.ts';
import { decodeState, encodeState } from '../src/adapters/state-codec.ts';
import { foundClick } from '../src/domain/click-store.ts';
import { emptyState } from '../src/domain/state.ts';
import { foldLog, stateBytes } from './support/fold-harness.ts';
import { click, epoch, HOUR, log, MINUTE, message, source, T0 } from './support/log-builder.ts';

const NO_MODEL = () => undefined;

const touchpoints = log(
  epoch(T0, { channel: 'whatsapp', dedicatedSource: source({ utmSource: 'плакат' }), returningWindowMs: 5 * HOUR }),
  click({ id: 'c1', code: 'AAAA', at: T0 }),
  click({ id: 'c2', code: 'BBBB', at: T0, isBot: true, account: 'tg' }),
  message({ id: 'm1', from: ['ann', 'ann2'], at: T0 + MINUTE, codes: ['AAAA'] }),
  message({ id: 'm2', from: 'bob', at: T0 + MINUTE, codes: ['CCCC'] }),
  message({ id: 'm3', from: 'bob', at: T0 + 2 * MINUTE }),
);

describe('snapshots', () => {
  it('have chunks of the given size, the last one smaller, and the same bytes whatever the size', async () => {
    const { state } = await foldLog(touchpoints);
    const whole = [...encodeState(state, 1_000_000)];
    expect(whole).toHaveLength(1);
    const chunks = [...encodeState(state, 100)];
    expect(chunks.length).toBeGreaterThan(3);
    expect(chunks.slice(0, -1).map((chunk) => chunk.length)).toEqual(new Array(chunks.length - 1).fill(100));
    expect(Buffer.concat(chunks)).toEqual(Buffer.from(whole[0]!));
    // A chunk that kept the writer's buffer would hold all of it.
    for (const chunk of chunks) expect(chunk.buffer.byteLength).toBe(chunk.length);
  });

  it('give back accounts with their settings, clicks, codes that wait, contacts and appointments', async () => {
    const { state } = await foldLog(touchpoints);
    const restored = decodeState(7, stateBytes(state), NO_MODEL)!;
    expect(restored.partition).toBe(7);
    expect([...restored.accounts.keys()]).toEqual([...state.accounts.keys()]);
    for (const [name, account] of state.accounts) {
      const again = restored.accounts.get(name)!;
      expect(again.matching.clicks.codeless).toBe(account.matching.clicks.codeless);
      expect(again.settings).toEqual(account.settings);
      const { clicks, ...rest } = account.matching;
      const { clicks: clicksAgain, ...restAgain } = again.matching;
      expect(restAgain).toEqual({ ...rest, recent: { ...rest.recent, keptUntilMs: 0 }, model: undefined });
      expect([...clicksAgain.byId]).toEqual([...clicks.byId]);
      expect([...clicksAgain.byCode]).toEqual([...clicks.byCode]);
      expect([...clicksAgain.claims]).toEqual([...clicks.claims]);
      expect([...clicksAgain.commits]).toEqual([...clicks.commits]);
      for (const number of clicks.byId.values()) expect(foundClick(clicksAgain, number)).toEqual(foundClick(clicks, number));
      expect(again.pending).toEqual(account.pending);
      expect(again.placements).toEqual(account.placements);
      expect([...again.contacts.packed()]).toEqual([...account.contacts.packed()]);
      expect([...again.open.packed()]).toEqual([...account.open.packed()]);
    }
    expect(restored.due.size).toBe(2);
    expect(restored.due.nextAtMs()).toBe(state.due.nextAtMs());
    expect(restored.accounts.get('acme/wa')?.contacts.get('ann2')).toMatchObject({ key: 'ann' });
  });

  it('are one small chunk when nothing has happened', () => {
    const chunks = [...encodeState(emptyState(0, packing), 4_096)];
    expect(chunks).toHaveLength(1);
    expect(decodeState(0, chunks[0]!, NO_MODEL)?.accounts.size).toBe(0);
  });

  it('say so when they are cut or go on', async () => {
    const bytes = stateBytes((await foldLog(touchpoints)).state);
    for (let length = 0; length < bytes.length; length += 1) expect(() => decodeState(0, bytes.subarray(0, length), NO_MODEL)).toThrow();
    expect(() => decodeState(0, Buffer.concat([bytes, Buffer.of(0)]), NO_MODEL)).toThrow(RangeError);
  });
});
