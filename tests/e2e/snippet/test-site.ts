import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noGeo } from '@messtrack/ingest/adapters/geo-mmdb.ts';
import { noNetworks } from '@messtrack/ingest/adapters/network-table.ts';
import { DEFAULT_INGEST_SETTINGS, ingestHttpOptions } from '@messtrack/ingest/config.ts';
import type { WriteFirst } from '@messtrack/ingest/ports.ts';
import { startIngest } from '@messtrack/ingest/service.ts';
import { type Click, Touchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { Visit } from '@messtrack/proto/gen/messtrack/v1/visit.ts';
import { openLmdbBus } from '@messtrack/runtime/bus-lmdb.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { openLmdbVisitStore } from '@messtrack/sessions/visit-store-lmdb.ts';
import { parseWorkspace } from '@messtrack/workspace/parse.ts';
import { fixedWorkspaces } from '@messtrack/workspace/registry.ts';
import fastify from 'fastify';
import { Registry } from 'prom-client';

/** What a page of the test site is made of. */
export interface TestPage {
  readonly head?: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Attributes of its root. Default: English. */
  readonly root?: string;
}

export interface TestSiteOptions {
  /** The workspace file, given the site's origin. */
  readonly workspace?: (origin: string) => string;
  /** Who sends the first message; nobody unless given. */
  readonly writeFirst?: WriteFirst;
}

export interface TestSite {
  /** Origin of the site; its pages are written per test. */
  readonly origin: string;
  /** Origin of ingest: another one, as with real sites. */
  readonly ingest: string;
  /** The tag as the documentation has it. */
  readonly tag: string;
  /** Sets what a path answers; the tag is put behind its body. */
  page(path: string, page: TestPage): string;
  /** All requests to ingest are answered so while it is set, before ingest sees them. */
  outage: number | undefined;
  /** The dialog cannot be loaded while it is set. */
  isWidgetAway: boolean;
  /** Bodies of beacons that reached ingest's address, outage or not. */
  readonly beacons: { readonly path: string; readonly body: unknown }[];
  /** The log: each click once, by its id. */
  clicks(): Promise<readonly Click[]>;
  visits(): Promise<readonly Visit[]>;
  stop(): Promise<void>;
}

const workspaceYaml = (origin: string): string => `
workspace: acme
accounts:
  sales-wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550100", phone_number_id: "106540352242922", app_secret: "\${A:-a}", verify_token: "\${V:-v}" }
  support-wa: { channel: whatsapp, provider: whatsapp, phone: "+14155550101", phone_number_id: "106540352242923", app_secret: "\${A:-a}", verify_token: "\${V:-v}" }
  sales-tg: { channel: telegram, provider: telegram, username: Acme_Bot, secret_token: "\${S:-s}" }
placements:
  sales: { kind: site, account: sales-wa, greetings: ["Hello! I have a question", "Good day, tell me more"], origins: ["${origin}"] }
  support: { kind: site, account: support-wa, greetings: ["I need help, it's broken"], code_template: "{greeting} [{code}]", origins: ["${origin}"] }
  bot: { kind: site, account: sales-tg, origins: ["${origin}"] }
  elsewhere: { kind: site, account: sales-wa, origins: ["https://other.example"] }
`;

/** A site and the real ingest behind it, on the embedded log. */
export async function startTestSite({ workspace = workspaceYaml, writeFirst }: TestSiteOptions = {}): Promise<TestSite> {
  const folder = await mkdtemp(join(tmpdir(), 'messtrack-snippet-'));
  const pages = new Map<string, TestPage>();
  const site = createServer((request, response) => {
    const page = pages.get(new URL(request.url ?? '', 'http://site').pathname);
    response.writeHead(page === undefined ? 404 : 200, { 'content-type': 'text/html; charset=utf-8', ...page?.headers });
    response.end(
      page &&
        `<!doctype html><html ${page.root ?? 'lang="en"'}><head><meta charset="utf-8"><title>Shop</title>${page.head ?? ''}</head><body>${page.body}${tag}</body></html>`,
    );
  });
  const origin = await listening(site);

  const log = createLogger('ingest', 'error');
  const bus = await openLmdbBus({ path: join(folder, 'log'), log });
  const visits = await openLmdbVisitStore({ path: join(folder, 'visits') });
  const parsed = parseWorkspace(workspace(origin), {
    file: 'acme.yaml',
    env: {},
    readFile: () => {
      throw new Error('no files here');
    },
  });
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  const app = fastify(ingestHttpOptions(undefined));
  const beacons: { path: string; body: unknown }[] = [];
  // At the first hook: ingest answers most beacons before the later ones. Whoever listens first hears the same bytes.
  app.addHook('onRequest', (request, reply, done) => {
    if (self.isWidgetAway && request.url.endsWith('/widget.js')) return void reply.code(503).send();
    if (request.method !== 'POST') return done();
    const { outage } = self;
    const pieces: Buffer[] = [];
    request.raw.on('data', (piece: Buffer) => pieces.push(piece));
    request.raw.on('end', () => {
      beacons.push({ path: request.url, body: JSON.parse(Buffer.concat(pieces).toString()) });
      // As ingest answers: the page may read it.
      if (outage !== undefined) reply.code(outage).header('access-control-allow-origin', origin).send({ error: 'outage' });
    });
    if (outage === undefined) done();
  });
  const running = await startIngest({
    app,
    bus,
    visits,
    workspaces: fixedWorkspaces([parsed.workspace]),
    geo: noGeo,
    networks: noNetworks,
    spoolDir: join(folder, 'spool'),
    settings: DEFAULT_INGEST_SETTINGS,
    log,
    registry: new Registry(),
    writeFirst,
  });
  const ingest = await app.listen({ host: '127.0.0.1', port: 0 });
  const tag = `<script async src="${ingest}/s/acme.js"></script>`;

  const read = async (topic: string): Promise<Uint8Array[]> => {
    const values: Uint8Array[] = [];
    for (const { partition, first } of await bus.offsets(topic)) {
      for await (const batch of bus.read({ topic, partition }, first)) values.push(...batch.flatMap(({ value }) => value ?? []));
    }
    return values;
  };
  const self: TestSite = {
    origin,
    ingest,
    tag,
    outage: undefined,
    isWidgetAway: false,
    beacons,
    page(path, page) {
      pages.set(path, page);
      return `${origin}${path}`;
    },
    async clicks() {
      const byId = new Map<string, Click>();
      for (const value of await read('touchpoints.v1')) {
        const { kind } = Touchpoint.decode(value);
        if (kind?.$case === 'click') byId.set(kind.value.clickId, kind.value);
      }
      return [...byId.values()];
    },
    visits: async () => (await read('visits.v1')).map((value) => Visit.decode(value)),
    async stop() {
      site.close();
      site.closeAllConnections();
      await app.close();
      await running.close?.();
      await bus.close();
      await visits.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return self;
}

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}
