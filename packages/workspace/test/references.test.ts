// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of workspace files look like template strings
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { nearestKey } from '../src/nearest-key.ts';
import { isReference, maskReferences, resolveReferences, unmaskReferences } from '../src/references.ts';

const noFiles = {
  readFile: () => {
    throw new Error('no files');
  },
};
const envName = fc.stringMatching(/^[A-Z][A-Z0-9_]{0,8}$/);
const literal = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !text.includes('${'));

describe('references', () => {
  it('masking keeps every position and can be undone', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            literal,
            envName.map((name) => `\${${name}}`),
            envName.map((name) => `\${${name}:-a, b: [c] #d}`),
          ),
        ),
        (parts) => {
          const text = parts.join('');
          expect(maskReferences(text)).toHaveLength(text.length);
          expect(unmaskReferences(maskReferences(text))).toBe(text);
        },
      ),
    );
  });

  it('stand unquoted where YAML expects structure', () => {
    const fallback = fc.stringMatching(/^[ -z|~]{0,12}$/).filter((text) => !/[{}]/.test(text));
    fc.assert(
      fc.property(envName, fallback, (name, text) => {
        const reference = `\${${name}:-${text}}`;
        const read = (yaml: string): unknown => {
          const document = parseDocument(maskReferences(yaml));
          expect(document.errors).toEqual([]);
          return document.toJS();
        };
        const masked = maskReferences(reference);
        expect(read(`a: [ ${reference}, x ]`)).toEqual({ a: [masked, 'x'] });
        expect(read(`a: { b: ${reference}, c: 1 }`)).toEqual({ a: { b: masked, c: 1 } });
        expect(read(`a: ${reference}`)).toEqual({ a: masked });
        expect(read(`a: "${reference}"`)).toEqual({ a: masked });
        expect(unmaskReferences(masked)).toBe(reference);
      }),
    );
  });

  it('resolve to what the environment holds, and text around them stays', () => {
    fc.assert(
      fc.property(literal, envName, fc.string({ minLength: 1 }), literal, (before, name, value, after) => {
        const resolved = resolveReferences(`${before}\${${name}}${after}`, { env: { [name]: value }, ...noFiles });
        expect(resolved).toEqual({ value: `${before}${value}${after}`, defaulted: [], problems: [] });
      }),
    );
  });

  it('take the default when the variable is not set or empty, and what the default holds is not read again', () => {
    fc.assert(
      fc.property(
        envName,
        fc.stringMatching(/^[^{}\n]{0,10}$/),
        fc.constantFrom<Record<string, string>>({}, { X: '' }),
        (name, fallback, env) => {
          const resolved = resolveReferences(`\${${name}:-${fallback}}`, { env: 'X' in env ? { [name]: '' } : env, ...noFiles });
          expect(resolved).toEqual({ value: fallback, defaulted: [name], problems: [] });
        },
      ),
    );
  });

  it('name what is missing and never what is there', () => {
    fc.assert(
      fc.property(envName, (name) => {
        const { problems } = resolveReferences(`\${${name}}`, { env: {}, ...noFiles });
        expect(problems).toEqual([
          `the environment variable ${name} is not set; set it, or write \${file:/path} to read the value from a file`,
        ]);
      }),
    );
  });

  it.each([
    ['${}', '${} is no reference; write ${NAME}, ${NAME:-default} or ${file:/absolute/path}'],
    ['${a b}', '${a b} is no reference; write ${NAME}, ${NAME:-default} or ${file:/absolute/path}'],
    ['${file:secrets/x}', '${file:secrets/x} needs an absolute path, such as ${file:/run/secrets/token}'],
    ['${file:/x}', 'the file /x cannot be read (unreadable); create it and let this process read it'],
    ['${constructor}', 'the environment variable constructor is not set; set it, or write ${file:/path} to read the value from a file'],
  ])('%s', (text, message) => {
    expect(resolveReferences(text, { env: {}, ...noFiles }).problems).toEqual([message]);
  });

  it('an empty file is no secret', () => {
    expect(resolveReferences('${file:/x}', { env: {}, readFile: () => '\n' }).problems).toEqual(['the file /x is empty']);
  });

  it('are told from text that only holds one', () => {
    expect(isReference('${A}')).toBe(true);
    expect(isReference('x${A}')).toBe(false);
    expect(isReference('${A}${B}')).toBe(false);
  });
});

describe('the nearest key', () => {
  it.each([
    ['phoneNumberId', 'phone_number_id'],
    ['phone-number-id', 'phone_number_id'],
    ['usrename', 'username'],
    ['verifytoken', 'verify_token'],
    ['banana', undefined],
    ['', undefined],
  ])('of %s is %s', (written, meant) => {
    expect(nearestKey(written, ['phone', 'phone_number_id', 'username', 'verify_token'])).toBe(meant);
  });
});
