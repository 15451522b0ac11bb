import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { join } from 'node:path';
import { run } from '@messtrack/testing/command.ts';
import { parseWorkspace } from '@messtrack/workspace/parse.ts';
import { afterEach, describe, expect, it } from 'vitest';
import { DemoError } from '../demo/demo-error.ts';
import { people } from '../demo/people.ts';
import { play } from '../demo/player.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** An instance that has the demo workspace and says `answer` to whatever people do. */
async function instance(answer: RequestListener): Promise<string> {
  const server = createServer((request, response) => {
    request.resume();
    response.setHeader('connection', 'close');
    if (request.url?.endsWith('/no-such-placement')) response.writeHead(404).end('no such placement');
    else answer(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP port');
  return `http://127.0.0.1:${address.port}`;
}

async function playAgainst(url: string): Promise<unknown> {
  const file = join(ROOT, 'examples', 'workspaces', 'demo.yaml');
  const parsed = parseWorkspace(readFileSync(file, 'utf8'), { env: {}, readFile: (path) => readFileSync(path, 'utf8'), file });
  if ('problems' in parsed) throw new Error('the demo workspace has problems');
  const options = { url, workspace: parsed.workspace, people: people(1, 20, 'q'), concurrency: 4, patienceMs: 150, redeliverEvery: 0 };
  return play(options).catch((error: unknown) => error);
}

describe('people of the demo', () => {
  it.each<[string, RequestListener, RegExp]>([
    ['says 503', (_, response) => response.writeHead(503).end('no room'), /answered 503 \(no room\) for 0\.15 s/],
    [
      'leads on without recording clicks',
      (request, response) => {
        if (request.method === 'GET')
          response.writeHead(302, { location: 'https://wa.me/1?text=x', 'messtrack-click': 'not-recorded' }).end();
        else response.writeHead(request.url === '/v1/clicks' ? 202 : 200).end();
      },
      /led on without recording the click for 0\.15 s/,
    ],
    ['cuts every connection', (request) => request.socket.destroy(), /has not answered for 0\.15 s: /],
  ])('give up on an instance that %s, and say so', async (_, answer, says) => {
    const error = await playAgainst(await instance(answer));
    expect(error).toBeInstanceOf(DemoError);
    expect(String(error)).toMatch(says);
  });
});

describe('npm run demo', () => {
  it('says in one line what an instance answered that it should not have, with exit code 2', async () => {
    const url = await instance((_, response) => response.writeHead(418).end('a teapot'));
    const { code, output } = await run(process.execPath, [join(ROOT, 'scripts', 'demo.ts'), '--url', url, '--leads', '5']);
    expect(output).toMatch(/answered 418/);
    expect(output).not.toMatch(/^\s+at /m);
    expect(code).toBe(2);
  });

  it('says in one line that a number is none', async () => {
    const { code, output } = await run(process.execPath, [join(ROOT, 'scripts', 'demo.ts'), '--leads', 'many']);
    expect(output.trim()).toBe('--leads takes a whole number from 1, not "many"');
    expect(code).toBe(2);
  });
});
