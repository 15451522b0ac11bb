import { sealSecret } from '@messtrack/runtime/secret.ts';
import { linkHasPayload } from './accounts/account-kind.ts';
import { type Account, buildAccount } from './accounts/account-kinds.ts';
import { contactKey } from './contact-key.ts';
import { combineGreetings, DEFAULT_GREETING_VARIANTS } from './greeting-parts.ts';
import { splitList } from './internal-schema.ts';
import { parseOpening } from './opening-hours.ts';
import { revisionOf } from './revision.ts';
import type { PlacementFile, WorkspaceFile } from './schema.ts';
import { DEFAULT_CODE_TEMPLATE, DEFAULT_GREETINGS, durationMs } from './schema.ts';
import { waIdsOf } from './wa-id.ts';
import type { Destination, InternalTraffic, Placement, PoolMember, RoutingRule, WidgetPolicy, Workspace } from './workspace.ts';

const DAY_MS = 86_400_000;
const DEFAULT_CLICK_WINDOW_MS = 30 * DAY_MS;
const DEFAULT_RETURNING_WINDOW_MS = 90 * DAY_MS;
const DEFAULT_ACCENT = '#0b6b3a';
const DEFAULT_OFFSET_PX = 16;
const DEFAULT_Z_INDEX = 2_147_483_000;

/** From the checked file to what services see: names filled in, defaults applied, secrets wrapped. */
export function buildWorkspace(file: WorkspaceFile): Workspace {
  const accounts = mapOf(file.accounts, buildAccount);
  const placements = mapOf(file.placements ?? {}, (name, placement) =>
    buildPlacement(name, placement, file, accounts.get(placement.account ?? placement.pool?.[0]?.account ?? '')),
  );
  const destinations = mapOf(file.destinations ?? {}, buildDestination);
  const settings = {
    name: file.workspace,
    publicUrl: file.public_url ?? '',
    privacy: {
      keepText: file.privacy?.keep_text ?? false,
      keepPhone: file.privacy?.keep_phone ?? false,
      keepName: file.privacy?.keep_name ?? false,
      keepIp: file.privacy?.keep_ip ?? false,
    },
    matching: {
      clickWindowMs: file.matching?.click_window === undefined ? DEFAULT_CLICK_WINDOW_MS : durationMs(file.matching.click_window),
      returningWindowMs:
        file.matching?.returning_window === undefined ? DEFAULT_RETURNING_WINDOW_MS : durationMs(file.matching.returning_window),
    },
    internal: buildInternal(file.workspace, file.internal ?? {}),
    routing: (file.routing ?? []).map(buildRule),
  };
  const revision = revisionOf({
    ...settings,
    accounts: [...accounts.values()].map(withoutSecrets),
    placements: [...placements.values()],
    destinations: [...destinations.values()].map(withoutSecrets),
  });
  const snippet = { isConsentAssumed: file.snippet?.consent === 'assumed', widget: buildWidget(file) };
  return { ...settings, revision, snippet, apiTokens: (file.api_tokens ?? []).map(sealSecret), accounts, placements, destinations };
}

function buildPlacement(name: string, file: PlacementFile, workspace: WorkspaceFile, account: Account | undefined): Placement {
  const pool = (file.pool ?? [{ account: file.account! }]).map(buildPoolMember);
  return {
    name,
    kind: file.kind,
    account: pool[0]!.account,
    pool,
    carriers: buildCarriers(file, account),
    greetings: buildGreetings(file, workspace, account),
    words: file.words ?? [],
    vanity: file.vanity ?? [],
    codeTemplate: file.code_template ?? DEFAULT_CODE_TEMPLATE,
    invite: file.kind === 'invite' ? { chat: file.chat ?? '', linkName: file.link_name ?? name } : undefined,
    origins: file.origins ?? workspace.origins ?? [],
    sendback: file.sendback === undefined ? undefined : { ...file.sendback, parameters: file.sendback.parameters ?? [] },
    source: file.source ?? {},
  };
}

