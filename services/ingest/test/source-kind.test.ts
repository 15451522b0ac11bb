import { describe, expect, it } from 'vitest';
import { readReferrerLists } from '../src/adapters/referrer-lists.ts';
import { readQuery } from '../src/domain/query.ts';
import { readSource } from '../src/domain/source.ts';
import { classifySource } from '../src/domain/source-kind.ts';

const lists = readReferrerLists();
const classOf = (query: string, referrer = '') => {
  const { kind, name } = classifySource(readSource(readQuery(`?${query}`), referrer), lists);
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
      // The list of searches has facebook.com, which is where everybody comes from who reads Facebook on a computer.
      'https://www.facebook.com/': 'social Facebook',
      'https://lm.facebook.com/': 'social Facebook',
      'https://vk.ru/': 'social VK',
      'https://away.vk.com/': 'social VK',
      'https://m.ok.ru/': 'social Odnoklassniki',
      'https://dzen.ru/a/x': 'social Dzen',
      'https://br.pinterest.com/': 'social Pinterest',
      'https://www.pinterest.com.mx/': 'social Pinterest',
      'https://pinterest.evil.example/': 'referral pinterest.evil.example',
      'android-app://com.google.android.youtube/': 'social YouTube',
      'https://ya.ru/': 'search Yandex',
      'https://m.search.naver.com/': 'search Naver',
      'https://www.google.com./': 'search Google',
      'https://googleads.g.doubleclick.net/': 'ad Google',
      'https://yabs.yandex.ru/': 'ad Yandex',
      'https://www.deepseek.com/': 'assistant Deepseek',
      'https://edgeservices.bing.com/': 'assistant Copilot',
      'android-app://ai.perplexity.app.android/': 'assistant Perplexity',
      'https://webk.telegram.org/': 'messenger Telegram',
      'https://mail.google.com/': 'email Gmail',
      'https://mail.yandex.com.tr/': 'email Yandex',
      'https://us-mg5.mail.yahoo.com/': 'email Yahoo',
      'https://eur02.safelinks.protection.outlook.com/': 'email Outlook',
      'https://docs.google.com/': 'referral docs.google.com',
      'chrome-extension://abcdefgh/': 'direct',
      'file:///C:/page.html': 'direct',
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
      'epik=dj0y': 'social Pinterest',
      'twclid=1': 'ad Twitter',
      'li_fat_id=1': 'ad LinkedIn',
      'ScCid=1': 'ad Snapchat',
      'dclid=1': 'ad Google',
      'gad_source=1': 'ad Google',
      'utm_source=facebook': 'social Facebook',
      'utm_source=fb': 'social Facebook',
      'utm_source=ig_web_copy_link': 'social Instagram',
      'utm_source=fb&utm_medium=paid_social': 'ad Facebook',
      'utm_source=partner&utm_medium=social-paid': 'ad',
      'utm_source=vk': 'social VK',
      'utm_source=vk_ads': 'ad VK',
      'utm_source=yandex_direct': 'ad Yandex',
      'utm_source=telegram-channel': 'messenger Telegram',
      'utm_source=ok-sale': 'campaign',
      'utm_source=bing-spring': 'campaign',
      'utm_source=perplexity': 'assistant Perplexity',
      'utm_source=email&utm_campaign=spring': 'email',
      'utm_medium=mailing': 'email',
      'utm_medium=organic_social': 'social',
      'utm_medium=whatsapp': 'messenger WhatsApp',
      'utm_source=instagram&utm_medium=organic': 'social Instagram',
      'utm_source=chatgpt.com&utm_medium=organic': 'assistant ChatGPT',
      'utm_source=partner.example&utm_medium=referral': 'referral partner.example',
      'utm_source=instagram&utm_medium=link': 'social Instagram',
      'utm_source=(direct)&utm_medium=(none)': 'direct',
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
