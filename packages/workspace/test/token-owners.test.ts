// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of workspace files look like template strings
import { describe, expect, it } from 'vitest';
import { parseWorkspace } from '../src/parse.ts';
import { tokenOwners } from '../src/token-owners.ts';
import type { Workspace } from '../src/workspace.ts';

const ENV = { ONE: 'first-token', TWO: 'second-token', SHARED: 'agency-token' };

function workspacesOf(tokens: Readonly<Record<string, readonly string[]>>): ReadonlyMap<string, Workspace> {
  return new Map(
    Object.entries(tokens).map(([name, references]) => {
      const list = references.map((reference) => `"\${${reference}}"`).join(', ');
      const parsed = parseWorkspace(
        `workspace: ${name}\napi_tokens: [${list}]\naccounts:\n  bot: { channel: telegram, provider: telegram, username: ${name}_bot, secret_token: "\${ONE}" }\n`,
        {
          file: `${name}.yaml`,
          env: ENV,
          readFile: () => '',
        },
      );
      if ('problems' in parsed) throw new TypeError(JSON.stringify(parsed.problems));
      return [name, parsed.workspace];
    }),
  );
}

describe('the owners of an API token', () => {
  const workspaces = workspacesOf({ acme: ['ONE', 'SHARED', 'SHARED'], other: ['TWO', 'SHARED'], silent: [] });

  it.each([
    ['first-token', ['acme']],
    ['second-token', ['other']],
    ['agency-token', ['acme', 'other']],
    ['first-toke', []],
    ['', []],
    ['__proto__', []],
  ])('of "%s" are %j', (token, owners) => {
    expect(tokenOwners(workspaces, token)).toEqual(owners);
  });

  it('are those of the workspaces in force', () => {
    expect(tokenOwners(workspacesOf({ acme: ['TWO'] }), 'first-token')).toEqual([]);
    expect(tokenOwners(workspacesOf({ acme: ['TWO'] }), 'second-token')).toEqual(['acme']);
  });
});
