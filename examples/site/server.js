// node examples/site/server.js: serves this folder on http://localhost:8081, an origin that the demo workspace lists.
import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';

const TYPES = { '.html': 'text/html; charset=utf-8', '.css': 'text/css', '.js': 'text/javascript' };
const FILES = new Set(['index.html', 'site.css', 'consent.js', 'page.js']);

const server = createServer((request, response) => {
  const name = new URL(request.url ?? '/', 'http://localhost').pathname.slice(1);
  // Applications change the address to pages that exist nowhere: all of them are this one.
  const file = FILES.has(name) ? name : 'index.html';
  response.writeHead(200, {
    'content-type': TYPES[extname(file)],
    // What docs/snippet.md says a policy needs, and nothing more than this page needs itself.
    'content-security-policy': "default-src 'self'; script-src 'self' http://localhost:8080; connect-src http://localhost:8080",
  });
  createReadStream(join(import.meta.dirname, file)).pipe(response);
});
server.listen(8081, 'localhost', () => process.stdout.write('the example site is on http://localhost:8081\n'));
