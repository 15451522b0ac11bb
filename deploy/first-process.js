/**
 * Loaded before a service in its container (ENTRYPOINT). The kernel gives the first process of a container no default action for signals: SIGTERM in the second before the service listens for it did nothing, and
 * whoever stopped a container so early waited for the whole grace period, 30 s, until it was killed. Nothing has been taken by then, so that the end is an orderly one. Later the service decides.
 */
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => {
    if (process.listenerCount(signal) === 1) process.exit(0);
  });
}
