/** Updates of one person to one bot, and what the gateway makes of them. */
import type { Message } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { newCode } from '@messtrack/tracking-code/tracking-code.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import { expect } from 'vitest';
import { NOW, openGateway, tgText, workspaceOf } from './gateway.ts';

export const CODE = newCode((n) => Uint8Array.from({ length: n }, (_, i) => i * 37 + 5));
export const USER = { id: 4503599627370495, is_bot: false, first_name: 'Ann', last_name: 'Example', language_code: 'pt-BR' };
export const CHAT = { id: USER.id, type: 'private' };
export const DATE = NOW / 1000 - 5;

/** A message of the person in a group. */
export function inGroup(extra: object = {}, text = 'hello'): object {
  return tgText(text, { chat: { id: -100777, type: 'supergroup', title: 'Neighbours' }, ...extra });
}

export function withAccount(extra: string): Workspace {
  return workspaceOf('', (file) => file.replace('username: acme_bot,', `username: acme_bot, ${extra},`));
}

export async function read(update: unknown, privacy: string | Workspace = '') {
  const gateway = await openGateway([typeof privacy === 'string' ? workspaceOf(privacy) : privacy]);
  expect(await gateway.telegram(update)).toBe(200);
  const drops = await gateway.registry.getSingleMetric('messtrack_gateway_drops_total')?.get();
  await gateway.app.close();
  return {
    touchpoints: gateway.log.touchpoints(),
    deadLetters: gateway.log.deadLetters().map(({ reason }) => reason),
    drops: (drops?.values ?? []).map(({ labels }) => labels['reason']),
  };
}

export async function readMessage(update: unknown, privacy: string | Workspace = ''): Promise<Message> {
  const kind = (await read(update, privacy)).touchpoints[0]?.kind;
  if (kind?.$case !== 'message') throw new Error('no message came out');
  return kind.value;
}
