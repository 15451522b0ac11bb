import type { Check, Findings } from './check.ts';
import { runTool } from './command.ts';
import { lineAt, projectFiles, readText } from './files.ts';

interface Rule {
  readonly pattern: RegExp;
  readonly problem: string;
}

/** Patterns are put together from pieces, so that this file does not hold what it forbids. */
function joined(...pieces: readonly string[]): string {
  return pieces.join('');
}

const RULES: readonly Rule[] = [
  {
    pattern: new RegExp(
      `(?<![\\w.}:])/(?:${joined('ho', 'me')}/[a-z][\\w-]*/|${joined('Us', 'ers')}/[A-Za-z][\\w-]*/|${joined('ro', 'ot')}/|${joined('wo', 'rk')}/)`,
    ),
    problem: 'a path of one machine',
  },
  {
    pattern: new RegExp(
      joined(
        '(?:',
        [
          'registry\\.np',
          'mjs|registry\\.yarn',
          'pkg|py',
          'pi\\.org|files\\.pythonho',
          'sted|proxy\\.gol',
          'ang\\.org|cra',
          'tes\\.io|repo1?\\.mav',
          'en|arti',
          'factory',
        ].join(''),
        ')',
      ),
      'i',
    ),
    problem: 'a package registry by name: it belongs to the configuration of whoever installs',
  },
  { pattern: new RegExp(joined('-----BEGIN [A-Z ]*PRIV', 'ATE KEY-----')), problem: 'a private key' },
  { pattern: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/, problem: 'an AWS access key' },
  { pattern: /\bgh[pousr]_[A-Za-z0-9]{36}\b/, problem: 'a GitHub token' },
  { pattern: /\bxox[abprs]-[A-Za-z0-9-]{20,}/, problem: 'a Slack token' },
  { pattern: /\bEAA[A-Za-z0-9]{80,}\b/, problem: 'a Meta access token' },
  { pattern: /\b\d{8,10}:AA[A-Za-z0-9_-]{33}\b/, problem: 'a Telegram bot token' },
];

/** Recorded payloads of others, kept as they were; their senders made their examples up. */
const FOREIGN = /(^|\/)corpus\//;
const BINARY = /\.(png|jpe?g|gif|ico|woff2?|mmdb|gz|zip|jar|pdf)$/;

export const hygiene: Check = {
  name: 'hygiene',
  rule: 'no secret, no path of one machine and no package registry in the repository',
  remedy: 'use a relative path, the environment or a made-up value; a secret that was committed must be revoked',
  async run(root): Promise<Findings> {
    const rules = [...RULES, ...ownRegistry(root)];
    const files = projectFiles(root).filter((path) => !FOREIGN.test(path) && !BINARY.test(path));
    return { problems: files.flatMap((path) => findings(path, readText(root, path), rules)) };
  },
};

export function findings(path: string, text: string, rules: readonly Rule[] = RULES): readonly string[] {
  return rules.flatMap(({ pattern, problem }) => {
    const found = pattern.exec(text);
    return found === null ? [] : [`${path}:${lineAt(text, found.index)}: ${problem}`];
  });
}

/** The registry of this machine: a lock file written behind a mirror would send everybody there. */
function ownRegistry(root: string): readonly Rule[] {
  const address = runTool(root, 'npm', ['config', 'get', 'registry']).stdout.trim();
  if (!URL.canParse(address)) return [];
  const { host } = new URL(address);
  return [{ pattern: new RegExp(host.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'), 'i'), problem: 'the package registry of this machine' }];
}
