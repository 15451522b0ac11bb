import { describe, expect, it } from 'vitest';
import { renderPage } from '../src/domain/lead-page.ts';

const lead = {
  started_at: '2026-11-24 10:00:00',
  account: 'sales-wa',
  method: 'exact_id',
  utm_source: '<script>alert(1)</script>',
  utm_campaign: 'spring & co',
  placement: 'site-button',
  probability: 0.9999,
  state: 'final',
};

describe('the page behind GET /', () => {
  it('shows what visitors wrote into the URL as text, never as markup', () => {
    const page = renderPage({ clicks: 1, messages: 1, leads: 1, methods: [{ method: 'exact_id', leads: 1 }], latest: [lead] }, ['demo']);
    expect(page).not.toContain('<script>');
    expect(page).toContain('&#60;script&#62;alert(1)&#60;/script&#62; / spring &#38; co');
    expect(page).toContain('100.0 %');
  });

  it('says how to get the first lead when there is none', () => {
    const page = renderPage({ clicks: 0, messages: 0, leads: 0, methods: [], latest: [] }, ['demo']);
    expect(page).toContain('npm run demo');
    expect(page).not.toContain('<table>');
  });

  it('names the placement where no UTM is known', () => {
    const page = renderPage({ clicks: 1, messages: 1, leads: 1, methods: [], latest: [{ ...lead, utm_source: '', utm_campaign: '' }] }, [
      'demo',
    ]);
    expect(page).toContain('<td>site-button</td>');
  });
});
