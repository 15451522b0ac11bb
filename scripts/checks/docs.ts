import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Parser } from '@asyncapi/parser';
import type { Check, Findings } from './check.ts';
import { projectFiles, readText } from './files.ts';

export const docs: Check = {
  name: 'docs',
  rule: 'links resolve, the tests named by docs exist, the AsyncAPI document is valid',
  remedy: 'repair the link, or the name of the test; for docs/asyncapi.yaml change its sources and npm run generate',
  async run(root): Promise<Findings> {
    const pages = projectFiles(root).filter((path) => path.endsWith('.md'));
    return {
      problems: [
        ...pages.flatMap((page) => deadLinks(root, page)),
        ...pages.flatMap((page) =>
          missingTests(page, readText(root, page), (path) => (existsSync(join(root, path)) ? readText(root, path) : undefined)),
        ),
        ...deliveryRowsWithoutTest(readText(root, 'docs/architecture.md')),
        ...pitfallProblems(readText(root, 'docs/pitfalls.md')),
        ...(await asyncApiProblems(readText(root, 'docs/asyncapi.yaml'))),
      ],
    };
  },
};

function deadLinks(root: string, page: string): readonly string[] {
  return relativeLinks(readText(root, page)).flatMap((link) => {
    const path = decodeURI(link.split('#', 1)[0] ?? '');
    const target = path.startsWith('/') ? path.slice(1) : join(dirname(page), path);
    return path === '' || existsSync(join(root, target)) ? [] : [`${page}: the link ${link} leads nowhere`];
  });
}

export function relativeLinks(markdown: string): readonly string[] {
  const prose = markdown.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`\n]*`/g, '');
  const links = [...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)].map((match) => match[1] ?? '');
  return links.filter((link) => link !== '' && !/^(?:[a-z][a-z0-9+.-]*:|#)/i.test(link));
}

const TEST_REFERENCE = /`([\w./-]+\.test\.ts)`(?:\s*›\s*(?:“([^”]+)”|"([^"]+)"))?/g;

/** A reference to a test is its file in backticks, optionally followed by › and the test's title in quotes. */
export function missingTests(page: string, markdown: string, read: (path: string) => string | undefined): readonly string[] {
  return [...markdown.matchAll(TEST_REFERENCE)].flatMap(([, path = '', curly, straight]) => {
    const title = curly ?? straight;
    const text = read(path);
    if (text === undefined) return [`${page}: there is no test file ${path}`];
    return title === undefined || namesTest(text, title) ? [] : [`${page}: ${path} has no test "${title}"`];
  });
}

/** A title begins a string of the file: in a comment, or in the middle of another title, it would outlive its test. */
function namesTest(text: string, title: string): boolean {
  return ["'", '"', '`'].some((quote) => text.includes(quote + title));
}

/** Every row of the delivery table names the test that proves it. */
export function deliveryRowsWithoutTest(markdown: string): readonly string[] {
  return rowsWithoutTest('docs/architecture.md', markdown, 'Delivery guarantees');
}

/** Every pitfall stands in one of the tables, and those that are proved name the test. */
export function pitfallProblems(markdown: string): readonly string[] {
  const numbers = [...markdown.matchAll(/^\| (\d+) \|/gm)].map((match) => Number(match[1]));
  const highest = Math.max(0, ...numbers);
  const counts = Array.from({ length: highest }, (_, index) => numbers.filter((number) => number === index + 1).length);
  return [
    ...counts.flatMap((count, index) => (count === 1 ? [] : [`docs/pitfalls.md: no. ${index + 1} stands there ${count} times`])),
    ...rowsWithoutTest('docs/pitfalls.md', markdown, 'Proved'),
  ];
}

function rowsWithoutTest(page: string, markdown: string, heading: string): readonly string[] {
  const section = `\n${markdown}`.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
  const rows = section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2);
  if (rows.length === 0) return [`${page}: the section "${heading}" has no table`];
  return rows.filter((row) => !row.includes('.test.ts`')).map((row) => `${page}: no test is named for "${row.split('|')[1]?.trim()}"`);
}

/** What AsyncAPI's own parser says of a document, errors and warnings. */
export async function asyncApiProblems(document: string): Promise<readonly string[]> {
  const { document: parsed, diagnostics } = await new Parser().parse(document);
  const problems = diagnostics
    .filter(({ severity }) => severity <= 1)
    .map(({ path, message }) => `docs/asyncapi.yaml ${path.join('.')}: ${message}`);
  return parsed === undefined && problems.length === 0 ? ['docs/asyncapi.yaml cannot be parsed'] : problems;
}
