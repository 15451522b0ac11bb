/**
 * Hostile posts of every provider, from a seed. Proved ones are hostile in what they say and carry a right proof over it; all others carry a wrong one, or none, or
 * break HTTP's limits, and nothing of them may be in the log. Numbers tell them apart there: some providers have no letters in their ids.
 */
import { gzipSync } from 'node:zlib';
import { CASES, type ProviderCase, SECRET } from '../../bench/providers/cases.ts';
import type { Answer, Post } from './client.ts';

export interface Attack extends Post {
  readonly kind: string;
  readonly isProved: boolean;
  /** Answers that are right. */
  readonly expects: readonly Answer['status'][];
}

type Random = () => number;

/** First numbers of honest posts, of those without a right proof, and of proved hostile ones; ids of providers keep nine digits. */
export const FIRST_UNPROVED = 500_000_000;
export const FIRST_PROVED = 800_000_000;

const REFUSED: readonly Answer['status'][] = [401];
const TAKEN_OR_UNREADABLE: readonly Answer['status'][] = [200, 400];

/** Proofs that change with the body; the others are a secret sent along, which a changed body does not break. */
const SIGNED = CASES.filter(
  (each) => JSON.stringify(each.prove(each.body(person('a', 1)))) !== JSON.stringify(each.prove(each.body(person('b', 2)))),
);
/** Their secret stands in the body, so that a body made of something else has no proof. */
const SECRET_IN_BODY = CASES.filter((each) => each.body(person('a', 1)).includes(SECRET));
const OUTSIDE_BODY = CASES.filter((each) => !SECRET_IN_BODY.includes(each));

export function honestPost(of: ProviderCase, id: string, sequence: number): Post {
  const body = of.body(person(id, sequence));
  return proved(of, body);
}

function person(id: string, sequence: number): Parameters<ProviderCase['body']>[0] {
  return {
    phone: `1${2_000_000_000 + sequence}`,
    messageId: `${id}${sequence}`,
    text: `Hello! I have a question ${sequence}`,
    at: 1_764_000_000,
  };
}

function proved(of: ProviderCase, body: string): Post {
  const { headers, query } = of.prove(body);
  return { path: of.path + (query ?? ''), headers: { 'content-type': of.contentType, ...headers }, body: Buffer.from(body) };
}

/** A wrong proof of the right form: one hex digit or letter is another. */
function forged(of: ProviderCase, post: Post, random: Random): Post {
  const spoil = (value: string) => {
    const at = value.length - 1 - Math.floor(random() * Math.min(20, value.length - 1));
    return `${value.slice(0, at)}${value[at] === '1' ? '2' : '1'}${value.slice(at + 1)}`;
  };
  const headers = Object.fromEntries(
    Object.entries(post.headers).map(([name, value]) => [name, name === 'content-type' ? value : spoil(value)]),
  );
  const path = post.path.replace(SECRET, 'bench-secret-of-another');
  const body = SECRET_IN_BODY.includes(of) ? Buffer.from(post.body.toString().replaceAll(SECRET, 'bench-secret-of-another')) : post.body;
  return { path, headers, body };
}

interface Maker {
  readonly kind: string;
  /**
   * How often, against the others. Bodies of megabytes are rare: the campaign is about what they make of the gateway, not of the loopback. So is what costs
   * milliseconds and only a provider could send, because it carries a right proof.
   */
  readonly weight: number;
  make(sequence: number, random: Random): Omit<Attack, 'kind'>;
}

const one = <T>(list: readonly T[], random: Random): T => list[Math.floor(random() * list.length)]!;
const evil = (of: ProviderCase, sequence: number): Post => honestPost(of, 'evil', FIRST_UNPROVED + sequence);
const unproved = (post: Post, expects = REFUSED): Omit<Attack, 'kind'> => ({ ...post, isProved: false, expects });
const hostile = (of: ProviderCase, body: string | Buffer): Omit<Attack, 'kind'> => {
  // Proofs are over text here; bytes that are none keep the proof of what they read as, which is right for secrets and wrong for signatures.
  const post = proved(of, body.toString());
  return { ...post, body: Buffer.from(body), isProved: true, expects: TAKEN_OR_UNREADABLE };
};

/** Takes the place of a field's value, keeping the rest of the body and the secret in it. */
function withValue(of: ProviderCase, sequence: number, value: string): string {
  const body = of.body(person('proved', FIRST_PROVED + sequence));
  return body.replace(
    /"(?:text|body|Body|textMessage|conversation|message)":"[^"]*"/,
    (field) => `${field.slice(0, field.indexOf(':'))}:${value}`,
  );
}

const DEEP = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
const MANY = `[${'{},'.repeat(9_999)}{}]`;
const BOMB = gzipSync(Buffer.alloc(10_000_000));
const LARGE = Buffer.alloc(3_200_000, 0x20);
const JSON_OUTSIDE = OUTSIDE_BODY.filter(({ contentType }) => contentType === 'application/json');
const JSON_SIGNED = SIGNED.filter(({ contentType }) => contentType === 'application/json');
const JSON_CASES = CASES.filter(({ contentType }) => contentType === 'application/json');

