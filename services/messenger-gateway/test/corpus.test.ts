/**
 * Payloads nobody here wrote, through the real routes with right signatures. What each must become stands in corpus-expected.jsonl, read record by record:
 * exact for records with real values, "answered and accounted for" for those with placeholders.
 * `CORPUS_DIR` names another folder with the same files; `UPDATE_EXPECTED=1` writes the expectations anew, for reading.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Carrier } from '@messtrack/proto/gen/messtrack/v1/source.ts';
import { ContactState_State, MessageKind, MessageStatus_Status, type Touchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { sealSecret } from '@messtrack/runtime/secret.ts';
import type { Account } from '@messtrack/workspace/accounts/account-kinds.ts';
import { contactKey } from '@messtrack/workspace/contact-key.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import { describe, expect, it } from 'vitest';
import { isHubSignature } from '../src/adapters/signature.ts';
import { APP_SECRET, hubSignature, openGateway, TG_SECRET, workspaceOf } from './gateway.ts';
import { meta, providerWorkspace, twilio } from './provider-accounts.ts';

const CORPUS_DIR = process.env['CORPUS_DIR'] ?? fileURLToPath(new URL('../../../tests/corpus', import.meta.url));
const EXPECTED = fileURLToPath(new URL('corpus-expected.jsonl', import.meta.url));

interface CorpusRecord {
  readonly id: string;
  readonly source: string;
  readonly placeholder?: boolean;
  readonly dynamic: boolean;
  readonly payload: unknown;
}

interface Result {
  readonly events: readonly object[];
  readonly deadLetters: readonly string[];
  readonly drops: Readonly<Record<string, number>>;
}

function corpus(file: string): readonly CorpusRecord[] {
  return lines(join(CORPUS_DIR, file)).map((line) => JSON.parse(line) as CorpusRecord);
}

function lines(path: string): readonly string[] {
  return readFileSync(path, 'utf8').split('\n').filter(Boolean);
}

const FILES = [
  { file: 'whatsapp_cloud_api.jsonl', provider: 'whatsapp', count: 108 },
  { file: 'messenger_instagram.jsonl', provider: 'messenger', count: 130 },
  { file: 'telegram_updates.jsonl', provider: 'telegram', count: 142 },
  { file: 'twilio_whatsapp.jsonl', provider: 'twilio', count: 24 },
] as const;
type ProviderName = (typeof FILES)[number]['provider'];

const expected = new Map(
  process.env['UPDATE_EXPECTED'] === undefined
    ? lines(EXPECTED).map((line) => {
        const { id, ...result } = JSON.parse(line) as Result & { id: string };
        return [id, result] as const;
      })
    : [],
);

describe.each(FILES)('$file', ({ file, provider, count }) => {
  const records = corpus(file);

  it('holds the records it is known to hold', () => {
    expect(records.length).toBe(count);
  });

  it.each(records)('$id $source', async (record) => {
    const { status, result } = await run(record, provider);
    expect(status).toBe(200);
    const accounted = result.events.length + result.deadLetters.length + Object.values(result.drops).reduce((sum, each) => sum + each, 0);
    expect(accounted).toBeGreaterThan(0);
    if (record.placeholder === true || record.dynamic) return;
    if (process.env['UPDATE_EXPECTED'] !== undefined) expected.set(record.id, result);
    else expect(result).toEqual(expected.get(record.id));
  });
});

describe('payloads of a Page at the address of a WhatsApp number', () => {
  it('are traffic of another object, each counted and none an error', async () => {
    const gateway = await openGateway();
    const records = corpus('messenger_instagram.jsonl');
    for (const { payload } of records) expect(await gateway.whatsapp(payload)).toBe(200);
    expect(gateway.log.touchpoints()).toEqual([]);
    expect(gateway.log.deadLetters()).toEqual([]);
    expect(await gateway.count('messtrack_gateway_drops_total', 'wrong_object')).toBe(records.length);
    await gateway.app.close();
  });
});

describe('expectations', () => {
  it('cover every record with real values and no other', () => {
    const exact = FILES.flatMap(({ file }) => corpus(file)).filter(({ placeholder, dynamic }) => placeholder !== true && !dynamic);
    expect([...expected.keys()].sort()).toEqual(exact.map(({ id }) => id).sort());
    if (process.env['UPDATE_EXPECTED'] !== undefined)
      writeFileSync(EXPECTED, exact.map(({ id }) => `${JSON.stringify({ id, ...expected.get(id) })}\n`).join(''));
  });
});

describe('signature vectors', () => {
  const vectors = (JSON.parse(readFileSync(join(CORPUS_DIR, 'signature_vectors.json'), 'utf8')) as Vector[]).filter(
    ({ scheme }) => scheme === 'x-hub-signature-256',
  );

  it('are all there', () => {
    expect(vectors.length).toBeGreaterThanOrEqual(8);
  });

  it.each(vectors)('$name', ({ secret, body_b64, header, expect_valid }) => {
    expect(isHubSignature(Buffer.from(body_b64, 'base64'), secret, header)).toBe(expect_valid);
  });

  it('the captured Meta delivery becomes its message through the real route', async () => {
    const vector = vectors.find(({ name }) => name.startsWith('real captured'));
    if (vector === undefined) throw new Error('the captured delivery is missing');
    const gateway = await openGateway([workspaceFor('277321005464405', vector.secret)]);
    const response = await gateway.app.inject({
      method: 'POST',
      url: '/hooks/whatsapp/acme/corpus-wa',
      headers: { 'x-hub-signature-256': vector.header },
      payload: Buffer.from(vector.body_b64, 'base64'),
    });
    expect(response.statusCode).toBe(200);
    expect(gateway.log.touchpoints()).toMatchObject([
      { eventTimeMs: 1_730_231_903_000, kind: { value: { phonePlace: { country: 'IL' }, textLength: 27 } } },
    ]);
    await gateway.app.close();
  });
});

interface Vector {
  readonly scheme: string;
  readonly name: string;
  readonly secret: string;
  readonly body_b64: string;
  readonly header: string;
  readonly expect_valid: boolean;
}

async function run(record: CorpusRecord, provider: ProviderName): Promise<{ status: number; result: Result }> {
  const { workspace, headers, payload, account } = deliveryOf(record, provider);
  const gateway = await openGateway([workspace]);
  const response = await gateway.app.inject({ method: 'POST', url: `/hooks/${provider}/acme/${account}`, headers, payload });
  const drops = await gateway.registry.getSingleMetric('messtrack_gateway_drops_total')?.get();
  const labels = keyLabels(record.payload);
  const result = {
    events: gateway.log.touchpoints().map((touchpoint) => describeTouchpoint(touchpoint, labels)),
    deadLetters: gateway.log.deadLetters().map(({ reason, detail }) => `${reason}: ${detail}`),
    drops: Object.fromEntries((drops?.values ?? []).map(({ labels: { reason }, value }) => [String(reason), value])),
  };
  await gateway.app.close();
  return { status: response.statusCode, result };
}

interface Delivery {
  readonly workspace: Workspace;
  readonly account: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Buffer;
}

/** The payload as its platform would send it, to the account it names. */
function deliveryOf({ payload: body }: CorpusRecord, provider: ProviderName): Delivery {
  const payload = Buffer.from(JSON.stringify(body));
  switch (provider) {
    case 'whatsapp':
      return {
        workspace: workspaceFor(firstPhoneNumberId(body), APP_SECRET),
        account: 'corpus-wa',
        headers: { 'x-hub-signature-256': hubSignature(payload, APP_SECRET) },
        payload,
      };
    case 'telegram':
      return { workspace: workspaceOf(), account: 'sales-tg', headers: { 'x-telegram-bot-api-secret-token': TG_SECRET }, payload };
    case 'messenger': {
      const { entry } = body as { readonly entry?: readonly { readonly id?: string | number }[] };
      return { ...meta('messenger', payload), workspace: receiving('page', String(entry?.[0]?.id ?? '')) };
    }
    case 'twilio': {
      const fields = body as Readonly<Record<string, string>>;
      const isStatus = fields['MessageStatus'] !== undefined;
      const number = fields[isStatus ? 'From' : 'To']?.replace('whatsapp:', '') ?? '';
      return { ...twilio(fields), workspace: receiving('twilio', number) };
    }
  }
}

