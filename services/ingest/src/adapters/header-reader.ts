import { LRUCache } from 'lru-cache';
import { botByUserAgent } from '../domain/bot.ts';
import { deviceOf } from '../domain/device.ts';
import { isInAppBrowser } from '../domain/in-app.ts';
import { readLanguages } from '../domain/language.ts';
import { hostOf } from '../domain/source.ts';
import type { HeaderReader } from '../ports.ts';

/** A few thousand user agents make up almost all traffic; 4,096 of at most 512 characters are 2 MB. */
const REMEMBERED = 4_096;
/** Of referrers that are remembered: a scheme, the longest host name and a port. */
const MAX_ORIGIN_LENGTH = 268;

/** Reads headers whose parsing costs microseconds once per distinct value. */
export function createHeaderReader(): HeaderReader {
  const agents = new LRUCache<string, ReturnType<HeaderReader['userAgent']>>({ max: REMEMBERED });
  const languages = new LRUCache<string, readonly string[]>({ max: REMEMBERED });
  const hosts = new LRUCache<string, string>({ max: REMEMBERED });
  return {
    userAgent(value) {
      const known = agents.get(value);
      if (known !== undefined) return known;
      const read = { device: deviceOf(value), isInApp: isInAppBrowser(value), bot: botByUserAgent(value) };
      agents.set(value, read);
      return read;
    },
    languages(value) {
      const known = languages.get(value);
      if (known !== undefined) return known;
      const read = readLanguages(value);
      languages.set(value, read);
      return read;
    },
    referrerHost(value) {
      const known = hosts.get(value);
      if (known !== undefined) return known;
      const read = hostOf(value);
      // Other sites send their origin by default, and of those there are few; a whole address comes once.
      if (value.length <= MAX_ORIGIN_LENGTH) hosts.set(value, read);
      return read;
    },
  };
}
