import type { Logger } from 'pino';
import type { RecordPosition } from './bus.ts';

/**
 * Says what an offset means that the log does not hold any more. Nothing waits and nothing can be done about what is gone, so this line is all there is to know of it.
 *
 * @param position what was to be read next
 * @param firstOffset of the log as it is now
 */
export function tellGone(log: Logger, position: RecordPosition, firstOffset: number): void {
  const { topic, partition, offset } = position;
  const fields = { topic, partition, offset, firstOffset };
  if (firstOffset > offset) {
    log.error({ ...fields, lost: firstOffset - offset }, 'records have left the log before they were read: they are lost to this group');
  } else {
    log.error(
      fields,
      'the log ends before what has been read: its topic has been made anew, or has lost its end; it is read from its beginning',
    );
  }
}
