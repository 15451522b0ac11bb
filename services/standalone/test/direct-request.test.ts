import { describe, expect, it } from 'vitest';
import { isDirectLocalRequest } from '../src/domain/direct-request.ts';

const direct = { remoteAddress: '127.0.0.1', host: 'localhost:8080', headerNames: ['host', 'user-agent'] };

describe('who counts as a person at this machine', () => {
  it.each([
    ['IPv4 loopback', direct],
    ['IPv6 loopback', { ...direct, remoteAddress: '::1', host: '[::1]:8080' }],
    ['IPv4 loopback on an IPv6 socket', { ...direct, remoteAddress: '::ffff:127.0.0.1', host: '127.0.0.1:8080' }],
  ])('answers %s', (_, facts) => {
    expect(isDirectLocalRequest(facts)).toBe(true);
  });

  it.each([
    ['another machine', { ...direct, remoteAddress: '192.168.1.7' }],
    ['a reverse proxy on this machine', { ...direct, headerNames: ['host', 'X-Forwarded-For'] }],
    ['a tunnel that keeps the public name', { ...direct, host: 'abc.tunnel.example' }],
    ['a page that rebinds its name to the loopback address', { ...direct, host: 'evil.example:8080' }],
    ['a request without a host', { ...direct, host: '' }],
    ['an address that only looks like loopback', { ...direct, remoteAddress: '10.127.0.1' }],
  ])('refuses %s', (_, facts) => {
    expect(isDirectLocalRequest(facts)).toBe(false);
  });
});
