import { fastify } from 'fastify';
import { expect, it } from 'vitest';
import { HTTP_LIMITS } from '../src/http-limits.ts';
import { refuseUnknownRoutes } from '../src/http-refusals.ts';

it.each([
  ['of no route', 'POST', '/hooks/pigeon?token=a-secret-token', 404, 'unknown_address'],
  ['of another method', 'PUT', '/hooks/pigeon/acme?token=a-secret-token', 404, 'unknown_address'],
  ['with a part longer than any name', 'POST', `/hooks/${'a'.repeat(200)}/acme?token=a-secret-token`, 414, 'address_too_long'],
  ['that cannot be decoded', 'POST', '/hooks/%E0%A4%A/acme?token=a-secret-token', 400, 'bad_address'],
] as const)('an address %s is refused, and nothing of it is repeated', async (_, method, url, status, error) => {
  const app = fastify(HTTP_LIMITS);
  refuseUnknownRoutes(app);
  app.post('/hooks/:provider/:workspace', () => 'ok');
  const answer = await app.inject({ method, url });
  expect(answer.statusCode).toBe(status);
  expect(answer.json()).toMatchObject({ error });
  expect(answer.body).not.toMatch(/token|hooks/);
  expect((await app.inject({ method: 'POST', url: '/hooks/pigeon/acme' })).body).toBe('ok');
});
