import type { SourceFacts } from '../domain/source.ts';
import type { SourceClass } from '../domain/source-class.ts';
import { classifySource, type ReferrerLists } from '../domain/source-kind.ts';
import type { Codec, Workspaces } from '../ports.ts';
import { isOwnHost } from './own-hosts.ts';

/**
 * Every record says what kind of place its source is: told once, by the lists of the day, a report of last year stays what it was. Nobody comes from the site
 * itself: a shop that sends people to its checkout on another subdomain would be its own best referral.
 */
export function classifyingCodec(codec: Codec, lists: ReferrerLists, workspaces: Workspaces): Codec {
  const classOf = (workspaceName: string, source: SourceFacts): SourceClass => {
    const workspace = source.referrerHost === '' ? undefined : workspaces.current().get(workspaceName);
    const isOwn = workspace !== undefined && isOwnHost(workspace, source.referrerHost);
    return classifySource(isOwn ? { ...source, referrerHost: '' } : source, lists);
  };
  return {
    click: (click, producedAtMs, traceparent) =>
      codec.click({ ...click, sourceClass: classOf(click.workspace, click.source) }, producedAtMs, traceparent),
    visit: (visit, producedAtMs, traceparent) =>
      codec.visit({ ...visit, sourceClass: classOf(visit.workspace, visit.source) }, producedAtMs, traceparent),
  };
}