function buildWidget({ snippet, placements }: WorkspaceFile): WidgetPolicy | undefined {
  const settings = snippet?.widget;
  const shown = Object.entries(placements ?? {})
    .filter(([, { kind, widget }]) => kind === 'site' && (widget ?? settings !== undefined))
    .map(([name]) => name);
  if (shown.length === 0) return undefined;
  const {
    business = '',
    language = '',
    accent = DEFAULT_ACCENT,
    offset = DEFAULT_OFFSET_PX,
    z_index: zIndex = DEFAULT_Z_INDEX,
  } = settings ?? {};
  return { placements: shown, business, language, accent, offset, zIndex, privacyUrl: settings?.privacy_url ?? '' };
}

function hasPayload(account: Account | undefined): boolean {
  return linkHasPayload(account?.channel, account?.provider);
}

function buildCarriers({ carrier }: PlacementFile, account: Account | undefined): Placement['carriers'] {
  if (carrier === undefined) return hasPayload(account) ? ['start_payload'] : ['visible'];
  return typeof carrier === 'string' ? [carrier] : carrier;
}

/** What a placement says of itself comes before what the workspace says for all; links that carry no text show no greeting. */
function buildGreetings(file: PlacementFile, workspace: WorkspaceFile, account: Account | undefined): readonly string[] {
  if (file.greetings !== undefined) return file.greetings;
  const parts = file.greeting_parts ?? (hasPayload(account) ? undefined : workspace.greeting_parts);
  if (parts === undefined) return hasPayload(account) ? [] : DEFAULT_GREETINGS;
  return combineGreetings(parts, file.greeting_variants ?? workspace.greeting_variants ?? DEFAULT_GREETING_VARIANTS).greetings;
}

function buildPoolMember(member: NonNullable<PlacementFile['pool']>[number]): PoolMember {
  const { hours } = member;
  return {
    account: member.account,
    weight: member.weight ?? 1,
    hours: hours === undefined ? undefined : { timeZone: hours.time_zone, spans: hours.open.flatMap((span) => parseOpening(span) ?? []) },
    isPaused: member.paused ?? false,
  };
}

/** From numbers to pseudonyms: nobody after this sees a number. Sorted, so that the order of a list changes no revision. */
function buildInternal(workspace: string, file: NonNullable<WorkspaceFile['internal']>): InternalTraffic {
  const given = file.contacts ?? [];
  const phones = (file.phones ?? []).flatMap(splitList).flatMap(waIdsOf);
  const users = (file.telegram_users ?? []).flatMap(splitList);
  return {
    contacts: {
      whatsapp: keySet([...given, ...phones.map((phone) => contactKey(workspace, 'whatsapp', 'wa_id', phone))]),
      telegram: keySet([...given, ...users.map((user) => contactKey(workspace, 'telegram', 'tg_user', user))]),
      messenger: keySet(given),
      instagram: keySet(given),
      vk: keySet(given),
      max: keySet(given),
    },
    visitors: file.visitors ?? [],
    placements: file.placements ?? [],
    networks: file.networks ?? [],
    parameter: file.parameter ?? '',
  };
}

function keySet(keys: readonly string[]): readonly string[] {
  return [...new Set(keys)].sort();
}

function buildDestination(name: string, file: NonNullable<WorkspaceFile['destinations']>[string]): Destination {
  return { name, type: file.type, url: file.url, secret: file.secret === undefined ? undefined : sealSecret(file.secret) };
}

function buildRule(rule: NonNullable<WorkspaceFile['routing']>[number]): RoutingRule {
  return { when: asText(rule.when), set: asText(rule.set) };
}

function asText(values: Readonly<Record<string, string | number | boolean>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, String(value)]));
}

function mapOf<In, Out>(record: Readonly<Record<string, In>>, build: (name: string, value: In) => Out): ReadonlyMap<string, Out> {
  return new Map(Object.entries(record).map(([name, value]) => [name, build(name, value)]));
}

/** A changed secret decides nothing and must not show through the revision. Secrets are the members with a `reveal`, alone or in lists. */
function withoutSecrets(settings: object): object {
  return Object.fromEntries(
    Object.entries(settings).filter(
      ([, value]) => !isSecret(value) && !(Array.isArray(value) && (value.length === 0 || value.some(isSecret))),
    ),
  );
}

function isSecret(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'reveal' in value;
}
