import { createServer } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';

/** An HTTP server on a thread of its own that answers everything with nothing and closes what is idle; each close is counted where the test can see it while its own loop stands still. */
const closed = new Int32Array(workerData.closed);
const server = createServer({ keepAliveTimeout: workerData.keepAliveMs, keepAliveTimeoutBuffer: 0 }, (request, response) => {
  request.resume();
  request.once('end', () => response.end());
});
server.on('connection', (socket) => {
  socket.once('close', () => {
    Atomics.add(closed, 0, 1);
    Atomics.notify(closed, 0);
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  parentPort?.postMessage(typeof address === 'object' ? address?.port : undefined);
});
