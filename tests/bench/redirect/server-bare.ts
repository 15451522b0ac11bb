import { createServer } from 'node:http';
import { announce } from './announce.ts';
import { ANSWER_HEADERS } from './answer.ts';

/** The answer of a redirect and nothing else: what Node's own HTTP server can do here. */
const server = createServer((_request, response) => {
  response.writeHead(302, ANSWER_HEADERS);
  response.end();
});
server.listen(0, '127.0.0.1', () => announce(server));
