import { describe, expect, it } from 'vitest';
import { deviceOfMessageId } from '../src/adapters/whatsapp-device.ts';

describe('the kind of device by the id of a message', () => {
  it.each([
    ['3A554E20ECABF3D45BB2', 'ios'],
    ['3EB0C767D097B7C7C030FA', 'desktop'],
    ['A20DA9C0183A2D35A260F53F5D2B9244', 'android'],
    ['3F0123456789ABCDEF', 'desktop'],
    ['wamid.HBgLMTY1MDU1NTEyMzQVAgASGBQzQTRBNjU5OUFFRTAzODEwMTQ0RgA=', undefined],
    ['m1', undefined],
    ['', undefined],
  ])('%s is %s', (id, device) => {
    expect(deviceOfMessageId(id)).toBe(device);
  });
});