/** The workspace of all providers, one of whose accounts has the id that a payload names. */
function receiving(name: string, receiver: string): Workspace {
  const workspace = providerWorkspace();
  const account = workspace.accounts.get(name);
  if (account === undefined) throw new Error(`${name} is missing`);
  return { ...workspace, accounts: new Map([...workspace.accounts, [name, { ...account, receiver }]]) };
}

/** The demo workspace with one WhatsApp number more: the one the payload is for. */
function workspaceFor(phoneNumberId: string, appSecret: string): Workspace {
  const workspace = workspaceOf();
  const template = workspace.accounts.get('sales-wa');
  if (template?.provider !== 'whatsapp') throw new Error('sales-wa is missing');
  const accounts = new Map<string, Account>(
    [...workspace.accounts].filter(([, account]) => account.provider !== 'whatsapp' || account.phoneNumberId !== phoneNumberId),
  );
  accounts.set('corpus-wa', { ...template, name: 'corpus-wa', receiver: phoneNumberId, phoneNumberId, appSecret: sealSecret(appSecret) });
  return { ...workspace, accounts };
}

function firstPhoneNumberId(payload: unknown): string {
  return /"phone_number_id":"([^"]+)"/.exec(JSON.stringify(payload))?.[1] ?? '1';
}

/** Contact keys are pseudonyms; in expectations they are written as what they stand for. */
function keyLabels(payload: unknown): ReadonlyMap<string, string> {
  const values = new Set(
    [...JSON.stringify(payload).matchAll(/"([^"\\]{1,64})"|(-?\d{1,16})/g)].map((match) => match[1] ?? match[2] ?? ''),
  );
  const labels = new Map<string, string>();
  for (const value of values) {
    for (const kind of ['bsuid', 'parent_bsuid'] as const) labels.set(contactKey('acme', 'whatsapp', kind, value), `${kind} ${value}`);
    labels.set(contactKey('acme', 'whatsapp', 'wa_id', value), `wa_id ${value.replaceAll(/\D/g, '') || value}`);
    labels.set(contactKey('acme', 'messenger', 'psid', value), `psid ${value}`);
    labels.set(contactKey('acme', 'telegram', 'tg_user', value), `tg_user ${value}`);
  }
  return labels;
}

