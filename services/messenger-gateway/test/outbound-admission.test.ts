import { expect, it } from 'vitest';
import { admissionsOf } from '../src/adapters/outbound-admission.ts';
import { DEFAULT_PROVIDER_URLS } from '../src/adapters/senders/provider-urls.ts';
import { createSenders } from '../src/adapters/senders/senders.ts';
import { ask, newBook } from '../src/domain/outbound-book.ts';
import { sendingWorkspace } from './outbound-world.ts';

const T0 = 1_790_000_000_000;

it('people whose turn it is are asked about side by side, because a store that takes a second each would let one message through a second', async () => {
  const workspace = sendingWorkspace();
  const account = workspace.accounts.get('sales-wa')!;
  const sender = createSenders(DEFAULT_PROVIDER_URLS, () => T0)(account)!;
  const book = newBook();
  for (const [index, recipient] of ['+16505550001', '+16505550002', '+16505550003', '+16505550001'].entries())
    ask(book, {
      key: `key-${index}`,
      recipient,
      content: { kind: 'text', text: 'hello' },
      digest: '',
      askedAtMs: T0,
      waitUntilMs: T0 + 60_000,
      isOptedIn: false,
    });
  const all = Promise.withResolvers<void>();
  let asked = 0;
  const admissions = await admissionsOf(
    {
      workspaceOf: () => workspace,
      lastInboundMs: async () => {
        asked += 1;
        if (asked === 3) all.resolve();
        await all.promise;
        return { atMs: T0, slackMs: 0 };
      },
      unclearMs: 1_000,
    },
    { workspace: 'acme', account: 'sales-wa', book },
    { account, sender },
    { limits: sender.rulesOf(account).limits, nowMs: T0, horizonMs: 300 },
  );
  expect([...admissions]).toEqual(['key-0', 'key-1', 'key-2'].map((key) => [key, { kind: 'admitted' }]));
});
