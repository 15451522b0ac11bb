/**
 * At most `max` UTF-16 units of a text that came from outside. A cut through a surrogate pair, or a lone surrogate sent on purpose,
 * becomes U+FFFD: protobuf and ClickHouse both take UTF-8 only.
 */
export function clip(text: string, max: number): string {
  return (text.length > max ? text.slice(0, max) : text).toWellFormed();
}
