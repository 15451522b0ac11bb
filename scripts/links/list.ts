import { reportGreetings } from '@messtrack/workspace/greeting-report.ts';
import type { Placement, Workspace } from '@messtrack/workspace/workspace.ts';
import { PLATFORMS, urlTemplate } from './platforms.ts';

export interface PlacementLinks {
  readonly workspace: string;
  readonly placement: string;
  readonly kind: Placement['kind'];
  readonly accounts: readonly string[];
  readonly redirect: string;
  readonly short: readonly string[];
  readonly qr: { readonly svg: string; readonly png: string };
  readonly words: readonly string[];
  /** URL templates by platform. */
  readonly templates: Readonly<Record<string, string>>;
  readonly greetings: { readonly count: number; readonly nearest: number | null; readonly confusable: number };
}

/** Every way into every placement, as it is pasted, printed or read out. Invite links are Telegram's, not ours: `npm run hooks` has them. */
export function linksOf(workspaces: Iterable<Workspace>, base: string): readonly PlacementLinks[] {
  return [...workspaces].flatMap((workspace) =>
    [...workspace.placements.values()]
      .filter(({ invite }) => invite === undefined)
      .map((placement) => placementLinks(workspace, placement, workspace.publicUrl || base)),
  );
}

function placementLinks(workspace: Workspace, placement: Placement, base: string): PlacementLinks {
  const path = `${workspace.name}/${placement.name}`;
  const redirect = `${base}/t/${path}`;
  const { count, nearest, confusable } = reportGreetings(placement.greetings);
  return {
    workspace: workspace.name,
    placement: placement.name,
    kind: placement.kind,
    accounts: placement.pool.map(({ account }) => account),
    redirect,
    short: placement.vanity.map((name) => `${base}/go/${name}`),
    qr: { svg: `${base}/qr/${path}.svg`, png: `${base}/qr/${path}.png` },
    words: placement.words,
    templates: Object.fromEntries(PLATFORMS.map((platform) => [platform.name, urlTemplate(redirect, platform)])),
    greetings: { count, nearest: nearest ?? null, confusable: confusable.length },
  };
}

/** For people; `platforms` narrows the templates. */
export function printLinks(links: readonly PlacementLinks[], platforms: readonly string[]): string {
  return links.map((each) => printPlacement(each, platforms).join('\n')).join('\n\n');
}

function printPlacement(links: PlacementLinks, platforms: readonly string[]): readonly string[] {
  const { count, nearest, confusable } = links.greetings;
  const apart = nearest === null ? '' : `, the nearest two ${nearest} word${nearest === 1 ? '' : 's'} apart`;
  const warning = confusable === 0 ? '' : `; ${confusable} pairs that one edited word makes one of the other`;
  const rows: (readonly [string, string])[] = [
    ['accounts', links.accounts.join(', ')],
    ['redirect', links.redirect],
    ...links.short.map((short) => ['short', short] as const),
    ['qr', `${links.qr.svg}  ${links.qr.png}`],
    ...(links.words.length > 0 ? [['words', links.words.join(', ')] as const] : []),
    ['greetings', `${count}${apart}${warning}`],
    ...PLATFORMS.filter(({ name }) => platforms.length === 0 || platforms.includes(name)).map(
      ({ name }) => [name, links.templates[name]!] as const,
    ),
  ];
  return [`${links.workspace}/${links.placement} (${links.kind})`, ...rows.map(([name, value]) => `  ${name.padEnd(10)} ${value}`)];
}
