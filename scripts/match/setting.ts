import type { Settings } from '@messtrack/matcher/domain/settings.ts';
import type { RecogniseGreeting } from '@messtrack/messenger-gateway/domain/greeting.ts';
import type { ClickLine } from './click-line.ts';
import type { MessageLine } from './message-line.ts';

type Channel = Settings['channel'];

/** What is known of an account beside its lines. */
export interface KnownAccount {
  readonly channel: Channel;
  /** Undefined when nobody told us the greetings: then the words of a text are no evidence. */
  readonly recognise: RecogniseGreeting | undefined;
}

/** The workspace around a history, as far as deriving facts needs it. */
export interface Setting {
  /** Part of every lead id. */
  readonly workspace: string;
  readonly accounts: ReadonlyMap<string, KnownAccount>;
  /** True for what the workspace's own people try: it leads to nothing and teaches nothing. */
  readonly isOwnClick: (line: ClickLine) => boolean;
  readonly isOwnMessage: (line: MessageLine, channel: Channel) => boolean;
}

/** Of a history that comes without its workspace's file. */
export const NO_WORKSPACE: Setting = {
  workspace: 'history',
  accounts: new Map(),
  isOwnClick: () => false,
  isOwnMessage: () => false,
};
