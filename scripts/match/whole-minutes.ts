import { hashOf } from '@messtrack/matcher/domain/hash-index.ts';
import type { ClickLine } from './click-line.ts';
import type { MessageLine } from './message-line.ts';

const MINUTE_MS = 60_000;
/** Lines of each kind of which none is by chance of a whole minute: one of 60 is. */
const ENOUGH = 10;

/** Watches the first lines of both files, and spreads clicks where both tell no more than the minute. */
export interface MinuteWatch {
  see(line: ClickLine | MessageLine): void;
  /** The line as it goes on. What was seen before the first one decides for all. */
  spread<T extends ClickLine | MessageLine>(line: T): T;
}

/**
 * Exports often tell times to the minute. Whoever wrote within the minute of their click then wrote 0 s after it, all of them, and so did whoever wrote of themselves within a minute that somebody clicked in: as
 * delays are told by the second, such a message was sixty times as likely to be of the click as it is, and of a hundred clicks named at .8 and more 47 were right (95 where the files tell seconds). A click is
 * therefore put somewhere into the minute before, by its id: whoever wrote in its minute wrote up to a minute after it, whoever wrote of themselves no sooner. Messages stay where they are, and so do files of which
 * one tells seconds.
 */
export function createMinuteWatch(): MinuteWatch {
  const seen = { click: 0, message: 0 };
  let isWhole = true;
  let isSpread: boolean | undefined;
  return {
    see({ kind, timeMs }) {
      if (isSpread !== undefined) return;
      seen[kind] += 1;
      if (timeMs % MINUTE_MS !== 0) isWhole = false;
    },
    spread(line) {
      isSpread ??= isWhole && seen.click >= ENOUGH && seen.message >= ENOUGH;
      if (!isSpread || line.kind !== 'click') return line;
      return { ...line, timeMs: line.timeMs - ((hashOf(line.id) >>> 0) % MINUTE_MS) };
    },
  };
}
