/** A gateway on a log in memory, with one workspace that exists nowhere. */
import { createHmac } from 'node:crypto';
import { DeadLetter } from '@messtrack/proto/gen/messtrack/v1/state.ts';
import { Touchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { type Bus, BusUnavailableError, type OutRecord, type Producer } from '@messtrack/runtime/bus.ts';
import type { Running } from '@messtrack/runtime/lifecycle.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { parseWorkspace } from '@messtrack/workspace/parse.ts';
import { fixedWorkspaces } from '@messtrack/workspace/registry.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import { type FastifyInstance, fastify } from 'fastify';
import { Registry } from 'prom-client';
import { DEFAULT_GATEWAY_SETTINGS } from '../src/config.ts';
import { type GatewayService, startGateway } from '../src/service.ts';

export const APP_SECRET = 'wa-app-secret-0123456789';
export const OTHER_APP_SECRET = 'another-app-secret-9876';
export const VERIFY_TOKEN = 'wa-verify-token-01234567';
export const TG_SECRET = 'tg-secret-token-01234567';
export const PHONE_NUMBER_ID = '106540352242922';
export const NOW = Date.UTC(2026, 10, 24, 12, 0, 0);

const WORKSPACE = `
workspace: acme
api_tokens: ["\${API_TOKEN}"]
accounts:
  sales-wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550100", phone_number_id: "${PHONE_NUMBER_ID}",
              app_secret: \${APP_SECRET}, verify_token: \${VERIFY_TOKEN} }
  support-wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550101", phone_number_id: "200000000000001",
              app_secret: \${APP_SECRET}, verify_token: \${VERIFY_TOKEN} }
  foreign-wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550102", phone_number_id: "300000000000001",
              app_secret: \${OTHER_APP_SECRET}, verify_token: \${VERIFY_TOKEN} }
  sales-tg: { channel: telegram, provider: telegram, username: acme_bot, secret_token: \${TG_SECRET} }
placements:
  site-button:
    { kind: site, account: sales-wa, origins: ["https://acme.example"],
      greetings: ["Hello! I have a question about delivery", "Good day, please tell me more about your offer"] }
  tg-ad: { kind: redirect, account: sales-tg }
PRIVACY
`;

/** `change` gets the file as text, `more` is added to its environment. */
export function workspaceOf(privacy = '', change = (file: string): string => file, more: Readonly<Record<string, string>> = {}): Workspace {
  const env = { API_TOKEN: 'acme-api-token-0123456789', APP_SECRET, OTHER_APP_SECRET, VERIFY_TOKEN, TG_SECRET, ...more };
  const result = parseWorkspace(change(WORKSPACE.replace('PRIVACY', privacy)), { file: 'acme.yaml', env, readFile: () => '' });
  if ('problems' in result) throw new Error(result.problems.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  return result.workspace;
}

export class MemoryLog {
  readonly records: OutRecord[] = [];
  /** Records of each send, in order. */
  readonly sends: (readonly OutRecord[])[] = [];
  failure: Error | undefined;
  /** Refuses the next sends with these, one each. */
  readonly failures: Error[] = [];

  /** Refuses a send by what is in it. */
  refuse: (records: readonly OutRecord[]) => Error | undefined = () => undefined;

  bus(): Bus {
    const producer: Producer = {
      send: async (records) => {
        const failure = this.failures.shift() ?? this.refuse(records) ?? this.failure;
        if (failure !== undefined) throw failure;
        this.sends.push(records);
        this.records.push(...records);
        return records.map(({ topic }, offset) => ({ topic, partition: 0, offset }));
      },
      close: async () => {},
    };
    const unused = () => {
      throw new Error('the gateway only produces');
    };
    return {
      ensureTopics: async () => {},
      producer: async () => producer,
      consume: unused,
      process: unused,
      read: unused,
      offsets: unused,
      committed: unused,
      lag: unused,
      ping: async () => {
        if (this.failure !== undefined) throw this.failure;
      },
      assertIntact: unused,
      close: async () => {},
    };
  }

  /** Everything but the settings announced at start. */
  touchpoints(): Touchpoint[] {
    return this.records
      .filter(({ topic }) => topic === 'touchpoints.v1')
      .map(({ value }) => Touchpoint.decode(value))
      .filter(({ kind }) => kind?.$case !== 'epoch');
  }

  deadLetters(): DeadLetter[] {
    return this.records.filter(({ topic }) => topic === 'touchpoints.v1.dlq').map(({ value }) => DeadLetter.decode(value));
  }

  clear(): void {
    this.records.length = 0;
    this.sends.length = 0;
  }
}

export interface TestGateway {
  readonly app: FastifyInstance;
  readonly log: MemoryLog;
  readonly registry: Registry;
  readonly service: Running<GatewayService>;
  /** Count of a metric by its one label's value. */
  count(metric: string, value: string): Promise<number>;
  whatsapp(body: unknown, options?: { account?: string; secret?: string }): Promise<number>;
  telegram(body: unknown): Promise<number>;
}

export async function openGateway(
  workspaces: readonly Workspace[] = [workspaceOf()],
  settings = DEFAULT_GATEWAY_SETTINGS,
  logger = createLogger('test', 'silent'),
): Promise<TestGateway> {
  const log = new MemoryLog();
  const registry = new Registry();
  const app = fastify();
  const service = await startGateway({
    app,
    bus: log.bus(),
    workspaces: fixedWorkspaces(workspaces),
    settings,
    log: logger,
    registry,
    clock: () => NOW,
  });
  service.failed?.catch(() => undefined);
  await app.ready();
  return {
    app,
    log,
    registry,
    service,
    async count(metric, value) {
      const found = await registry.getSingleMetric(metric)?.get();
      return (found?.values ?? []).filter(({ labels }) => Object.values(labels).includes(value)).reduce((sum, each) => sum + each.value, 0);
    },
    async whatsapp(body, { account = 'sales-wa', secret = APP_SECRET } = {}) {
      const payload = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
      const response = await app.inject({
        method: 'POST',
        url: `/hooks/whatsapp/acme/${account}`,
        headers: { 'content-type': 'application/json', 'x-hub-signature-256': hubSignature(payload, secret) },
        payload,
      });
      return response.statusCode;
    },
    async telegram(body) {
      const payload = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
      const response = await app.inject({
        method: 'POST',
        url: '/hooks/telegram/acme/sales-tg',
        headers: { 'content-type': 'application/json', 'x-telegram-bot-api-secret-token': TG_SECRET },
        payload,
      });
      return response.statusCode;
    },
  };
}

export function hubSignature(body: Uint8Array, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

export function busAway(): Error {
  return new BusUnavailableError('no broker answers');
}

/** A webhook body with one change of the field `messages`. */
export function waBody(value: object, phoneNumberId = PHONE_NUMBER_ID): object {
  return {
    object: 'whatsapp_business_account',
    entry: [{ id: '1', changes: [waChange(value, phoneNumberId)] }],
  };
}

export function waChange(value: object, phoneNumberId = PHONE_NUMBER_ID): object {
  return {
    field: 'messages',
    value: {
      messaging_product: 'whatsapp',
      metadata: { display_phone_number: '14155550100', phone_number_id: phoneNumberId },
      contacts: [{ profile: { name: 'Ann Example' }, wa_id: '16505551234', user_id: 'US.1349' }],
      ...value,
    },
  };
}

export function waText(body: string, extra: object = {}): object {
  return { from: '16505551234', id: 'wamid.A1', timestamp: String(NOW / 1000 - 5), type: 'text', text: { body }, ...extra };
}

export function tgText(text: string, extra: object = {}): object {
  return {
    update_id: 1,
    message: {
      message_id: 7,
      date: NOW / 1000 - 5,
      chat: { id: 4503599627370495, type: 'private' },
      from: { id: 4503599627370495, is_bot: false, first_name: 'Ann', language_code: 'pt-BR' },
      text,
      ...extra,
    },
  };
}
