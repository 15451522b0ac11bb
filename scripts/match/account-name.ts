/**
 * Accounts of a history are any text; the keys of the fold put them between slashes. Without a slash of its own an account cannot reach
 * into its neighbour's keys. Names of workspace files have none and stay as they are.
 */
export function foldName(account: string): string {
  return /[%/]/.test(account) ? account.replaceAll('%', '%25').replaceAll('/', '%2F') : account;
}

export function givenName(foldedName: string): string {
  return foldedName.includes('%') ? foldedName.replaceAll('%2F', '/').replaceAll('%25', '%') : foldedName;
}