/** A touchpoint as its reader wants it: defaults left out, enums by name. */
function describeTouchpoint({ eventId, eventTimeMs, account, kind }: Touchpoint, labels: ReadonlyMap<string, string>): object {
  const base = { eventId, eventTime: new Date(eventTimeMs).toISOString(), account };
  const named = (keys: readonly string[]) => keys.map((key) => labels.get(key) ?? `unknown key ${key}`);
  if (kind?.$case === 'contactChange') {
    const { previousKeys, keys, reason, platformUserId } = kind.value;
    return { ...base, change: reason, previous: named(previousKeys), current: named(keys), ...given({ platformUserId }) };
  }
  if (kind?.$case === 'messageStatus') {
    const { messageId, status, contact, channel: _, ...rest } = kind.value;
    return {
      ...base,
      messageId,
      status: nameOf(MessageStatus_Status, status, 'STATUS_'),
      ...given({ recipient: named(contact?.keys ?? []), platformUserId: contact?.platformUserId, ...rest }),
    };
  }
  if (kind?.$case === 'contactState') {
    const { state, contact, channel: _, ...rest } = kind.value;
    return { ...base, state: nameOf(ContactState_State, state, 'STATE_'), contact: named(contact?.keys ?? []), ...given(rest) };
  }
  if (kind?.$case !== 'message') throw new Error(`unexpected touchpoint ${kind?.$case}`);
  const { messageId, contact, kind: messageKind, codes, referral, phonePlace, channel: _, ...rest } = kind.value;
  return {
    ...base,
    messageId,
    kind: nameOf(MessageKind, messageKind, 'MESSAGE_KIND_'),
    contact: named(contact?.keys ?? []),
    ...given({
      platformUserId: contact?.platformUserId,
      phone: contact?.phone,
      name: contact?.name,
      country: phonePlace?.country,
      referral,
      codes: codes.map(({ code, carrier, intact }) => `${code} ${nameOf(Carrier, carrier, 'CARRIER_')} ${intact ? 'intact' : 'damaged'}`),
      ...rest,
    }),
  };
}

function given(fields: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) => value !== undefined && value !== '' && value !== 0 && value !== false && !(Array.isArray(value) && value.length === 0),
    ),
  );
}

function nameOf(names: Readonly<Record<string, unknown>>, value: number, prefix: string): string {
  const name = Object.keys(names).find((key) => names[key] === value) ?? String(value);
  return name.replace(prefix, '').toLowerCase();
}
