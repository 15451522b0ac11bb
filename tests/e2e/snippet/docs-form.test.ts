import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { browserSite } from './browser-site.ts';
import { widgetSite } from './widget-site.ts';

const { options, asked } = widgetSite();
const at = browserSite(options);

const page = readFileSync(join(import.meta.dirname, '../../../docs/snippet.md'), 'utf8');
const form = [...page.matchAll(/^```html\n([\s\S]*?)^```/gm)].map(([, html = '']) => html).find((html) => html.includes('<form'));

/** What docs/snippet.md gives people to put into their pages, letter for letter but for the placement. */
describe('the form of docs/snippet.md', () => {
  it.each([
    ['sales', 'Look at your phone', ['+1 415 555 0123']],
    // It is not set up to write first.
    ['support', 'Please write to us instead', []],
  ])('says for placement %s: %s', async (placement, words, phones) => {
    expect(form).toContain("placement: 'site-form'");
    asked.length = 0;
    const opened = await at.open({ body: (form ?? '').replace('site-form', placement) });
    await opened.getByLabel('Your number').fill('+1 415 555 0123');
    await opened.getByLabel('Write to me on WhatsApp').check();
    await opened.getByRole('button', { name: 'Write to me' }).click();
    await expect.poll(() => opened.locator('output').textContent()).toBe(words);
    expect(asked.map(({ recipient }) => recipient)).toEqual(phones.map((phone) => phone.replaceAll(' ', '')));
  });
});
