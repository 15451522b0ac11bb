/** How a code travelled; `word` for printed code words, which name a placement and no click; `none` when no code did. */
export type Carrier = 'visible' | 'emoji' | 'invisible' | 'start_payload' | 'word' | 'none';
