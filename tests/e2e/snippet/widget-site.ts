import type { WriteFirstAnswer, WriteFirstRequest } from '@messtrack/ingest/ports.ts';
import type { Locator, Page } from 'playwright-core';
import type { TestSiteOptions } from './test-site.ts';

/** A workspace whose placements have the dialog in all its forms, and who is written to. */
export function widgetSite(settings = '{ business: "Acme Ltd", privacy_url: "https://acme.example/privacy" }') {
  const asked: WriteFirstRequest[] = [];
  const answer: { next: WriteFirstAnswer } = { next: { kind: 'sent' } };
  const options: TestSiteOptions = {
    workspace: (origin) => `
workspace: acme
origins: ["${origin}"]
snippet: { widget: ${settings} }
accounts:
  sales-wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550100", phone_number_id: "106540352242922", app_secret: "\${A:-a}", verify_token: "\${V:-v}", access_token: "\${T:-t}" }
  support-wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550101", phone_number_id: "106540352242923", app_secret: "\${A:-a}", verify_token: "\${V:-v}" }
  shop-wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550102", phone_number_id: "106540352242924", app_secret: "\${A:-a}", verify_token: "\${V:-v}" }
  sales-tg: { channel: telegram, provider: telegram, username: Acme_Bot, secret_token: "\${S:-s}" }
placements:
  sales:
    kind: site
    account: sales-wa
    greetings: ["Hello! I have a question about the red bike"]
    sendback: { template: welcome, language: en_US }
  support: { kind: site, account: support-wa, greetings: ["I need help"], widget: false }
  shop: { kind: site, account: shop-wa, carrier: [invisible, visible], greetings: ["Здравствуйте! У меня вопрос про красный велосипед"], code_template: "{greeting} (заявка № {code})" }
  bot: { kind: site, account: sales-tg }
`,
    writeFirst: {
      send: async (request) => {
        asked.push(request);
        return answer.next;
      },
    },
  };
  return { options, asked, answer };
}

/** Of the page: the links of the dialog are in it too. */
export const PAGE_LINK = 'body a';

export const dialogOf = (page: Page): Locator => page.getByRole('dialog');

/** Opens the dialog by a tap on the first link. */
export async function openDialog(page: Page, selector = PAGE_LINK): Promise<Locator> {
  await page.click(selector);
  const dialog = dialogOf(page);
  await dialog.waitFor();
  // The animation ends, and a screenshot is of what people read.
  await dialog.evaluate((panel) => Promise.all((panel.getRootNode() as ShadowRoot).getAnimations().map(({ finished }) => finished)));
  return dialog;
}
