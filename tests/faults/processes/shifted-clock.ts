/**
 * Loaded before a service (`NODE_OPTIONS=--import`): its clock on the wall is the machine's plus the milliseconds in the file that CLOCK_SHIFT_FILE names (`{service}` in it is the folder of the service), looked at ten times a second. Monotonic
 * time and timers go on as they do when the machine's clock is set.
 */
import { readFileSync } from 'node:fs';

const RealDate = Date;
const service = /services\/([a-z-]+)\//.exec(process.argv[1] ?? '')?.[1] ?? '';
const file = (process.env['CLOCK_SHIFT_FILE'] ?? '').replace('{service}', service);
let shiftMs = read();
setInterval(() => {
  shiftMs = read();
}, 100).unref();

function read(): number {
  try {
    const text = Number(readFileSync(file, 'utf8'));
    return Number.isFinite(text) ? text : 0;
  } catch {
    return 0;
  }
}

function shiftedNow(): number {
  return RealDate.now() + shiftMs;
}

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [shiftedNow()] : args, newTarget),
  apply: () => new RealDate(shiftedNow()).toString(),
  get: (target, name, receiver) => (name === 'now' ? shiftedNow : Reflect.get(target, name, receiver)),
});
