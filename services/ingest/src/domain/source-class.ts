/** Closed list of SourceKind in proto/messtrack/v1/source.proto. */
export type SourceKindWord = 'ad' | 'search' | 'social' | 'assistant' | 'messenger' | 'email' | 'campaign' | 'referral' | 'direct';

export interface SourceClass {
  readonly kind: SourceKindWord;
  /** "Google", "ChatGPT"; of a referral its host; empty where the kind says all. */
  readonly name: string;
}
