import { describe, expect, it } from 'vitest';
import { createAddressReader } from '../src/adapters/address-reader.ts';
import type { PlaceFacts } from '../src/domain/click.ts';

const BERLIN: PlaceFacts = { country: 'DE', region: 'Berlin', city: 'Berlin' };

describe('the address reader', () => {
  it('asks the tables once for an address that keeps coming', () => {
    const asked: string[] = [];
    const lookup = (ip: string) => {
      asked.push(ip);
      return BERLIN;
    };
    const reader = createAddressReader({ lookup }, { kindOf: (ip) => (ip === '203.0.113.7' ? 'mobile' : 'hosting') });
    const answers = ['203.0.113.7', '203.0.113.8', '203.0.113.7'].map((ip) => reader.read(ip));
    expect(answers).toEqual(['mobile', 'hosting', 'mobile'].map((network) => ({ place: BERLIN, network })));
    expect(asked).toEqual(['203.0.113.7', '203.0.113.8']);
  });

  it('waits for a table that is being loaded, and answers at once when it is', async () => {
    let isLoaded = false;
    const reader = createAddressReader(
      { lookup: () => BERLIN },
      { kindOf: () => (isLoaded ? 'fixed' : Promise.resolve('fixed' as const)) },
    );
    const first = reader.read('2001:db8::1');
    expect(first).toBeInstanceOf(Promise);
    expect(await first).toEqual({ place: BERLIN, network: 'fixed' });
    isLoaded = true;
    expect(reader.read('2001:db8::1')).toEqual({ place: BERLIN, network: 'fixed' });
  });

  it('forgets the address it has not seen for the longest, not the answers', () => {
    let asked = 0;
    const lookup = () => {
      asked += 1;
      return BERLIN;
    };
    const reader = createAddressReader({ lookup }, { kindOf: () => 'unknown' });
    for (let i = 0; i <= 10_000; i += 1) reader.read(`2001:db8::${i}`);
    expect(asked).toBe(10_001);
    reader.read('2001:db8::10000');
    expect(asked).toBe(10_001);
    reader.read('2001:db8::0');
    expect(asked).toBe(10_002);
  });
});
