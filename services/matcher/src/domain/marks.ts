import { primary } from './profiles.ts';
import type { Device, MessageTouchpoint, Wording } from './touchpoint.ts';

/** What row 6 compares with clicks: everything a message shows beside its identifier. Empty is silence, never a value. */
export interface Marks {
  readonly messageId: string;
  readonly timeMs: number;
  readonly country: string;
  readonly region: string;
  readonly language: string;
  readonly device: Device;
  readonly wording: Wording;
  readonly greetingVariant: number;
  readonly greetingPlacement: string;
}

export function marksOf(message: MessageTouchpoint, messageId: string, timeMs: number): Marks {
  return {
    messageId,
    timeMs,
    country: message.country,
    region: message.region,
    language: primary(message.language === '' ? message.uiLanguage : message.language),
    device: message.device,
    wording: message.wording,
    greetingVariant: message.greetingVariant,
    greetingPlacement: message.greetingPlacement,
  };
}

/** What a greeting says of a click: `same` one, `other` one, other `words`, or nothing. */
export type Greeting = 'same' | 'other' | 'words' | 'silent';

export function greetingOf(marks: Marks, clickVariant: number, clickPlacement: string): Greeting {
  if (clickVariant < 0 || marks.wording === 'unknown') return 'silent';
  if (marks.wording === 'other') return 'words';
  // Two placements may show the same words, and the gateway names one of them: then the number says nothing.
  if (marks.greetingPlacement !== '' && marks.greetingPlacement !== clickPlacement) return 'silent';
  return marks.greetingVariant === clickVariant ? 'same' : 'other';
}
