/** Hours in which an account is answered, in the wall-clock time of a place. */
export interface OpeningHours {
  /** IANA name. */
  readonly timeZone: string;
  readonly spans: readonly OpenSpan[];
}

export interface OpenSpan {
  /** 0 for Monday to 6 for Sunday. */
  readonly day: number;
  /** Minutes since midnight by the clock on the wall, 0 to 1,439. */
  readonly fromMinute: number;
  /** Exclusive, 1 to 1,440. */
  readonly toMinute: number;
}

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const MINUTES_PER_DAY = 1_440;
const SPAN = /^(daily|(?:mon|tue|wed|thu|fri|sat|sun)(?:-(?:mon|tue|wed|thu|fri|sat|sun))?) ([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})$/;

/** Spans of "mon-fri 09:00-18:00"; undefined when the text is none. One that ends before it begins goes on after midnight. */
export function parseOpening(text: string): readonly OpenSpan[] | undefined {
  const match = SPAN.exec(text);
  if (match === null) return undefined;
  const from = minutesOf(match[2]!, match[3]!);
  const to = minutesOf(match[4]!, match[5]!);
  if (from === undefined || to === undefined || from === MINUTES_PER_DAY || from === to) return undefined;
  return daysOf(match[1]!).flatMap((day): readonly OpenSpan[] => {
    if (from < to) return [{ day, fromMinute: from, toMinute: to }];
    const evening = { day, fromMinute: from, toMinute: MINUTES_PER_DAY };
    return to === 0 ? [evening] : [evening, { day: (day + 1) % 7, fromMinute: 0, toMinute: to }];
  });
}

export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function minutesOf(hours: string, minutes: string): number | undefined {
  const total = Number(hours) * 60 + Number(minutes);
  return Number(minutes) < 60 && total <= MINUTES_PER_DAY ? total : undefined;
}

function daysOf(text: string): readonly number[] {
  if (text === 'daily') return [0, 1, 2, 3, 4, 5, 6];
  const [first, last = first] = text.split('-').map((day) => DAYS.indexOf(day as (typeof DAYS)[number]));
  const days: number[] = [];
  // "fri-mon" goes over the weekend.
  for (let day = first!; ; day = (day + 1) % 7) {
    days.push(day);
    if (day === last) return days;
  }
}
