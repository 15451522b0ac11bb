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
  const groups = ipv6Groups(ip);
  const group = (index: number): number => groups[index] ?? 0;
  return [group(0) * 65_536 + group(1), group(2) * 65_536 + group(3)];
}

/** An address of either family as its 4 or 16 bytes. The caller has checked it. */
export function addressBytes(ip: string): Uint8Array {
  if (!ip.includes(':')) {
    const number = ipv4Number(ip);
    return Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number);
  }
  return Uint8Array.from(ipv6Groups(ip).flatMap((group) => [group >> 8, group & 0xff]));
}

/** Eight numbers of 16 bits. */
function ipv6Groups(ip: string): readonly number[] {
  const [address = ''] = ip.split('%');
  const [head = '', tail] = address.split('::');
  const before = groupsOf(head);
  const after = groupsOf(tail ?? '');
  return tail === undefined ? before : [...before, ...new Array<number>(Math.max(0, 8 - before.length - after.length)).fill(0), ...after];
}

function groupsOf(part: string): readonly number[] {
  if (part === '') return [];
  return part.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    // An IPv4 address at the end stands for two groups.
    const number = ipv4Number(group);
    return [number >>> 16, number & 0xffff];
  });
}
