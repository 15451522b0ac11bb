/**
 * The tracking code: the identifier of a click, the same bits whatever carries it.
 * Contract for ingest (issues codes), the snippet (makes them in a browser: no Node imports in this package) and the gateway (finds them).
 */
export type Carrier = 'visible' | 'emoji' | 'invisible' | 'start_payload';

/** Canonical form of a code: upper-case letters and digits of the code alphabet, checksum included, no separators. */
export type TrackingCode = string;

export interface FoundCode {
  readonly code: TrackingCode;
  readonly carrier: Carrier;
  /** True when the checksum holds as read. False: right length and alphabet after folding, or one symbol off, checksum wrong; the matcher may repair it. */
  readonly intact: boolean;
}
