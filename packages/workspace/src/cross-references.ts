import { z } from 'zod';
import { ACCOUNT_KINDS } from './accounts/account-kinds.ts';
import { carrierFindings, type SharedGreetings } from './carrier-findings.ts';
import { wordFindings } from './code-word-findings.ts';
import type { Finding } from './finding.ts';
import { NAMED_SECTIONS } from './schema.ts';
import { NAME_PATTERN, NAME_RULE } from './schema-text.ts';
import { sendbackFindings } from './sendback-findings.ts';
import { telegramFindings } from './telegram-findings.ts';
import { widgetFindings } from './widget-findings.ts';
import type { Workspace } from './workspace.ts';

/**
 * What one key says about another, read from the raw values, so that these problems are listed together with those of shape and a
 * broken account does not also count as a missing one.
 */
export function crossReferenceFindings(root: unknown): readonly Finding[] {
  if (!isRecord(root)) return [];
  const accounts = record(root['accounts']);
  const placements = record(root['placements']);
  return [
    ...NAMED_SECTIONS.flatMap((section) => nameFindings(section, record(root[section]))),
    ...Object.entries(accounts).flatMap(([name, account]) => accountFindings(name, record(account), placements)),
    ...duplicatesWithin(accounts),
    ...telegramFindings(records(accounts), records(placements)),
    ...Object.entries(placements).flatMap(([name, placement]) =>
      placementFindings(name, record(placement), {
        accounts,
        shared: { parts: root['greeting_parts'], variants: root['greeting_variants'] },
      }),
    ),
    ...wordFindings(placements),
    ...sendbackFindings(placements, accounts),
    ...widgetFindings(placements),
    ...internalFindings(record(root['internal']), placements),
  ];
}

function nameFindings(section: string, values: Record<string, unknown>): readonly Finding[] {
  return Object.keys(values)
    .filter((name) => !NAME_PATTERN.test(name))
    .map((name) => ({ path: [section, name], message: `must be ${NAME_RULE}` }));
}

function accountFindings(name: string, account: Record<string, unknown>, placements: Record<string, unknown>): readonly Finding[] {
  const dedicatedTo = account['dedicated_to'];
  if (typeof dedicatedTo !== 'string' || Object.hasOwn(placements, dedicatedTo)) return [];
  return [
    {
      path: ['accounts', name, 'dedicated_to'],
      message: `names no placement of this file; ${listed('placements', Object.keys(placements))}`,
    },
  ];
}

/** What a placement is read together with. */
interface Around {
  readonly accounts: Record<string, unknown>;
  readonly shared: SharedGreetings;
}

function placementFindings(name: string, placement: Record<string, unknown>, around: Around): readonly Finding[] {
  const pool = placement['pool'];
  if (pool !== undefined) return poolFindings(name, placement, pool, around);
  const accountName = placement['account'];
  if (accountName === undefined)
    return [{ path: ['placements', name, 'account'], message: `is missing; write ${NAME_RULE}, or pool with several of them` }];
  if (typeof accountName !== 'string') return [];
  return [
    ...accountNameFindings(accountName, ['placements', name, 'account'], around.accounts),
    ...textAndCarrierFindings(name, placement, accountName, around),
  ];
}

function accountNameFindings(accountName: string, path: readonly PropertyKey[], accounts: Record<string, unknown>): readonly Finding[] {
  if (Object.hasOwn(accounts, accountName)) return [];
  return [{ path, message: `names no account of this file; ${listed('accounts', Object.keys(accounts))}` }];
}

/** Greetings and carriers of a placement are those of one channel, so its accounts are too. */
function poolFindings(name: string, placement: Record<string, unknown>, pool: unknown, around: Around): readonly Finding[] {
  if (!Array.isArray(pool)) return [];
  const { accounts } = around;
  const findings: Finding[] = [];
  if (placement['account'] !== undefined)
    findings.push({ path: ['placements', name, 'pool'], message: 'stands beside account; keep one of them' });
  const seen = new Set<string>();
  let channel: unknown;
  for (const [index, member] of pool.entries()) {
    const accountName = record(member)['account'];
    if (typeof accountName !== 'string') continue;
    const path = ['placements', name, 'pool', index, 'account'];
    findings.push(...accountNameFindings(accountName, path, accounts));
    if (seen.has(accountName)) findings.push({ path, message: 'is in the pool already; give it a larger weight' });
    seen.add(accountName);
    const own = record(accounts[accountName])['channel'];
    channel ??= own;
    if (own !== undefined && own !== channel)
      findings.push({
        path,
        message: `must be of the channel ${String(channel)}, as the accounts before it: greetings and carriers are those of one channel`,
      });
  }
  const [first] = seen;
  if (first !== undefined) findings.push(...textAndCarrierFindings(name, placement, first, around));
  return findings;
}

