import { Touchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { BusUnavailableError, type OutRecord, type Producer } from '@messtrack/runtime/bus.ts';
import { describe, expect, it } from 'vitest';
import { announceEpochs, epochRecords } from '../src/epoch-records.ts';
import { parseWorkspace } from '../src/parse.ts';
import type { Workspace, WorkspaceRegistry } from '../src/workspace.ts';

function workspace(more = ''): Workspace {
  const parsed = parseWorkspace(
    `workspace: acme
accounts:
  wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550100", phone_number_id: "12345678", app_secret: "\${S:-s}", verify_token: "\${V:-v}", dedicated_to: sign }
  tg: { channel: telegram, provider: telegram, username: acme_bot, secret_token: "\${T:-t}" }
placements:
  sign: { kind: qr, account: wa, source: { utm_source: outdoor, utm_campaign: metro } }
${more}`,
    { file: 'a', env: {}, readFile: () => '' },
  );
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.workspace;
}

describe('epoch records', () => {
  it('carry the settings the matcher decides by, one per account', () => {
    const one = workspace('matching: { click_window: 7d, returning_window: 60d }');
    const records = epochRecords([one], new Map(), 1_000);
    expect(records.map(({ key, topic, headers }) => ({ key, topic, type: headers['type'] }))).toEqual([
      { key: 'acme/wa', topic: 'touchpoints.v1', type: 'Touchpoint.epoch' },
      { key: 'acme/tg', topic: 'touchpoints.v1', type: 'Touchpoint.epoch' },
    ]);
    const [wa, tg] = records.map(({ value }) => Touchpoint.decode(value));
    expect(wa).toMatchObject({
      eventId: `epoch/acme/wa/${one.revision}/1000`,
      workspace: 'acme',
      account: 'wa',
      eventTimeMs: 1_000,
      observedAtMs: 1_000,
    });
    expect(wa?.kind).toMatchObject({
      $case: 'epoch',
      value: {
        workspaceRevision: one.revision,
        modelVersion: 0,
        settings: {
          clickWindowMs: 7 * 86_400_000,
          returningWindowMs: 60 * 86_400_000,
          channel: 1,
          dedicatedSource: { utmSource: 'outdoor', utmCampaign: 'metro', placement: 'sign' },
        },
      },
    });
    expect(tg?.kind).toMatchObject({ value: { settings: { channel: 2, dedicatedSource: undefined } } });
  });

  it('leave out what is announced already', () => {
    const one = workspace();
    expect(epochRecords([one], new Map([['acme/wa', one.revision]]), 1).map(({ key }) => key)).toEqual(['acme/tg']);
    expect(
      epochRecords(
        [one],
        new Map([
          ['acme/wa', 'older'],
          ['acme/tg', one.revision],
        ]),
        1,
      ).map(({ key }) => key),
    ).toEqual(['acme/wa']);
  });
});

describe('announcing', () => {
  function setUp() {
    let current = new Map([['acme', workspace()]]);
    const listeners: (() => void)[] = [];
    const sent: OutRecord[] = [];
    const state = { isAway: false };
    const registry: WorkspaceRegistry = {
      current: () => current,
      onChange: (listener) => void listeners.push(() => listener(current)),
      close: async () => {},
    };
    const producer: Producer = {
      async send(records) {
        if (state.isAway) throw new BusUnavailableError('away');
        sent.push(...records);
        return [];
      },
      async close() {},
    };
    const silent = { info() {}, warn() {}, error() {} };
    return {
      sent,
      state,
      announce: () => announceEpochs(registry, producer, () => 5, silent),
      reload(next: Workspace) {
        current = new Map([['acme', next]]);
        for (const listener of listeners) listener();
      },
    };
  }

  it('says all at the start and only what changed later', async () => {
    const world = setUp();
    const announcer = await world.announce();
    expect(world.sent).toHaveLength(2);
    world.reload(workspace());
    world.reload(workspace('privacy: { keep_ip: true }'));
    await expect.poll(() => world.sent.length).toBe(4);
    await announcer.close();
  });

  it('rejects at the start when the log is away', async () => {
    const world = setUp();
    world.state.isAway = true;
    await expect(world.announce()).rejects.toBeInstanceOf(BusUnavailableError);
  });

  it('tries a later announcement until it is durable', async () => {
    const world = setUp();
    const announcer = await world.announce();
    world.state.isAway = true;
    world.reload(workspace('privacy: { keep_ip: true }'));
    world.reload(workspace('privacy: { keep_name: true }'));
    world.state.isAway = false;
    await expect.poll(() => world.sent.length).toBe(4);
    const last = Touchpoint.decode(world.sent.at(-1)!.value);
    expect(last.kind?.$case === 'epoch' && last.kind.value.workspaceRevision).toBe(workspace('privacy: { keep_name: true }').revision);
    await announcer.close();
  });
});
