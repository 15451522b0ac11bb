import { describe, expect, it } from 'vitest';
import { readReferrerLists } from '../src/adapters/referrer-lists.ts';
import { readSource } from '../src/domain/source.ts';
import { classifySource } from '../src/domain/source-kind.ts';

const lists = readReferrerLists();
const classOf = (query: string, referrer = '') => {
  const { kind, name } = classifySource(readSource(new Map(new URLSearchParams(query)), referrer), lists);
  return name === '' ? kind : `${kind} ${name}`;
};

describe('the kind of a source', () => {
  it('is told by the referrer', () => {
    const kinds: Readonly<Record<string, string>> = {
      '': 'direct',
      'https://www.google.com/': 'search Google',
      'https://www.google.co.uk/': 'search Google',
      'https://yandex.ru/search': 'search Yandex',
      'https://duckduckgo.com/': 'search DuckDuckGo',
      'https://de.search.yahoo.com/': 'search Yahoo!',
      'https://m.facebook.com/': 'social Facebook',
      'https://l.instagram.com/': 'social Instagram',
      'https://www.youtube.com/': 'social YouTube',
      'https://chatgpt.com/': 'assistant ChatGPT',
      'https://www.perplexity.ai/': 'assistant Perplexity',
      'https://gemini.google.com/': 'assistant Gemini',
      'https://web.telegram.org/': 'messenger Telegram',
      'android-app://org.telegram.messenger/': 'messenger Telegram',
      'android-app://com.google.android.googlequicksearchbox/': 'search Google',
      'https://l.wl.co.example/': 'referral l.wl.co.example',
      'https://www.blog.example/post?x=1': 'referral blog.example',
      'https://mail.google.com/': 'referral mail.google.com',
      'https://google.evil.example/': 'referral google.evil.example',
      'https://notfacebook.com/': 'referral notfacebook.com',
    };
    for (const [referrer, kind] of Object.entries(kinds)) expect(classOf('', referrer), referrer).toBe(kind);
  });

  it('is told by ids of ads and by utm_* before the referrer', () => {
    const kinds: Readonly<Record<string, string>> = {
      'gclid=x': 'ad Google',
      'utm_source=newsletter&gclid=x': 'ad Google',
      'yclid=1': 'ad Yandex',
      'utm_source=google&utm_medium=cpc': 'ad Google',
      'utm_source=facebook&utm_medium=paid_social': 'ad Facebook',
      'utm_source=partner&utm_medium=banner': 'ad',
      'utm_source=mailing&utm_medium=E-Mail': 'email',
      'utm_source=instagram&utm_medium=social': 'social Instagram',
      'utm_source=instagram': 'social Instagram',
      'utm_source=google&utm_medium=organic': 'search Google',
      'utm_source=google': 'campaign',
      'utm_source=chatgpt.com': 'assistant ChatGPT',
      'utm_source=telegram': 'messenger Telegram',
      'utm_source=channel&utm_medium=messenger': 'messenger',
      'utm_campaign=spring': 'campaign',
      'fbclid=IwAR': 'social Facebook',
    };
    for (const [query, kind] of Object.entries(kinds)) expect(classOf(query), query).toBe(kind);
    // An ad is an ad wherever it stood, and a tagged link in a search result is still from the search.
    expect(classOf('utm_source=partner&utm_medium=cpc', 'https://www.google.com/')).toBe('ad Google');
    expect(classOf('fbclid=1', 'https://l.instagram.com/')).toBe('social Instagram');
  });

  it('knows the lists whole', () => {
    expect(lists.assistants.size).toBeGreaterThan(20);
    expect(lists.socials.size).toBeGreaterThan(100);
    expect(lists.searches.size).toBeGreaterThan(400);
    expect(lists.searchesAnywhere.get('google')).toBe('Google');
  });
});
