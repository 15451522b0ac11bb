import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Click } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { startBrowser } from '@messtrack/testing/browser.ts';
import { isCode } from '@messtrack/tracking-code/tracking-code.ts';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { type MessengerSite, startMessengerSite } from './messenger-site.ts';
import { startTestSite, type TestPage, type TestSite, type TestSiteOptions } from './test-site.ts';

export const SHOTS = join(import.meta.dirname, '..', '..', 'artifacts', 'snippet');
/** Where a tap ends: the person is there, and so is the address it was opened with. */
export const MESSENGERS = /^https:\/\/(wa\.me|(?:api|web)\.whatsapp\.com|t\.me|m\.me)\//;
export const SALES = 'https://wa.me/14155550100';
export const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1';
export const CONSENT_GIVEN = `<script>(window.messtrack=window.messtrack||[]).push(['consent',true])</script>`;

/** A browser and the site for the tests of a file: one of each, and a context without any history for every test. */
export interface BrowserSite {
  readonly browser: Browser;
  readonly site: TestSite;
  readonly messengers: MessengerSite;
  readonly context: BrowserContext;
  newContext(options?: BrowserContextOptions): Promise<BrowserContext>;
  /** A page of its own for every test, opened and with the script at work. */
  open(content: TestPage, query?: string, within?: BrowserContext): Promise<Page>;
  /** Path of the page that was opened last. */
  path(): string;
  /** The click with this code, once the log has it. */
  registered(code: string): Promise<Click>;
  /** How many clicks the log has once a later one of the same page is in it: nothing still under way is missed. */
  clicksUpTo(page: Page): Promise<number>;
}

export function browserSite(options: TestSiteOptions = {}): BrowserSite {
  let browser: Browser;
  let site: TestSite;
  let messengers: MessengerSite;
  let context: BrowserContext;
  let paths = 0;

  beforeAll(async () => {
    messengers = await startMessengerSite();
    [browser, site] = await Promise.all([startBrowser(messengers.browserArgs), startTestSite(options)]);
    await mkdir(SHOTS, { recursive: true });
  });
  afterAll(async () => {
    await browser?.close();
    await site?.stop();
    await messengers?.stop();
  });
  beforeEach(async () => {
    site.outage = undefined;
    site.isWidgetAway = false;
    context = await newContext();
  });
  afterEach(async () => {
    await context.close();
  });

  const newContext = (wanted: BrowserContextOptions = {}): Promise<BrowserContext> => browser.newContext({ locale: 'de-DE', ...wanted });

  async function registered(code: string): Promise<Click> {
    await expect.poll(async () => (await site.clicks()).some((click) => click.code === code), { interval: 20 }).toBe(true);
    const found = (await site.clicks()).filter((click) => click.code === code);
    expect(found).toHaveLength(1);
    return found[0]!;
  }

  return {
    get browser() {
      return browser;
    },
    get site() {
      return site;
    },
    get messengers() {
      return messengers;
    },
    get context() {
      return context;
    },
    newContext,
    async open(content, query = '', within = context) {
      paths += 1;
      const page = await within.newPage();
      await page.goto(`${site.page(`/p${paths}`, content)}${query}`);
      await installed(page);
      return page;
    },
    path: () => `/p${paths}`,
    registered,
    async clicksUpTo(page) {
      const href = await page.evaluate(() => Reflect.get(window, 'messtrack').link('support'));
      await registered(codeIn(href));
      return (await site.clicks()).length - 1;
    },
  };
}

/** The page has gone to a messenger. Looked for and not waited for: a wait for a navigation ends with an error when another one takes its place. */
export async function arrival(page: Page): Promise<void> {
  await expect.poll(() => page.url(), { interval: 20 }).toMatch(MESSENGERS);
  await page.waitForLoadState();
}

export const installed = (page: Page) => page.waitForFunction(() => 'acme' in (Reflect.get(window, 'messtrack')?.handlers ?? {}));
export const hrefOf = (page: Page, selector = 'a') => page.locator(selector).evaluate((element) => element.getAttribute('href') ?? '');
export const keptBy = (page: Page) => page.evaluate(() => localStorage.getItem('messtrack.acme'));

/** The code a link carries, by its visible form or its payload. */
export function codeIn(href: string): string {
  const url = new URL(href);
  const code =
    url.searchParams
      .get('text')
      ?.match(/([0-9A-Z]{5})-([0-9A-Z]{5})/)
      ?.slice(1)
      .join('') ?? (url.searchParams.get('start') ?? url.searchParams.get('ref') ?? '').slice(0, 10);
  if (!isCode(code)) throw new Error(`no code in ${href}`);
  return code;
}

/** The page's clock goes on without anybody waiting. */
export const later = (page: Page, ms: number) =>
  page.evaluate((by) => {
    const { now } = Date;
    Date.now = () => now() + by;
  }, ms);
