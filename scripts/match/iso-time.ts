const DAY_MS = 86_400_000;
/** Times outside are typing errors or another unit, and one of them would carry partition time away. */
const EARLIEST_MS = Date.UTC(2000, 0, 1);
const LATEST_MS = Date.UTC(2100, 0, 1);

/** Date, "T" or a space, time; seconds and their fraction may be missing, and so may the offset. */
const ISO = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:[Zz]|([+-])(\d\d)(?::?(\d\d))?)?$/;

/**
 * ISO 8601 as milliseconds since the Unix epoch, UTC; undefined when it is none, or no time between 2000 and 2100. Without an offset it is
 * UTC: the zone of the machine that reads a file says nothing about the file. `Date.parse` takes local time there, and 31 February too.
 */
export function parseIsoTime(text: string): number | undefined {
  const usual = parseUsual(text);
  if (usual !== undefined) return inRange(usual);
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second = '0', fraction = '', sign, offsetHour = '0', offsetMinute = '0'] = match;
  if (Number(offsetHour) > 23 || Number(offsetMinute) > 59) return undefined;
  const date = dayMs(Number(year), Number(month), Number(day));
  const clock = clockMs(Number(hour), Number(minute), Number(second), Number(fraction.slice(0, 3).padEnd(3, '0')));
  if (date === undefined || clock === undefined) return undefined;
  const offset = (Number(offsetHour) * 60 + Number(offsetMinute)) * 60_000;
  return inRange(date + clock - (sign === '-' ? -offset : offset));
}

function inRange(timeMs: number): number | undefined {
  return timeMs >= EARLIEST_MS && timeMs < LATEST_MS ? timeMs : undefined;
}

/** `2026-03-01T10:00:00.000Z`, which nearly all lines have, in a tenth of the time of the pattern; undefined for anything else. */
function parseUsual(text: string): number | undefined {
  if (text.length !== 24 || text[4] !== '-' || text[7] !== '-' || text[10] !== 'T' || text[13] !== ':' || text[16] !== ':')
    return undefined;
  if (text[19] !== '.' || text[23] !== 'Z') return undefined;
  const date = dayMs(digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10));
  const clock = clockMs(digits(text, 11, 13), digits(text, 14, 16), digits(text, 17, 19), digits(text, 20, 23));
  return date === undefined || clock === undefined ? undefined : date + clock;
}

/** NaN when something else than a digit stands there: it fails every comparison below. */
function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let index = from; index < to; index += 1) {
    const digit = text.charCodeAt(index) - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

let lastDay = { key: -1, timeMs: 0 };

function dayMs(year: number, month: number, day: number): number | undefined {
  if (!(month >= 1 && month <= 12 && day >= 1 && year >= 0)) return undefined;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (day > DAYS_IN_MONTH[month - 1]! + (month === 2 && isLeap ? 1 : 0)) return undefined;
  // Neighbouring lines are of the same day.
  const key = (year * 12 + month) * 32 + day;
  if (lastDay.key !== key) lastDay = { key, timeMs: Date.UTC(year, month - 1, day) };
  return lastDay.timeMs;
}

/** 24:00 is the end of a day; a leap second is the second after it. */
function clockMs(hour: number, minute: number, second: number, millisecond: number): number | undefined {
  if (!(hour <= 24 && minute <= 59 && second <= 60 && millisecond <= 999)) return undefined;
  const timeMs = ((hour * 60 + minute) * 60 + second) * 1_000 + millisecond;
  return timeMs <= DAY_MS || second === 60 ? timeMs : undefined;
}
