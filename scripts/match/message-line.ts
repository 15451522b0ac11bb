import type { Device } from '@messtrack/matcher/domain/touchpoint.ts';
import { DEVICES } from './click-line.ts';
import type { GivenPlace, LineFields } from './line-fields.ts';

/** A line of the messages' file. Empty texts, undefined and `unknown` stand for what the line does not say. */
export interface MessageLine {
  readonly kind: 'message';
  readonly id: string;
  /** The messenger's time. Milliseconds since the Unix epoch, UTC. */
  readonly timeMs: number;
  readonly arrivedAtMs: number;
  readonly account: string;
  readonly contact: string;
  readonly phone: string;
  readonly place: GivenPlace | undefined;
  readonly text: string;
  readonly language: string;
  /** Null: words that are no greeting of ours. */
  readonly greeting: number | null | undefined;
  /** As it stands in the file. */
  readonly code: string;
  readonly device: Device;
  readonly forwarded: boolean;
}

export function readMessageLine(fields: LineFields): MessageLine {
  const timeMs = fields.requiredTime('time');
  return {
    kind: 'message',
    id: fields.requiredText('id'),
    timeMs,
    arrivedAtMs: fields.time('received') ?? timeMs,
    account: fields.requiredText('account'),
    contact: fields.requiredText('contact'),
    phone: fields.text('phone'),
    place: fields.place('place'),
    text: fields.prose('text'),
    language: fields.text('language'),
    greeting: fields.greeting('greeting'),
    code: fields.text('code'),
    device: fields.choice('device', DEVICES),
    forwarded: fields.flag('forwarded'),
  };
}
