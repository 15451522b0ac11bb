import { readFile, rename, writeFile } from 'node:fs/promises';
import { isObject, stringAt } from '@messtrack/messenger-gateway/adapters/json-value.ts';
import type { TelegramApi } from '@messtrack/messenger-gateway/adapters/telegram-api.ts';
import type { Placement, Workspace } from '@messtrack/workspace/workspace.ts';
import { z } from 'zod';
import { callBot } from './bot-call.ts';
import type { Report } from './bot-hook.ts';

const linkFile = z.record(z.string(), z.object({ chat: z.string(), name: z.string(), link: z.string() }));

/** Links that were made, by "{workspace}/{placement}". The Bot API lists none, so whoever makes them has to remember. */
export type InviteLinks = z.infer<typeof linkFile>;

export async function readInviteLinks(path: string): Promise<InviteLinks | { readonly problem: string }> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    return { problem: `${path} cannot be read` };
  }
  try {
    return linkFile.parse(JSON.parse(text));
  } catch {
    return { problem: `${path} is no file of invite links; move it away, or name another` };
  }
}

export interface InviteOptions {
  /** Undefined: links are left to whoever makes them by hand under the same name. */
  readonly path: string | undefined;
  readonly dryRun: boolean;
}

/** Makes the link of a placement unless `links` has it, and writes the file before the next one: a link made twice would count as one and clutter the chat. */
export async function inviteLink(
  workspace: Workspace,
  placement: Placement,
  api: TelegramApi,
  links: InviteLinks,
  { path, dryRun }: InviteOptions,
): Promise<Report> {
  const { invite } = placement;
  if (invite === undefined) return { lines: [], problems: [] };
  const named = `the link named "${invite.linkName}" in ${invite.chat}`;
  const key = `${workspace.name}/${placement.name}`;
  const known = links[key];
  if (known !== undefined && known.chat === invite.chat && known.name === invite.linkName)
    return { lines: [`${named} is ${known.link}`], problems: [] };
  if (path === undefined) return { lines: [`${named} counts once it exists; --invites FILE makes it`], problems: [] };
  if (dryRun) return { lines: [`${named} would be made`], problems: [] };
  const answer = await callBot(api, 'createChatInviteLink', { chat_id: invite.chat, name: invite.linkName });
  if ('problem' in answer)
    return { lines: [], problems: [`${answer.problem}; the bot must be an administrator of ${invite.chat} who may invite people`] };
  const link = isObject(answer.result) ? stringAt(answer.result, 'invite_link', 256) : '';
  if (link === '') return { lines: [], problems: ['createChatInviteLink: the answer holds no link'] };
  links[key] = { chat: invite.chat, name: invite.linkName, link };
  await writeFile(`${path}.new`, `${JSON.stringify(links, null, 2)}\n`);
  await rename(`${path}.new`, path);
  return { lines: [`${named} is ${link}`], problems: [] };
}
