import pino from 'pino';
import { SECRET_MASK } from './secret.ts';

/**
 * Field names that hold secrets or personal data wherever they appear. Redaction by name is the second line: the first is to log ids, not payloads.
 * `name` and `from` are not listed: a topic's name is no person's, and a list that hides harmless fields gets switched off.
 */
export const REDACTED_FIELDS = [
  // secrets
  'password',
  'secret',
  'token',
  'authorization',
  'cookie',
  'app_secret',
  'appSecret',
  'verify_token',
  'verifyToken',
  'access_token',
  'accessToken',
  'bot_token',
  'botToken',
  'secret_token',
  'secretToken',
  'api_tokens',
  'apiTokens',
  'x-hub-signature-256',
  'x-telegram-bot-api-secret-token',
  // personal data
  'phone',
  'phone_number',
  'phoneNumber',
  'wa_id',
  'waId',
  'email',
  'text',
  'body',
  'caption',
  'raw',
  'first_name',
  'firstName',
  'last_name',
  'lastName',
  'username',
  'ip',
  'remoteAddress',
  'user_agent',
  'userAgent',
  'user-agent',
] as const;

/** How many levels of nesting are searched for the fields above. Objects deeper than this do not belong in a log line. */
const REDACTED_DEPTH = 4;

/**
 * JSON lines, one event per line: ISO time in UTC, level as a word, `service`, the event's fields, `msg`. Errors go in as `err`.
 * Nothing is logged at `info` per record or per request: normal operation is silent, metrics count it.
 *
 * @param level trace, debug, info, warn, error, fatal or silent
 * @param destination for tests, and standard error where standard output is for people; `logStream(1)` unless given
 */
export function createLogger(service: string, level: string, destination?: pino.DestinationStream): pino.Logger {
  const options: pino.LoggerOptions = {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { err: describeError, error: describeError, req: describeRequest },
    redact: { paths: redactedPaths(), censor: SECRET_MASK },
  };
  return pino(options, destination ?? logStream(1));
}

/** What an outage tells is some ten lines; a megabyte is some thousand. */
const MAX_UNWRITTEN_BYTES = 1_048_576;

/**
 * Standard output or standard error, written synchronously, so that the line before a crash is not lost. A line that cannot be written (a full disk under a redirected output) waits for the next one,
 * up to a megabyte. Unheard, the stream's error would end a process that could do all its work but that; and its `flushSync`, which pino calls at `fatal`, tries for ever without letting go of the process.
 */
export function logStream(fd: 1 | 2): pino.DestinationStream {
  const stream = pino.destination({ dest: fd, sync: true, maxLength: MAX_UNWRITTEN_BYTES });
  stream.on('error', () => undefined);
  return { write: (line) => void stream.write(line) };
}

interface ErrorDescription {
  readonly type: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string | number;
  readonly cause?: ErrorDescription;
  readonly errors?: readonly ErrorDescription[];
}

/** How many causes are followed; a chain may be circular. */
const MAX_CAUSES = 5;

/**
 * pino's own serialiser copies every enumerable property of an error. Clients hang their input there (ioredis the command with its arguments,
 * HTTP clients the request with its headers), which is where personal data and tokens would slip into logs. Four known fields are enough.
 */
export function describeError(error: unknown, depth = 0): ErrorDescription {
  if (!(error instanceof Error))
    return { type: typeof error, message: typeof error === 'string' ? error : 'a value that is no Error was thrown' };
  const code = 'code' in error ? error.code : undefined;
  return {
    type: error.name,
    message: error.message,
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(error.cause === undefined || depth >= MAX_CAUSES ? {} : { cause: describeError(error.cause, depth + 1) }),
    ...(error instanceof AggregateError && depth < MAX_CAUSES
      ? { errors: error.errors.map((each) => describeError(each, depth + 1)) }
      : {}),
  };
}

/** Method and path only: the query holds verify tokens and click ids, the socket the visitor's address. */
function describeRequest(request: unknown): { readonly method: string; readonly path: string } {
  if (typeof request !== 'object' || request === null) return { method: '', path: '' };
  const method = 'method' in request && typeof request.method === 'string' ? request.method : '';
  const url = 'url' in request && typeof request.url === 'string' ? request.url : '';
  return { method, path: url.split('?', 1)[0] ?? '' };
}

function redactedPaths(): string[] {
  const paths: string[] = [];
  for (const field of REDACTED_FIELDS) {
    const quoted = `["${field}"]`;
    paths.push(quoted);
    for (let depth = 1; depth < REDACTED_DEPTH; depth++) {
      paths.push(`${Array.from({ length: depth }, () => '*').join('.')}${quoted}`);
    }
  }
  return paths;
}
