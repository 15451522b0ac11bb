/** An IPv4 address in dotted form as a number. The caller has checked that it is one. */
export function ipv4Number(ip: string): number {
  let number = 0;
  let part = 0;
  for (let index = 0; index < ip.length; index += 1) {
    const code = ip.charCodeAt(index);
    if (code === DOT) {
      number = number * 256 + part;
      part = 0;
    } else part = part * 10 + (code - ZERO);
  }
  return number * 256 + part;
}

const DOT = 46;
const ZERO = 48;

/** The network half of an IPv6 address, its first 64 bits, as two numbers of 32; networks are announced in nothing smaller. The caller has checked the address. */
export function ipv6Network(ip: string): readonly [high: number, low: number] {
  const [address = ''] = ip.split('%');
  const [head = '', tail] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  // An IPv4 address at the end stands for two groups.
  const written = before.length + after.length + (address.includes('.') ? 1 : 0);
  const groups = tail === undefined ? before : [...before, ...new Array<string>(Math.max(0, 8 - written)).fill('0'), ...after];
  const group = (index: number): number => Number.parseInt(groups[index] ?? '0', 16);
  return [group(0) * 65_536 + group(1), group(2) * 65_536 + group(3)];
}
