/** How a code travelled; `none` when no code did. */
export type Carrier = 'visible' | 'emoji' | 'invisible' | 'start_payload' | 'none';
