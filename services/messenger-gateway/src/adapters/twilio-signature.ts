/**
 * `X-Twilio-Signature`: base64 of HMAC-SHA1 with the account's primary auth token over the address as Twilio called it, followed by every field of the
 * form, name and value run together, sorted by name (twilio.com/docs/usage/webhooks/webhooks-security). No field may be left out or trimmed: new ones
 * appear without notice. Twilio's own SDK checks the same in test/twilio-signature.test.ts.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { FormFields } from './form-body.ts';
import type { ReceivedRequest } from './provider.ts';

/** Over an address; any of the ways Twilio may have written its port. */
export function isTwilioSignature(url: string, fields: FormFields, authToken: string, header: string | undefined): boolean {
  const params = signedFields(fields);
  const given = Buffer.from(header ?? '', 'latin1');
  // The first spelling that fits is enough: time tells how Twilio wrote the port, and of a signature that fits none nothing.
  return portSpellings(url).some((candidate) => {
    const expected = Buffer.from(
      createHmac('sha1', authToken)
        .update(candidate + params)
        .digest('base64'),
      'latin1',
    );
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

/** A repeated field counts once per different value. */
function signedFields(fields: FormFields): string {
  let signed = '';
  for (const name of [...fields.keys()].sort()) {
    const values = fields.get(name)!;
    // Repeated fields are rare, and a set for each of twenty costs as much as the HMAC.
    if (values.length === 1) signed += name + values[0]!;
    else for (const value of [...new Set(values)].sort()) signed += name + value;
  }
  return signed;
}

const ADDRESS = /^(https?):\/\/([^/?#]*?)(?::(\d{1,5}))?([/?#].*)?$/i;

/** Twilio signs with the port for some products and without it for others, whatever the address said. */
function portSpellings(url: string): readonly string[] {
  const match = ADDRESS.exec(url);
  if (match === null) return [url];
  const [, scheme = '', host = '', port, rest = ''] = match;
  const standard = scheme.toLowerCase() === 'https' ? '443' : '80';
  return [`${scheme}://${host}${rest}`, `${scheme}://${host}:${port ?? standard}${rest}`];
}

/**
 * The address as Twilio called it: scheme, host and prefix from the configured one, path and query from the request. Without one, what the proxies say,
 * else `Host`; the scheme is https then, unless a proxy says otherwise: Twilio is outside, and TLS ends before us. A header that lies makes a wrong
 * signature and nothing else. Undefined when there is no host.
 */
export function publicAddress({ url, header }: Pick<ReceivedRequest, 'url' | 'header'>, publicUrl: string | undefined): string | undefined {
  if (publicUrl !== undefined) return publicUrl + url;
  const host = firstOf(header('x-forwarded-host')) ?? header('host');
  if (host === undefined || host === '') return undefined;
  const scheme = firstOf(header('x-forwarded-proto'))?.toLowerCase() === 'http' ? 'http' : 'https';
  const port = firstOf(header('x-forwarded-port'));
  const isPortGiven = /:\d+$/.test(host) || port === undefined || !/^\d{1,5}$/.test(port);
  return `${scheme}://${host}${isPortGiven ? '' : `:${port}`}${firstOf(header('x-forwarded-prefix'))?.replace(/\/+$/, '') ?? ''}${url}`;
}

/** Each proxy adds its own behind a comma: the first is what the outside saw. */
function firstOf(header: string | undefined): string | undefined {
  const first = header?.split(',', 1)[0]?.trim();
  return first === '' ? undefined : first;
}