const MAKERS: readonly Maker[] = [
  {
    kind: 'no proof',
    weight: 10,
    make(sequence, random) {
      const of = one(CASES, random);
      const { body, path } = forged(of, evil(of, sequence), random);
      return unproved({ path: path.replace(/\?.*$/, ''), headers: { 'content-type': of.contentType }, body });
    },
  },
  {
    kind: 'wrong proof',
    weight: 15,
    make(sequence, random) {
      const of = one(CASES, random);
      return unproved(forged(of, evil(of, sequence), random));
    },
  },
  {
    kind: 'proof of another account',
    weight: 10,
    make(sequence, random) {
      const of = one(SIGNED, random);
      const other = one(
        CASES.filter((each) => each !== of),
        random,
      );
      const { headers } = other.prove(other.body(person('evil', FIRST_UNPROVED + sequence)));
      return unproved({ ...evil(of, sequence), headers: { 'content-type': of.contentType, ...headers } });
    },
  },
  {
    kind: 'replayed proof',
    weight: 10,
    make(sequence, random) {
      const of = one(SIGNED, random);
      return unproved({ ...evil(of, sequence), headers: evil(of, sequence + 100_000_000).headers });
    },
  },
  {
    kind: 'time shifted',
    weight: 5,
    make(sequence, random) {
      const of = one(JSON_SIGNED, random);
      const post = evil(of, sequence);
      return unproved({ ...post, body: Buffer.from(post.body.toString().replaceAll('1764000000', '1764099999')) });
    },
  },
  {
    kind: 're-encoded',
    weight: 10,
    make(sequence, random) {
      const of = one(JSON_SIGNED, random);
      const post = evil(of, sequence);
      return unproved({ ...post, body: Buffer.from(JSON.stringify(JSON.parse(post.body.toString()), undefined, 1)) });
    },
  },
  {
    kind: 'truncated',
    weight: 10,
    make(sequence, random) {
      const of = one(SIGNED, random);
      const post = evil(of, sequence);
      return unproved({ ...post, body: post.body.subarray(0, Math.floor(random() * post.body.length)) });
    },
  },
  {
    kind: 'another charset',
    weight: 3,
    make(sequence, random) {
      const of = one(SIGNED, random);
      const post = evil(of, sequence);
      const headers = { ...post.headers, 'content-type': `${of.contentType}; charset=utf-16` };
      return unproved({ ...post, headers, body: Buffer.from(post.body.toString(), 'utf16le') });
    },
  },
  {
    kind: 'compressed',
    weight: 2,
    make(sequence, random) {
      const post = evil(one(CASES, random), sequence);
      return unproved(
        { ...post, headers: { ...post.headers, 'content-encoding': one(['gzip', 'br', 'deflate'], random) }, body: BOMB },
        [415],
      );
    },
  },
  {
    kind: 'bomb without a word',
    weight: 1,
    make: (sequence, random) => unproved({ ...evil(one(SIGNED, random), sequence), body: BOMB }),
  },
  {
    kind: 'too large',
    weight: 0.05,
    make: (sequence, random) => unproved({ ...evil(one(CASES, random), sequence), body: LARGE }, [413, 'reset']),
  },
  {
    kind: 'header without end',
    weight: 0.5,
    make(sequence, random) {
      const post = evil(one(CASES, random), sequence);
      return unproved({ ...post, headers: { ...post.headers, 'x-more': 'x'.repeat(20_000) } }, [431, 'reset']);
    },
  },
  {
    kind: 'address of nobody',
    weight: 5,
    make(sequence, random) {
      const post = evil(one(CASES, random), sequence);
      const path = one(
        [
          '/hooks/whatsapp/bench/nobody',
          '/hooks/whatsapp/nobody/whatsapp',
          '/hooks/pigeon/bench/x',
          '/hooks/telegram',
          '/hooks/%00/%2e%2e/x',
        ],
        random,
      );
      return unproved({ ...post, path }, [400, 404]);
    },
  },
  { kind: 'proved, deep', weight: 0.1, make: (_, random) => hostile(one(JSON_OUTSIDE, random), DEEP) },
  { kind: 'proved, deep inside', weight: 0.3, make: (sequence, random) => hostileField(sequence, random, DEEP) },
  { kind: 'proved, ten thousand elements', weight: 0.3, make: (sequence, random) => hostileField(sequence, random, MANY) },
  {
    kind: 'proved, ten thousand messages',
    weight: 0.005,
    make: () =>
      hostile(
        CASES[0]!,
        `{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"messages","value":{"messages":${MANY}}}]}]}`,
      ),
  },
  { kind: 'proved, huge number', weight: 4, make: (sequence, random) => hostileField(sequence, random, '9'.repeat(2_000)) },
  {
    kind: 'proved, duplicate keys',
    weight: 4,
    make(sequence, random) {
      const of = one(JSON_CASES, random);
      const body = of.body(person('proved', FIRST_PROVED + sequence));
      return hostile(of, `${body.slice(0, -1)},${body.slice(1)}`);
    },
  },
  {
    kind: 'proved, prototypes',
    weight: 4,
    make(sequence, random) {
      const of = one(JSON_CASES, random);
      const body = of.body(person('proved', FIRST_PROVED + sequence));
      return hostile(of, `{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},${body.slice(1)}`);
    },
  },
  {
    kind: 'proved, cut off',
    weight: 4,
    make(sequence, random) {
      const of = one(OUTSIDE_BODY, random);
      const body = of.body(person('proved', FIRST_PROVED + sequence));
      return hostile(of, body.slice(0, Math.floor(random() * body.length)));
    },
  },
];

function hostileField(sequence: number, random: Random, value: string): Omit<Attack, 'kind'> {
  const of = one(JSON_CASES, random);
  return hostile(of, withValue(of, sequence, value));
}

/** Upper ends of the makers' shares of [0, 1). */
const SHARES = MAKERS.map((_, index) => sumOf(MAKERS.slice(0, index + 1)) / sumOf(MAKERS));

export function attack(sequence: number, random: Random): Attack {
  const drawn = random();
  const maker = MAKERS[SHARES.findIndex((end) => drawn < end)] ?? MAKERS[0]!;
  return { kind: maker.kind, ...maker.make(sequence, random) };
}

function sumOf(makers: readonly Maker[]): number {
  return makers.reduce((sum, { weight }) => sum + weight, 0);
}
