import { randomBytes } from 'node:crypto';
import { findCodes } from '@messtrack/tracking-code/codes-in-text.ts';
import { encodeEmoji } from '@messtrack/tracking-code/emoji-alphabet.ts';
import { parseStartCommand } from '@messtrack/tracking-code/start-payload.ts';
import { newCode } from '@messtrack/tracking-code/tracking-code.ts';
import { renderVisible } from '@messtrack/tracking-code/visible.ts';
import type { TelegramAccount } from '@messtrack/workspace/accounts/telegram-account.ts';
import type { WhatsAppAccount } from '@messtrack/workspace/accounts/whatsapp-account.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import { DemoError } from './demo-error.ts';
import type { Person, Step } from './people.ts';
import { telegramStart, type Webhook, whatsAppMessages, whatsAppNumberChange } from './webhooks.ts';

/** What was sent and acknowledged: the ledger that the leads are held against. */
export interface Ledger {
  /** Demo click → its canonical code; the server's click id is found through the code. */
  readonly codes: Map<string, string>;
  /** Codes whose click was acknowledged with 202 or a redirect. */
  readonly acknowledgedClicks: Set<string>;
  /** Message ids whose webhook was acknowledged with 200. */
  readonly acknowledgedMessages: Set<string>;
  requests: number;
  /** Requests that had to be repeated because the instance was away or said 503. */
  repeats: number;
}

export interface PlayOptions {
  readonly url: string;
  readonly workspace: Workspace;
  readonly people: readonly Person[];
  /** People who act at the same time; each person's own steps stay in order. */
  readonly concurrency: number;
  /** How long one request may be repeated while the instance is away. Milliseconds. */
  readonly patienceMs: number;
  /** Every n-th webhook is delivered twice, as platforms do. 0: never. */
  readonly redeliverEvery: number;
  readonly onPerson?: (index: number) => void | Promise<void>;
}

interface Link {
  readonly text: string;
  readonly shown: string;
  readonly code: string;
  readonly payload: string;
}

/** Plays all people through the public HTTP surface and returns the ledger. Rejects on an answer that no honest instance gives. */
export async function play(options: PlayOptions): Promise<Ledger> {
  const ledger: Ledger = { codes: new Map(), acknowledgedClicks: new Set(), acknowledgedMessages: new Set(), requests: 0, repeats: 0 };
  let next = 0;
  const worker = async (): Promise<void> => {
    for (;;) {
      const index = next++;
      const someone = options.people[index];
      if (someone === undefined) return;
      await options.onPerson?.(index);
      const links = new Map<string, Link>();
      for (const step of someone.steps) await act(step, links, options, ledger);
    }
  };
  await Promise.all(Array.from({ length: options.concurrency }, worker));
  return ledger;
}

/** What every browser sends with every request; without them a person looks like a script. */
const BROWSER = { 'accept-language': 'en-US,en;q=0.8', 'accept-encoding': 'gzip, deflate, br' };

async function act(step: Step, links: Map<string, Link>, options: PlayOptions, ledger: Ledger): Promise<void> {
  switch (step.do) {
    case 'redirect': {
      const query = new URLSearchParams(step.query);
      const answer = await send(options, ledger, `/t/${options.workspace.name}/${step.placement}?${query}`, {
        headers: { ...BROWSER, accept: 'text/html,*/*;q=0.8', 'user-agent': step.userAgent, referer: 'https://www.google.com/' },
        redirect: 'manual',
      });
      const location = answer.headers.get('location');
      if (answer.status !== 302 || location === null)
        throw new DemoError(`redirect ${step.placement} answered ${answer.status} without a location`);
      remember(step.click, linkOf(location), links, ledger, true);
      return;
    }
    case 'prepare':
      remember(step.click, preparedLink(step.placement, options.workspace), links, ledger, false);
      return;
    case 'beacon': {
      const link = links.get(step.click) ?? preparedLink(step.placement, options.workspace);
      const origin = options.workspace.placements.get(step.placement)?.origins[0];
      const answer = await send(options, ledger, '/v1/clicks', {
        method: 'POST',
        headers: {
          ...BROWSER,
          'content-type': 'application/json',
          'user-agent': step.userAgent,
          ...(origin === undefined ? {} : { origin }),
        },
        body: JSON.stringify({
          workspace: options.workspace.name,
          placement: step.placement,
          click_id: step.click,
          code: link.code,
          greeting_variant: 0,
          source: step.source,
          languages: ['en-US'],
        }),
      });
      if (answer.status !== 202) throw new DemoError(`POST /v1/clicks answered ${answer.status}: ${await answer.text()}`);
      remember(step.click, link, links, ledger, true);
      return;
    }
    case 'whatsapp': {
      const account = whatsAppAccount(options.workspace, step.account);
      const link = step.click === undefined ? undefined : links.get(step.click);
      const text = step.words({ text: link?.text ?? '', code: link?.shown ?? '' });
      const content =
        step.as === 'image'
          ? { type: 'image', image: { caption: text, mime_type: 'image/jpeg', sha256: 'TbZxa8bM', id: '1003383421387256' } }
          : step.as === 'edit'
            ? { type: 'edit', edit: { original_message_id: step.editsMessageId, message: { type: 'text', text: { body: text } } } }
            : { type: 'text', text: { body: text } };
      await deliver(options, ledger, 'whatsapp', step.account, step.messageId, () =>
        whatsAppMessages(account.appSecret.reveal(), [
          {
            phoneNumberId: account.phoneNumberId,
            displayPhone: account.phone,
            contact: step.contact,
            messageId: step.messageId,
            timestampS: nowS(),
            content,
            referral: step.referral,
          },
        ]),
      );
      return;
    }
    case 'number_change': {
      const account = whatsAppAccount(options.workspace, step.account);
      await deliver(options, ledger, 'whatsapp', step.account, undefined, () =>
        whatsAppNumberChange(account.appSecret.reveal(), {
          phoneNumberId: account.phoneNumberId,
          displayPhone: account.phone,
          contact: step.contact,
          next: step.next,
          messageId: step.messageId,
          timestampS: nowS(),
        }),
      );
      return;
    }
    case 'telegram': {
      const account = telegramAccount(options.workspace, step.account);
      const link = step.click === undefined ? undefined : links.get(step.click);
      await deliver(options, ledger, 'telegram', step.account, `${step.contact.id}:${step.messageNumber}`, () =>
        telegramStart(account.secretToken?.reveal() ?? '', {
          contact: step.contact,
          updateId: step.messageNumber,
          messageNumber: step.messageNumber,
          timestampS: nowS(),
          text: step.bare || link === undefined ? '/start' : `/start ${link.payload}`,
        }),
      );
      return;
    }
    default:
      return step satisfies never;
  }
}

