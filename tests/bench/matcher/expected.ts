import type { Visit } from './traffic.ts';

/** Both Kafka Streams programs look back as far. */
const WINDOW_MS = 60 * 60_000;

/** One line per record of the left join: the message, and one click of its account in the hour before it, or none. Sorted. */
export function expectedPairs(visits: readonly Visit[]): readonly string[] {
  const lines: string[] = [];
  for (const { clicks, messages } of byAccount(visits).values()) {
    for (const message of messages) {
      const before = clicks.filter((click) => {
        const ageMs = message.eventTimeMs - click.eventTimeMs;
        return ageMs >= 0 && ageMs <= WINDOW_MS;
      });
      if (before.length === 0) lines.push(answerLine(message.messageId, ''));
      else for (const click of before) lines.push(answerLine(message.messageId, answerOf(click)));
    }
  }
  return lines.sort();
}

/** One line per message: the newest click that the log has of its account when the message comes, when it is not older than an hour. Sorted. */
export function expectedLatest(visits: readonly Visit[]): readonly string[] {
  const latest = new Map<string, Click>();
  const lines: string[] = [];
  for (const visit of visits) {
    if (visit.kind === 'click') {
      latest.set(visit.account, visit);
      continue;
    }
    const click = latest.get(visit.account);
    const isRecent = click !== undefined && visit.eventTimeMs - click.eventTimeMs <= WINDOW_MS;
    lines.push(answerLine(visit.messageId, isRecent ? answerOf(click) : ''));
  }
  return lines.sort();
}

/** Says what differs, or nothing. Both lists are sorted. */
export function difference(name: string, expected: readonly string[], found: readonly string[]): string | undefined {
  const at = expected.findIndex((line, index) => line !== found[index]);
  if (at < 0 && expected.length === found.length) return undefined;
  const where = at < 0 ? expected.length : at;
  return `${name} wrote ${found.length} records where brute force has ${expected.length}; first difference: ${found[where] ?? 'nothing'} instead of ${expected[where] ?? 'nothing'}`;
}

/** A record of a program's output topic, as the two lists above write it. */
export function answerLine(messageId: string, answer: string): string {
  return `${messageId}\t${answer}`;
}

type Click = Extract<Visit, { kind: 'click' }>;
type Message = Extract<Visit, { kind: 'message' }>;

/** As Answer.java writes it. */
function answerOf({ click, eventTimeMs }: Click): string {
  return `${click.clickId}\t${eventTimeMs}\t${click.source.utmCampaign}`;
}

function byAccount(visits: readonly Visit[]) {
  const accounts = new Map<string, { readonly clicks: Click[]; readonly messages: Message[] }>();
  for (const visit of visits) {
    const known = accounts.get(visit.account) ?? { clicks: [], messages: [] };
    accounts.set(visit.account, known);
    if (visit.kind === 'click') known.clicks.push(visit);
    else known.messages.push(visit);
  }
  return accounts;
}
