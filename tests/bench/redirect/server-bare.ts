import { createServer } from 'node:http';

/** The answer of a redirect and nothing else: what Node's own HTTP server can do here. */
const HEADERS = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  location: 'https://wa.me/14155550100?text=Hello!%20I%20saw%20your%20offer%20(request%20no.%20K7QM2-X9PRT)',
  'content-length': '0',
};

const server = createServer((_request, response) => {
  response.writeHead(302, HEADERS);
  response.end();
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(`listening ${typeof address === 'object' && address !== null ? address.port : 0}`);
});
