/** Numbers at the Cloud API, as many as it takes for its limit of 80 messages a second per number not to be what is measured. */
import { parseWorkspace } from '@messtrack/workspace/parse.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';

export const ACCOUNTS = 100;
export const API_TOKEN = 'bench-api-token-0123456789';
export const ACCESS_TOKEN = 'EAAB-access-token-of-the-bench';

export function numberOf(index: number): string {
  return String(106_540_352_242_000 + index);
}

export function sendingWorkspace(): Workspace {
  const accounts = Array.from(
    { length: ACCOUNTS },
    (_, index) =>
      `  wa-${index}: { channel: whatsapp, provider: whatsapp, phone: "+1415555${1_000 + index}", phone_number_id: "${numberOf(index)}", app_secret: \${S}, verify_token: \${S}, access_token: \${T} }`,
  );
  const file = `workspace: bench\napi_tokens: ["\${A}"]\naccounts:\n${accounts.join('\n')}\n`;
  const env = { A: API_TOKEN, S: 'bench-secret-0123456789', T: ACCESS_TOKEN };
  const result = parseWorkspace(file, { file: 'bench.yaml', env, readFile: () => '' });
  if ('problems' in result) throw new Error(result.problems.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  return result.workspace;
}
