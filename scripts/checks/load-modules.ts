import { pathToFileURL } from 'node:url';

// Run by loads.ts in a process of its own: imports each file named and writes one line per file that does not load.
for (const path of process.argv.slice(2)) {
  try {
    await import(pathToFileURL(path).href);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    process.stdout.write(`${path}: ${reason.split('\n', 1)[0]}\n`);
  }
}
// A module that opens something when it is imported would keep the process alive.
process.exit(0);
