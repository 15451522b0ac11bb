/** One poller per bot whose account says `updates: polling`, following the workspaces in force. */
import type { Secret, Workspace, WorkspaceRegistry } from '@messtrack/workspace/workspace.ts';
import type { Logger } from 'pino';
import type { Polled, Taken } from '../pipeline.ts';
import { telegramApi } from './telegram-api.ts';
import { type Poller, type PollResult, type PollTimings, startPoller } from './telegram-poller.ts';

export interface PollersOptions {
  readonly workspaces: WorkspaceRegistry;
  readonly take: (polled: Polled) => Promise<Taken>;
  /** Where the Bot API answers. */
  readonly apiUrl: string;
  readonly timings: PollTimings;
  readonly log: Logger;
  readonly onResult: (workspace: string, account: string, result: PollResult) => void;
  readonly onSurprise: (error: unknown) => void;
}

interface Wanted {
  readonly workspace: string;
  readonly account: string;
  readonly token: Secret;
}

interface Entry {
  readonly token: string;
  readonly poller: Poller;
}

export interface Pollers {
  /** Resolves when every poller has stopped. */
  close(): Promise<void>;
}

export function startPollers(options: PollersOptions): Pollers {
  const { workspaces, log } = options;
  const running = new Map<string, Entry>();
  let isClosed = false;
  /** One look at a time: an old poller ends before the new one of the same bot begins, or they would be each other's conflict. */
  let settled: Promise<void> = Promise.resolve();

  async function follow(): Promise<void> {
    const wanted = isClosed ? new Map<string, Wanted>() : wantedOf(workspaces.current(), log);
    const leaving = [...running].filter(([key, { token }]) => wanted.get(key)?.token.reveal() !== token);
    await Promise.all(leaving.map(([, { poller }]) => poller.stop()));
    for (const [key] of leaving) running.delete(key);
    for (const [key, each] of wanted) if (!running.has(key)) running.set(key, { token: each.token.reveal(), poller: start(each) });
  }

  function start({ workspace, account, token }: Wanted): Poller {
    const say = narrate(log.child({ workspace, account }));
    const poller = startPoller({
      api: telegramApi(token, options.apiUrl),
      timings: options.timings,
      take: (updates) => options.take({ provider: 'telegram', workspace, account, updates }),
      onResult: (result, detail) => {
        options.onResult(workspace, account, result);
        say(result, detail);
      },
    });
    poller.failed.catch(options.onSurprise);
    return poller;
  }

  const enqueue = () => {
    settled = settled.then(follow).catch(options.onSurprise);
    return settled;
  };
  workspaces.onChange(() => void enqueue());
  void enqueue();
  return {
    close() {
      isClosed = true;
      return enqueue();
    },
  };
}

/** By "{workspace}/{account}"; a bot that two accounts ask for is asked for the first alone: each update would go to whoever asked last. */
function wantedOf(workspaces: ReadonlyMap<string, Workspace>, log: Logger): Map<string, Wanted> {
  const wanted = new Map<string, Wanted>();
  const owners = new Map<string, string>();
  for (const workspace of workspaces.values()) {
    for (const account of workspace.accounts.values()) {
      if (account.provider !== 'telegram' || account.updates !== 'polling' || account.botToken === undefined) continue;
      const key = `${workspace.name}/${account.name}`;
      const bot = account.botToken.reveal().split(':')[0] ?? '';
      const owner = owners.get(bot);
      if (owner === undefined) {
        owners.set(bot, key);
        wanted.set(key, { workspace: workspace.name, account: account.name, token: account.botToken });
      } else
        log.error(
          { workspace: workspace.name, account: account.name, owner },
          'this bot is polled for another account already; it gets no updates',
        );
    }
  }
  return wanted;
}

const ADVICE: Readonly<Record<Exclude<PollResult, 'updates' | 'empty'>, string>> = {
  not_stored: 'updates wait at Telegram until the log takes them',
  webhook_set:
    'Telegram sends the updates of this bot to a webhook and answers nobody who asks; remove it with `npm run hooks`, or set updates: webhook',
  other_poller:
    'another program asks for the updates of this bot, perhaps a second instance of this one; stop the other, or give it a bot of its own',
  unauthorized: 'Telegram does not know the token of this bot; take a new one from BotFather',
  rate_limited: 'Telegram asks to wait',
  unavailable: 'Telegram cannot be reached or cannot be understood; asked again',
};

/** One line when things change, not one per question. */
function narrate(log: Logger): (result: PollResult, detail: string) => void {
  let said: PollResult | undefined;
  return (result, detail) => {
    const isFine = result === 'updates' || result === 'empty';
    const state = isFine ? 'updates' : result;
    if (state === said) return;
    if (!isFine) {
      const isForPeople = result === 'webhook_set' || result === 'other_poller' || result === 'unauthorized';
      log[isForPeople ? 'error' : 'warn']({ result, detail }, ADVICE[result]);
    } else if (said !== undefined) log.info('updates arrive again');
    said = state;
  };
}
