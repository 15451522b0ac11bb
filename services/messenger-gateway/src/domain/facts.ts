/** What is found in a message. From here on there is no text, unless the workspace asks to keep it. */
import { type CodesInText, findCodes, merge, readCodes } from '@messtrack/tracking-code/codes-in-text.ts';
import { parseStartCommand } from '@messtrack/tracking-code/start-payload.ts';
import type { FoundCode } from '@messtrack/tracking-code/tracking-code.ts';
import type { FindCodeWord, RecognisedWord } from './code-words.ts';
import type { RecognisedGreeting, RecogniseGreeting } from './greeting.ts';
import type { InboundMessage } from './inbound.ts';
import { type LanguageOf, primaryLanguage } from './language.ts';

export interface MessageFacts {
  /** Intact ones first, at most eight, each once. */
  readonly codes: readonly FoundCode[];
  /** Remains of invisible codes that name none. */
  readonly fragments: number;
  readonly greeting: RecognisedGreeting | undefined;
  /** ISO 639-1; empty when it cannot be told. */
  readonly language: string;
  readonly uiLanguage: string;
  /** Payload of a link or a button that is not one of our codes; empty otherwise. At most 64 characters. */
  readonly startPayload: string;
  readonly isStartCommand: boolean;
  /** Printed code word; undefined when the text holds none. */
  readonly codeWord: RecognisedWord | undefined;
}

const MAX_PAYLOAD_LENGTH = 64;
const NOTHING: CodesInText = { codes: [], rest: '', fragments: 0 };

export function findFacts(
  message: InboundMessage,
  languageOf: LanguageOf,
  recognise: RecogniseGreeting,
  findWord: FindCodeWord = () => undefined,
): MessageFacts {
  const uiLanguage = primaryLanguage(message.sender.uiLanguage);
  const start = message.mayBeStartCommand ? parseStartCommand(message.text) : undefined;
  if (start?.isStart === true && !message.forwarded) {
    const isOurs = start.code?.intact === true;
    return {
      codes: start.code === undefined ? [] : [start.code],
      fragments: 0,
      greeting: undefined,
      language: '',
      uiLanguage,
      startPayload: isOurs ? '' : start.payload,
      isStartCommand: true,
      codeWord: undefined,
    };
  }

  const hasText = message.text !== '';
  const { codes: inText, rest, fragments } = hasText ? readCodes(message.text) : NOTHING;
  // Whatever code a forwarded message holds may be somebody else's.
  const found = message.forwarded ? [] : [...inText, ...message.attachments.flatMap(findCodes)];
  const link = readLinkPayload(message.linkPayload ?? '');
  const codes = merge(link.code === undefined ? found : [link.code, ...found]);
  const isOurs = message.buttonPayload !== '' && findCodes(message.buttonPayload).some(({ intact }) => intact);
  const buttonPayload = isOurs || message.forwarded ? '' : message.buttonPayload.slice(0, MAX_PAYLOAD_LENGTH);
  return {
    codes,
    fragments: message.forwarded ? 0 : fragments,
    greeting: hasText && !message.forwarded ? recognise(rest) : undefined,
    language: hasText ? languageOf(rest) : '',
    uiLanguage,
    // A link says where the person came from, a button only what they pressed.
    startPayload: link.foreign === '' ? buttonPayload : link.foreign,
    isStartCommand: start?.isStart ?? false,
    codeWord: hasText && !message.forwarded ? findWord(rest) : undefined,
  };
}

/** Links of other channels carry what Telegram's `start` does, under the same rules: our code alone, or with its placement. */
function readLinkPayload(payload: string): { readonly code?: FoundCode; readonly foreign: string } {
  if (payload === '') return { foreign: '' };
  const { code } = parseStartCommand(`/start ${payload}`);
  const foreign = code?.intact === true ? '' : payload.slice(0, MAX_PAYLOAD_LENGTH);
  return code === undefined ? { foreign } : { code, foreign };
}
