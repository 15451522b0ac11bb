import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { generate } from 'selfsigned';

const HOSTS = ['wa.me', 'api.whatsapp.com', 'web.whatsapp.com', 't.me', 'm.me'];

/** What stands at the messengers' addresses while the tests run. */
export interface MessengerSite {
  /** Switches of a Chromium that finds it there. */
  readonly browserArgs: readonly string[];
  /** Addresses that were opened, in the order of their requests. */
  readonly opened: readonly string[];
  stop(): Promise<void>;
}

/**
 * A real server in the messengers' place. Answering inside the browser instead (a route of the test's driver) depends on the driver being attached to a
 * tab before the tab loads: one opened by a middle click or with Ctrl may be faster, and on a busy machine its address was then known to nobody within
 * 150 runs. A server is asked whoever is attached.
 *
 * A tab that has just been opened is the last thing to do with a page: while it loads, Chromium loses a click on the page that opened it (one in fifteen), or gives up
 * that page's way to another site ("net::ERR_ABORTED", one in seven).
 */
export async function startMessengerSite(): Promise<MessengerSite> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: HOSTS[0]! }]);
  const opened: string[] = [];
  const server = createServer({ key, cert }, ({ headers, url }, response) => {
    if (url === '/favicon.ico') return void response.writeHead(404).end();
    opened.push(`https://${headers.host}${url}`);
    response.writeHead(200, { 'content-type': 'text/html' }).end('<title>messenger</title>');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const rules = HOSTS.map((host) => `MAP ${host}:443 127.0.0.1:${port}`).join(', ');
  return {
    browserArgs: [`--host-resolver-rules=${rules}`, '--ignore-certificate-errors'],
    opened,
    async stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
