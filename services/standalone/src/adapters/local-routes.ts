import type { Health, HealthReport } from '@messtrack/runtime/health.ts';
import type { RequestHandler } from '@messtrack/warehouse/http-interface.ts';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Registry } from 'prom-client';
import { type PageNumbers, renderPage } from '../domain/lead-page.ts';
import type { Guard } from './local-guard.ts';

export interface LocalRoutes {
  readonly guard: Guard;
  readonly sql: RequestHandler;
  readonly numbers: () => Promise<PageNumbers>;
  readonly workspaceNames: () => readonly string[];
  readonly health: Health;
  readonly registry: Registry;
}

/** What the standalone adds to the four services' routes: the page, `/sql`, and what orchestrators ask, all on the one port. */
export async function registerLocalRoutes(app: FastifyInstance, parts: LocalRoutes): Promise<void> {
  await app.register(async (scope) => {
    // `/sql` reads its body itself, whatever its type.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _body, done) => done(null));

    scope.get('/', async (request, reply) => {
      if (!parts.guard.allows(request.raw)) return refuse(reply, parts.guard);
      const page = renderPage(await parts.numbers(), parts.workspaceNames());
      return reply
        .header('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
        .header('cache-control', 'no-store')
        .type('text/html; charset=utf-8')
        .send(page);
    });

    scope.route({
      method: ['GET', 'POST', 'HEAD'],
      url: '/sql',
      handler: (request, reply) => {
        if (!parts.guard.allows(request.raw)) return refuse(reply, parts.guard);
        reply.hijack();
        parts.sql(request.raw, reply.raw);
        return reply;
      },
    });

    scope.get('/healthz', (_request, reply) => report(reply, parts.health.live()));
    scope.get('/readyz', async (_request, reply) => report(reply, await parts.health.ready()));
    scope.get('/metrics', async (request, reply) => {
      if (!parts.guard.allows(request.raw)) return refuse(reply, parts.guard);
      return reply.type(parts.registry.contentType).send(await parts.registry.metrics());
    });
  });
}

function refuse(reply: FastifyReply, guard: Guard): FastifyReply {
  return reply.code(403).type('text/plain; charset=utf-8').send(`${guard.refusal}\n`);
}

function report(reply: FastifyReply, { isOk, findings }: HealthReport): FastifyReply {
  return reply
    .code(isOk ? 200 : 503)
    .header('cache-control', 'no-store')
    .send({ ok: isOk, checks: findings.map(({ name, isOk: ok, detail }) => ({ name, ok, detail })) });
}