function textAndCarrierFindings(
  name: string,
  placement: Record<string, unknown>,
  accountName: string,
  { accounts, shared }: Around,
): readonly Finding[] {
  const account = record(accounts[accountName]);
  const isTwice = placement['greetings'] !== undefined && placement['greeting_parts'] !== undefined;
  return [
    ...(isTwice ? [{ path: ['placements', name, 'greeting_parts'], message: 'stands beside greetings; keep one of them' }] : []),
    ...carrierFindings({ name, placement, channel: channelOf(account), provider: account['provider'], shared }),
  ];
}

/** By the provider where it has but one channel: what is written as channel may be what is wrong. */
function channelOf({ channel, provider }: Record<string, unknown>): unknown {
  const rule = ACCOUNT_KINDS.find((kind) => kind.provider === provider)?.schema.shape.channel;
  return rule instanceof z.ZodLiteral ? rule.value : channel;
}

function internalFindings(internal: Record<string, unknown>, placements: Record<string, unknown>): readonly Finding[] {
  const named = internal['placements'];
  if (!Array.isArray(named)) return [];
  return named.flatMap((name: unknown, index) =>
    typeof name !== 'string' || !NAME_PATTERN.test(name) || Object.hasOwn(placements, name)
      ? []
      : [
          {
            path: ['internal', 'placements', index],
            message: `names no placement of this file; ${listed('placements', Object.keys(placements))}`,
          },
        ],
  );
}

function duplicatesWithin(accounts: Record<string, unknown>): readonly Finding[] {
  const owners = new Map<string, string>();
  const findings: Finding[] = [];
  for (const [name, account] of Object.entries(accounts)) {
    const { provider, key } = receiverKeyOf(record(account)['provider']);
    const receiver = key === undefined ? undefined : record(account)[key];
    if (key === undefined || typeof receiver !== 'string') continue;
    const owner = owners.get(`${provider} ${receiver}`);
    if (owner === undefined) owners.set(`${provider} ${receiver}`, name);
    else findings.push({ path: ['accounts', name, key], message: `is also that of account ${owner}; one number is one account` });
  }
  return findings;
}

function receiverKeyOf(provider: unknown): { readonly provider: string; readonly key: string | undefined } {
  const kind = ACCOUNT_KINDS.find((each) => each.provider === provider);
  return { provider: kind?.provider ?? '', key: kind?.receiverKey };
}

export interface LoadedWorkspace {
  readonly file: string;
  readonly workspace: Workspace;
}

/** What no single file shows: two files with one name, two workspaces with one number. Webhooks of that number would go to either. */
export function betweenWorkspaces(loaded: readonly LoadedWorkspace[]): readonly (Finding & { readonly file: string })[] {
  const findings: (Finding & { readonly file: string })[] = [];
  const names = new Map<string, string>();
  const numbers = new Map<string, string>();
  const shortNames = new Map<string, string>();
  for (const { file, workspace } of loaded) {
    const other = names.get(workspace.name);
    if (other !== undefined) {
      findings.push({
        file,
        path: ['workspace'],
        message: `${workspace.name} is already the workspace of ${other}; give each file its own name`,
      });
      continue;
    }
    names.set(workspace.name, file);
    for (const placement of workspace.placements.values()) {
      for (const [index, shortName] of placement.vanity.entries()) {
        const owner = shortNames.get(shortName);
        if (owner === undefined) shortNames.set(shortName, `${workspace.name}/${placement.name}`);
        else
          findings.push({
            file,
            path: ['placements', placement.name, 'vanity', index],
            message: `is already the short name of placement ${owner}; /go/${shortName} can lead to one place only`,
          });
      }
    }
    for (const account of workspace.accounts.values()) {
      const { key } = receiverKeyOf(account.provider);
      if (key === undefined || account.receiver === undefined) continue;
      const number = `${account.provider} ${account.receiver}`;
      const owner = numbers.get(number);
      if (owner === undefined) numbers.set(number, `${workspace.name}/${account.name}`);
      else
        findings.push({
          file,
          path: ['accounts', account.name, key],
          message: `is already that of account ${owner}; a number belongs to one workspace`,
        });
    }
  }
  return findings;
}

function listed(what: string, names: readonly string[]): string {
  return names.length === 0 ? `there are no ${what} yet` : `its ${what} are: ${names.join(', ')}`;
}

function records(values: Record<string, unknown>): Record<string, Record<string, unknown>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, record(value)]));
}

function record(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
