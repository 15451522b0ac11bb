import { inArrivalOrder, mergeByArrival, WINDOW_LINES } from './arrival-order.ts';
import { type ClickLine, readClickLine } from './click-line.ts';
import { LineFields, parseObject } from './line-fields.ts';
import { readLines } from './lines.ts';
import { type MessageLine, readMessageLine } from './message-line.ts';
import { createMinuteWatch, type MinuteWatch } from './whole-minutes.ts';

export interface HistoryFile {
  /** As people know it: stands before the line number in messages. */
  readonly name: string;
  readonly chunks: Iterable<Uint8Array>;
}

export interface BadLine {
  readonly file: string;
  readonly number: number;
  readonly problems: readonly string[];
}

export interface HistoryListener {
  readonly bad: (kind: 'click' | 'message', line: BadLine) => void;
  /** A good line. */
  readonly read: (kind: 'click' | 'message') => void;
  /** A good line that stands behind one that arrived later. */
  readonly disorder: (kind: 'click' | 'message') => void;
  /** One of them that stands too far behind to be put where it belongs. */
  readonly left: (kind: 'click' | 'message') => void;
}

/** Both files as one stream by arrival. Lines are read when they are asked for; no file is held. */
export function* readHistory(
  clicks: HistoryFile,
  messages: HistoryFile,
  listener: HistoryListener,
): Generator<ClickLine | MessageLine, void, undefined> {
  const minutes = createMinuteWatch();
  const merged = mergeByArrival(
    ordered('click', seenBy(minutes, goodLines(clicks, 'click', readClickLine, listener)), listener),
    ordered('message', seenBy(minutes, goodLines(messages, 'message', readMessageLine, listener)), listener),
  );
  // Before the first one a thousand of each file have been seen.
  for (const line of merged) yield minutes.spread(line);
}

function ordered<T extends ClickLine | MessageLine>(
  kind: 'click' | 'message',
  lines: Iterable<T>,
  listener: HistoryListener,
): Generator<T, void, undefined> {
  return inArrivalOrder(
    lines,
    () => listener.disorder(kind),
    WINDOW_LINES,
    () => listener.left(kind),
  );
}

function* seenBy<T extends ClickLine | MessageLine>(minutes: MinuteWatch, lines: Iterable<T>): Generator<T, void, undefined> {
  for (const line of lines) {
    minutes.see(line);
    yield line;
  }
}

function* goodLines<T>(
  file: HistoryFile,
  kind: 'click' | 'message',
  read: (fields: LineFields) => T,
  listener: HistoryListener,
): Generator<T, void, undefined> {
  for (const line of readLines(file.chunks)) {
    if (line.kind === 'unreadable') {
      listener.bad(kind, { file: file.name, number: line.number, problems: [line.problem] });
      continue;
    }
    const parsed = parseObject(line.text);
    if (typeof parsed === 'string') {
      // Whoever gives a table, a list or indented JSON sees it by the first line of thousands.
      const problem = line.number === 1 ? `${parsed}; the file must hold one JSON object a line` : parsed;
      listener.bad(kind, { file: file.name, number: line.number, problems: [problem] });
      continue;
    }
    const fields = new LineFields(parsed);
    const value = read(fields);
    if (fields.problems.length > 0) {
      listener.bad(kind, { file: file.name, number: line.number, problems: fields.problems });
      continue;
    }
    listener.read(kind);
    yield value;
  }
}
