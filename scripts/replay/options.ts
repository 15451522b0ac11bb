import { parseArgs } from 'node:util';
import { parseIsoTime } from '../match/iso-time.ts';
import { type Stretch, WHOLE_LOG } from './stretch.ts';

export const HELP = `npm run replay -- [options]

Folds the log of touchpoints again and compares every lead with what stands in leads.v1: how many change, by how much and for which sources.
It reads, and writes nothing, unless --apply and --confirm say so. docs/operations.md (Replay) explains the output.

  --data DIR          data folder of a standalone, which must be stopped (default: MESSTRACK_DATA or ./.messtrack)
                      With KAFKA_BROKERS set and no --data: the cluster; KAFKA_SSL and KAFKA_SASL_* as for the services
  --warehouse         fold clicks and messages of ClickHouse instead: CLICKHOUSE_URL, CLICKHOUSE_USER, CLICKHOUSE_PASSWORD and CLICKHOUSE_DATABASE, or with
                      --data a standalone's. Needs --model; approximate, because it does not hold all that the fold needs; no --apply
  --settings FILE     with --warehouse: a workspace's YAML whose windows and dedicated accounts are in force; may stand several times
  --model N | newest  one model version for the whole stretch, 0 for the priors alone (default: the versions that the log names)
  --from WHEN         leads that started at WHEN or later (ISO 8601), or first offsets per partition: 0:1200,3:500
  --to WHEN           leads that started before WHEN, or the offsets up to which the log is folded
  --workspace NAME    only this workspace
  --account NAME      only this account; with --workspace when several workspaces have one of that name
  --json              the report as JSON
  --changed FILE      every changed lead as a line of JSON, what stands and what the replay says
  --apply             correct the leads that change; says how many it would write and writes nothing without --confirm
  --confirm COUNT     with --apply: write, if it is this many corrections
  --at-least P        with --apply: only where the replay is this sure of what it says (default 0: all)
  --dry-run           write nothing, whatever else is said
  --help

Exit code 0 when nothing changes or corrections were written, 2 when leads change, 1 when it could not be done.`;

export interface Options {
  /** Undefined: not said on the command line. */
  readonly data: string | undefined;
  readonly warehouse: boolean;
  /** Workspace files. */
  readonly settings: readonly string[];
  readonly model: 'log' | 'newest' | number;
  readonly stretch: Stretch;
  readonly workspace: string | undefined;
  readonly account: string | undefined;
  readonly json: boolean;
  readonly changed: string | undefined;
  readonly apply: boolean;
  /** Undefined: a dry run. */
  readonly confirm: number | undefined;
  readonly atLeast: number;
}

/** The options, or everything that is wrong with them, a sentence each. */
export function readOptions(args: readonly string[]): Options | 'help' | { readonly problems: readonly string[] } {
  let values: ReturnType<typeof parse>;
  try {
    values = parse(args);
  } catch (error) {
    return { problems: [error instanceof Error ? error.message : String(error)] };
  }
  if (values.help) return 'help';
  const problems: string[] = [];
  const model = modelOf(values.model ?? 'log', problems);
  const from = whenOf('--from', values.from, problems);
  const to = whenOf('--to', values.to, problems);
  const stretch: Stretch = {
    fromMs: typeof from === 'number' ? from : WHOLE_LOG.fromMs,
    toMs: typeof to === 'number' ? to : WHOLE_LOG.toMs,
    fromOffsets: typeof from === 'object' ? from : WHOLE_LOG.fromOffsets,
    toOffsets: typeof to === 'object' ? to : WHOLE_LOG.toOffsets,
  };
  if (stretch.fromMs >= stretch.toMs) problems.push('--from must be before --to');
  const confirm = numberOf('--confirm', values.confirm, /^\d{1,12}$/, 'a count', problems);
  if (confirm !== undefined && !values.apply) problems.push('--confirm goes with --apply');
  const atLeast = numberOf('--at-least', values['at-least'], /^(?:0(?:\.\d{1,4})?|1(?:\.0{1,4})?)$/, 'a probability from 0 to 1', problems);
  if (atLeast !== undefined && !values.apply) problems.push('--at-least goes with --apply');
  if (values.apply && stretch.toOffsets.size > 0) problems.push('--apply corrects what stands now: --to takes a time with it, no offsets');
  if (values.warehouse) problems.push(...againstWarehouse(model, stretch, values.apply));
  else if (values.settings.length > 0) problems.push('--settings goes with --warehouse: a log holds its settings');
  if (problems.length > 0) return { problems };
  const { data, warehouse, settings, workspace, account, json, changed, apply } = values;
  const isDry = values['dry-run'];
  return {
    data,
    warehouse,
    settings,
    model,
    stretch,
    workspace,
    account,
    json,
    changed,
    apply,
    confirm: isDry ? undefined : confirm,
    atLeast: atLeast ?? 0,
  };
}

function parse(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      data: { type: 'string' },
      warehouse: { type: 'boolean', default: false },
      settings: { type: 'string', multiple: true, default: [] },
      model: { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string' },
      workspace: { type: 'string' },
      account: { type: 'string' },
      json: { type: 'boolean', default: false },
      changed: { type: 'string' },
      apply: { type: 'boolean', default: false },
      confirm: { type: 'string' },
      'at-least': { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  }).values;
}

/** What needs the log itself. */
function againstWarehouse(model: Options['model'], stretch: Stretch, isApplied: boolean): readonly string[] {
  return [
    ...(model === 'log' ? ['--warehouse needs --model: ClickHouse does not hold which model was in force when'] : []),
    ...(stretch.fromOffsets.size + stretch.toOffsets.size > 0
      ? ['--warehouse takes times: ClickHouse does not hold the offsets of clicks and messages']
      : []),
    ...(isApplied ? ['--apply needs the log: what the warehouse gives is too approximate to correct leads by'] : []),
  ];
}

function modelOf(text: string, problems: string[]): Options['model'] {
  if (text === 'log' || text === 'newest') return text;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  problems.push('--model takes a version, newest or log');
  return 'log';
}

/** A time, offsets by partition, or undefined when nothing was said. */
function whenOf(name: string, text: string | undefined, problems: string[]): number | ReadonlyMap<number, number> | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,6}:\d{1,15}(?:,\d{1,6}:\d{1,15})*$/.test(text)) {
    return new Map(text.split(',').map((each): [number, number] => [Number(each.split(':')[0]), Number(each.split(':')[1])]));
  }
  const timeMs = parseIsoTime(text);
  if (timeMs === undefined)
    problems.push(`${name} takes a time of ISO 8601, such as 2026-03-01T00:00:00Z, or offsets by partition, such as 0:1200,3:500`);
  return timeMs;
}

function numberOf(name: string, text: string | undefined, form: RegExp, what: string, problems: string[]): number | undefined {
  if (text === undefined) return undefined;
  if (form.test(text)) return Number(text);
  problems.push(`${name} takes ${what}`);
  return undefined;
}