/** The platform redelivers until it gets a 200; so does the demo. The body is made once: a redelivery is the same bytes. */
async function deliver(
  options: PlayOptions,
  ledger: Ledger,
  provider: string,
  account: string,
  messageId: string | undefined,
  make: () => Webhook,
): Promise<void> {
  const webhook = make();
  const path = `/hooks/${provider}/${options.workspace.name}/${account}`;
  const twice = options.redeliverEvery > 0 && ledger.acknowledgedMessages.size % options.redeliverEvery === options.redeliverEvery - 1;
  for (let time = 0; time < (twice ? 2 : 1); time++) {
    const answer = await send(options, ledger, path, { method: 'POST', headers: webhook.headers, body: new Uint8Array(webhook.body) });
    if (answer.status !== 200) throw new DemoError(`POST ${path} answered ${answer.status}: ${await answer.text()}`);
  }
  if (messageId !== undefined) ledger.acknowledgedMessages.add(messageId);
}

/** Repeats while the instance is away or busy (connection errors, 502, 503, 504, a redirect whose click was not taken), as browsers' beacons and platforms do. */
async function send(options: PlayOptions, ledger: Ledger, path: string, init: RequestInit): Promise<Response> {
  const giveUpAt = performance.now() + options.patienceMs;
  const address = `${options.url}${path.split('?', 1)[0]}`;
  for (;;) {
    ledger.requests++;
    try {
      const answer = await fetch(options.url + path, init);
      const isRecorded = answer.headers.get('messtrack-click') !== 'not-recorded';
      if (isRecorded && ![502, 503, 504].includes(answer.status)) return answer;
      const body = await answer.text();
      if (performance.now() > giveUpAt) {
        const what = isRecorded ? `answered ${answer.status} (${body.slice(0, 200).trim()})` : 'led on without recording the click';
        throw new DemoError(`${address} ${what} for ${options.patienceMs / 1_000} s; /readyz says what it waits for`);
      }
    } catch (cause) {
      if (cause instanceof DemoError) throw cause;
      if (performance.now() > giveUpAt)
        throw new DemoError(`${address} has not answered for ${options.patienceMs / 1_000} s: ${reasonOf(cause)}`, { cause });
    }
    ledger.repeats++;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Of `fetch`, whose own message says only that it failed. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function remember(click: string, link: Link, links: Map<string, Link>, ledger: Ledger, acknowledged: boolean): void {
  links.set(click, link);
  ledger.codes.set(click, link.code);
  if (acknowledged) ledger.acknowledgedClicks.add(link.code);
}

/** What the messenger would show after following the redirect. */
function linkOf(location: string): Link {
  const url = new URL(location);
  const payload = url.searchParams.get('start');
  if (payload !== null) {
    const code = parseStartCommand(`/start ${payload}`).code?.code;
    if (code === undefined) throw new Error('the redirect to Telegram carries no code');
    return { text: `/start ${payload}`, shown: payload, code, payload };
  }
  const text = url.searchParams.get('text') ?? '';
  const code = findCodes(text).find((found) => found.intact)?.code;
  if (code === undefined) return { text, shown: '', code: '', payload: '' };
  return { text, shown: shownForm(text, code), code, payload: '' };
}

function preparedLink(placementName: string, workspace: Workspace): Link {
  const placement = workspace.placements.get(placementName);
  if (placement === undefined)
    throw new Error(`workspace ${workspace.name} has no placement ${placementName}; the demo needs examples/workspaces/demo.yaml`);
  const code = newCode((n) => randomBytes(n));
  const text = renderVisible(placement.greetings[0] ?? '', code, placement.codeTemplate);
  return { text, shown: shownForm(text, code), code, payload: '' };
}

/** The code as people see it in the text, separators included: letters and digits, or emoji. */
function shownForm(text: string, code: string): string {
  const emoji = encodeEmoji(code);
  return text.includes(emoji) ? emoji : (new RegExp([...code].join('[- ]?'), 'i').exec(text)?.[0] ?? code);
}

function whatsAppAccount(workspace: Workspace, name: string): WhatsAppAccount {
  const account = workspace.accounts.get(name);
  if (account?.provider !== 'whatsapp')
    throw new Error(`workspace ${workspace.name} has no WhatsApp account ${name}; the demo needs examples/workspaces/demo.yaml`);
  return account;
}

function telegramAccount(workspace: Workspace, name: string): TelegramAccount {
  const account = workspace.accounts.get(name);
  if (account?.provider !== 'telegram')
    throw new Error(`workspace ${workspace.name} has no Telegram account ${name}; the demo needs examples/workspaces/demo.yaml`);
  return account;
}

function nowS(): number {
  return Math.floor(Date.now() / 1000);
}
