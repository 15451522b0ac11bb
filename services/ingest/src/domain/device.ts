export type DeviceKind = 'unknown' | 'ios' | 'android' | 'desktop';

/** Kind of device by user agent. iPadOS 13 and later call themselves a Macintosh and count as desktop: the user agent does not tell. */
export function deviceOf(userAgent: string): DeviceKind {
  if (/iPhone|iPad|iPod/.test(userAgent)) return 'ios';
  if (userAgent.includes('Android')) return 'android';
  if (/Windows NT|Macintosh|X11|Linux|CrOS/.test(userAgent)) return 'desktop';
  return 'unknown';
}
