import { BlockList, isIP, isIPv4 } from 'node:net';
import { z } from 'zod';
import { NAME_PATTERN, NAME_RULE, says, text } from './schema-text.ts';

/** Lists of personal data: every entry is a reference, so that no number of a person stands in the file. */
export const PERSONAL_LISTS: ReadonlySet<string> = new Set(['phones', 'telegram_users']);

/** What each list may come to, numbers inside references counted: the epoch of every account carries the contact keys of its channel. */
const MAX_ENTRIES = 500;

/** One reference may hold a whole staff list. */
export function splitList(value: string): readonly string[] {
  return value.split(/[\s,;]+/).filter((part) => part !== '');
}

function list<T extends z.ZodType>(item: T, what: string): z.ZodOptional<z.ZodArray<T>> {
  return z
    .array(item, { error: says(what) })
    .refine(
      (values) => values.reduce((sum: number, value) => sum + (typeof value === 'string' ? splitList(value).length : 1), 0) <= MAX_ENTRIES,
      {
        error: () => `must be at most ${MAX_ENTRIES} entries`,
      },
    )
    .optional();
}

function personal(expected: string, pattern: RegExp): z.ZodString {
  return z
    .string({ error: says(expected) })
    .refine((value) => splitList(value).length > 0 && splitList(value).every((part) => pattern.test(part)), {
      error: says(expected),
    });
}

const NETWORK_RULE = 'an address or a network, such as "203.0.113.7" or "203.0.113.0/24"';
const VISITOR_RULE = 'the visitor_id of a browser, 1 to 64 characters of A-Z, a-z, 0-9, "_" and "-"';
const PARAMETER_RULE =
  'the name of a query parameter, 2 to 32 characters of a-z, 0-9, "_" and "-", starting with a letter; no utm_* and no click id';

/** Parameters that real links carry: marking those would take every ad's clicks for tests. */
const TAKEN_PARAMETER =
  /^(?:utm_|g(?:clid|braid|ad_source)|wbraid|dclid|ym?clid|fbclid|ttclid|twclid|msclkid|li_fat_id|sccid|rdt_cid|epik|rb_clickid|vkclid|ctwa_clid)/;

export const internalSchema = z
  .strictObject(
    {
      phones: list(
        personal(
          `a reference to numbers in E.164, such as \${STAFF_PHONES}; several are separated by spaces or commas`,
          /^\+[1-9][0-9]{6,14}$/,
        ),
        `a list of references, such as [ \${STAFF_PHONES} ]`,
      ).describe('WhatsApp numbers of own people, as references. Their messages start no lead.'),
      telegram_users: list(
        personal(
          `a reference to Telegram user ids, such as \${STAFF_TELEGRAM}; several are separated by spaces or commas`,
          /^[1-9][0-9]{0,15}$/,
        ),
        `a list of references, such as [ \${STAFF_TELEGRAM} ]`,
      ).describe('Telegram user ids of own people, as references. Their messages start no lead.'),
      contacts: list(
        text('a contact key of 22 characters as the warehouse shows it in messages.contact', /^[A-Za-z0-9_-]{22}$/),
        'a list of contact keys',
      ).describe('The same by pseudonym: contact keys as messages.contact of the warehouse shows them.'),
      visitors: list(text(VISITOR_RULE, /^[A-Za-z0-9_-]{1,64}$/), 'a list of visitor ids').describe(
        'Browsers of own people: visitor_id as clicks of the warehouse shows it. Their clicks are never candidates and are counted apart.',
      ),
      placements: list(text(NAME_RULE, NAME_PATTERN), 'a list of placements of this file').describe(
        'Placements that are for trying only. Their clicks are never candidates and are counted apart.',
      ),
      networks: list(
        z.string({ error: says(NETWORK_RULE) }).refine((value) => isNetwork(value), { error: says(NETWORK_RULE) }),
        'a list of networks, such as ["203.0.113.0/24"]',
      ).describe('Networks of own offices: clicks from there are never candidates and are counted apart.'),
      parameter: text(PARAMETER_RULE, /^[a-z][a-z0-9_-]{1,31}$/)
        .refine((value) => !TAKEN_PARAMETER.test(value), { error: says(PARAMETER_RULE) })
        .optional()
        .describe('Query parameter that marks a redirect as a test whatever its value: with "qa", /t/acme/ad?qa=1.'),
    },
    { error: says('a map of phones, telegram_users, contacts, visitors, placements, networks, parameter') },
  )
  .describe("The workspace's own people, test links and test browsers: left out of leads and statistics, and shown as such.");

/** True for an IPv4 or IPv6 address, with a prefix length or without. */
export function isNetwork(value: string): boolean {
  const [address = '', prefix, ...rest] = value.split('/');
  if (isIP(address) === 0 || rest.length > 0) return false;
  if (prefix === undefined) return true;
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= (isIPv4(address) ? 32 : 128);
}

/** Networks as one list to look addresses up in. Every entry passes `isNetwork`. */
export function networkList(networks: readonly string[]): BlockList {
  const found = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    if (prefix === undefined) found.addAddress(address, family);
    else found.addSubnet(address, Number(prefix), family);
  }
  return found;
}
