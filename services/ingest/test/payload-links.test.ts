import { parseStartCommand } from '@messtrack/tracking-code/start-payload.ts';
import { newCode } from '@messtrack/tracking-code/tracking-code.ts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { messengerLink } from '../src/domain/link.ts';

const PLACEMENT = { name: 'page-button', greetings: [], codeTemplate: '{greeting} {code}', carriers: ['start_payload'] } as const;

it.each([
  ['messenger', 'acme.page', 'https://m.me/acme.page', 'ref'],
  ['instagram', 'acme_shop', 'https://ig.me/m/acme_shop', 'ref'],
] as const)(
  'links to %s carry the code in ref, in the alphabet Meta allows, and are read back as they were',
  (channel, username, address, parameter) => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat(255)), (stream) => {
        const code = newCode((n) => Uint8Array.from(stream.take(n)));
        const link = new URL(messengerLink({ channel, username }, PLACEMENT, code, undefined));
        expect(link.origin + link.pathname).toBe(address);
        expect([...link.searchParams.keys()]).toEqual([parameter]);
        const ref = link.searchParams.get(parameter)!;
        expect(ref).toMatch(/^[A-Za-z0-9_=-]{1,64}$/);
        expect(parseStartCommand(`/start ${ref}`).code).toEqual({ code, carrier: 'start_payload', intact: true });
      }),
      { numRuns: 50 },
    );
  },
);
