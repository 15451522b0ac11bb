import { leadJson } from '@messtrack/matcher/adapters/lead-json.ts';
import type { Touchpoint } from '@messtrack/matcher/domain/touchpoint.ts';
import { BusUnavailableError } from '@messtrack/runtime/bus.ts';
import { ConfigError, type Environment, loadConfig } from '@messtrack/runtime/config.ts';
import { DataFolderLockedError } from '@messtrack/runtime/data-folder.ts';
import { kafkaConnection, kafkaRules, kafkaVariables } from '@messtrack/runtime/kafka-variables.ts';
import type { Logger } from 'pino';
import { z } from 'zod';
import { FileError, openOutput } from '../match/files.ts';
import { loadWorkspace, settingsTouchpoints } from '../match/workspace-file.ts';
import { correctionsBehind, type PlannedCorrections, planCorrections, writeCorrections } from './corrections.ts';
import { type LogPlace, LogPlaceError, openLogPlace } from './log-place.ts';
import { type Models, modelsOf, readModels } from './models.ts';
import type { Options } from './options.ts';
import type { ModelChoice } from './replay-fold.ts';
import { type ChangedLead, type ReplayResult, replayLog } from './replay-log.ts';
import { replayWarehouse } from './replay-warehouse.ts';
import { type CorrectionCounts, type ReportFacts, reportObject, reportText } from './report.ts';
import { openWarehouse } from './warehouse-place.ts';

export const EXIT_SAME = 0;
export const EXIT_FAILED = 1;
export const EXIT_DIFFERENT = 2;

/** What the command finds around it. */
export interface Surroundings {
  readonly env: Environment;
  readonly log: Logger;
  /** Wall time: corrections are dated by it. Milliseconds since the Unix epoch, UTC. */
  readonly nowMs: () => number;
  /** The report. */
  readonly print: (text: string) => void;
  /** A line of text for people. */
  readonly tell: (text: string) => void;
}

/** Everything the command does; returns its exit code. */
export async function run(options: Options, around: Surroundings): Promise<number> {
  try {
    return await replay(options, around);
  } catch (error) {
    const isExpected =
      error instanceof BusUnavailableError ||
      error instanceof FileError ||
      error instanceof LogPlaceError ||
      error instanceof DataFolderLockedError ||
      error instanceof ConfigError;
    if (!isExpected) throw error;
    around.tell(error.message);
    return EXIT_FAILED;
  }
}

async function replay(options: Options, around: Surroundings): Promise<number> {
  return options.warehouse ? replayRows(options, around) : replayRecords(options, around);
}

async function replayRecords(options: Options, around: Surroundings): Promise<number> {
  const place = placeOf(options.data, around.env);
  const folded = await foldAndPlan(place, options, around);
  if (typeof folded === 'string') {
    around.tell(folded);
    return EXIT_FAILED;
  }
  const { choice, result, planned } = folded;
  const nobody = nobodyAsked(options, result);
  if (nobody !== undefined) {
    around.tell(nobody);
    return EXIT_FAILED;
  }
  if (options.changed !== undefined) writeChanged(options.changed, result.changed);
  const mayWrite = planned !== undefined && options.confirm === planned.records.length;
  if (mayWrite) await append(place, planned, around.log);
  const facts = {
    place: placeName(place),
    model: choice.kind === 'log' ? ('log' as const) : choice.version,
    result,
    corrections: planned === undefined ? undefined : correctionCounts(planned, mayWrite),
    filled: [],
  };
  print(facts, options, around);
  if (planned !== undefined && options.confirm !== undefined && !mayWrite) {
    around.tell(`${planned.records.length} corrections would be written and --confirm says ${options.confirm}: nothing was written`);
    return EXIT_FAILED;
  }
  return mayWrite ? EXIT_SAME : exitCodeOf(result);
}

function print(facts: ReportFacts, { json }: Options, around: Surroundings): void {
  around.print(json ? JSON.stringify(reportObject(facts), null, 2) : reportText(facts));
}

function exitCodeOf({ differences }: ReplayResult): number {
  const { changed, only_standing: onlyStanding, only_replayed: onlyReplayed } = differences;
  return changed + onlyStanding + onlyReplayed === 0 ? EXIT_SAME : EXIT_DIFFERENT;
}

/** What the fold reads from the log and ClickHouse does not hold (docs/operations.md, Replay). */
const NOT_IN_WAREHOUSE = [
  'approximate: ClickHouse does not hold the order of the log (rows are taken by time of receipt), contact changes, corrections and settings;',
  'a row received twice counts when it was received last',
];

async function replayRows(options: Options, around: Surroundings): Promise<number> {
  const settings: Touchpoint[] = [];
  for (const file of options.settings) {
    const workspace = loadWorkspace(file, around.env);
    if (typeof workspace === 'string') {
      around.tell(workspace);
      return EXIT_FAILED;
    }
    settings.push(...settingsTouchpoints(workspace, 0));
  }
  const models = options.model === 0 ? modelsOf(new Map()) : await modelsOfLog(options, around);
  const choice = choiceOf(options.model, models);
  if (choice?.kind !== 'named') {
    around.tell(`model.v1 holds no model ${options.model}; the newest is ${models.newest}`);
    return EXIT_FAILED;
  }
  const isServer = options.data === undefined && (around.env['CLICKHOUSE_URL'] ?? '') !== '';
  const warehouse = await openWarehouse(isServer ? undefined : folderOf(options.data, around.env), around.env);
  let result: ReplayResult;
  try {
    const { workspace, account, stretch } = options;
    result = await replayWarehouse({ client: warehouse.client, models, version: choice.version, stretch, workspace, account, settings });
  } finally {
    await warehouse.close();
  }
  const nobody = nobodyAsked(options, result);
  if (nobody !== undefined) {
    around.tell(nobody);
    return EXIT_FAILED;
  }
  if (options.changed !== undefined) writeChanged(options.changed, result.changed);
  const inForce =
    settings.length > 0
      ? 'the settings in force are those of --settings for the whole stretch'
      : 'the settings in force are the defaults (click window 30 days, returning window 90, no dedicated accounts)';
  print(
    { place: warehouse.name, model: choice.version, result, corrections: undefined, filled: [...NOT_IN_WAREHOUSE, inForce] },
    options,
    around,
  );
  return exitCodeOf(result);
}

async function modelsOfLog(options: Options, { env, log }: Surroundings): Promise<Models> {
  const { bus, close } = await openLogPlace(placeOf(options.data, env), 'read', log);
  try {
    return await readModels(bus);
  } finally {
    await close();
  }
}

interface Folded {
  readonly choice: ModelChoice;
  readonly result: ReplayResult;
  readonly planned: PlannedCorrections | undefined;
}

/** What the log says, and what could be corrected; or why it cannot be done. Leaves the log as it is. */
async function foldAndPlan(place: LogPlace, options: Options, { log, nowMs }: Surroundings): Promise<Folded | string> {
  const { bus, close } = await openLogPlace(place, 'read', log);
  try {
    const models = await readModels(bus);
    const choice = choiceOf(options.model, models);
    if (choice === undefined) return `model.v1 holds no model ${options.model}; the newest is ${models.newest}`;
    const result = await replayLog({ bus, models, choice, stretch: options.stretch, isWanted: wanted(options) });
    if (!options.apply) return { choice, result, planned: undefined };
    if (result.unknownModels.length > 0) {
      return `the log names models that model.v1 does not hold (${result.unknownModels.join(', ')}): what would be corrected is not what they said; name one with --model`;
    }
    const written = await correctionsBehind(bus, result);
    return { choice, result, planned: planCorrections({ result, choice, atLeast: options.atLeast, nowMs: nowMs(), written }) };
  } finally {
    await close();
  }
}

async function append(place: LogPlace, { records }: PlannedCorrections, log: Logger): Promise<void> {
  const { bus, close } = await openLogPlace(place, 'append', log);
  try {
    await writeCorrections(bus, records);
  } finally {
    await close();
  }
}

function correctionCounts({ records, leftOut }: PlannedCorrections, isWritten: boolean): CorrectionCounts {
  return { writable: records.length, written: isWritten ? records.length : 0, left_out: leftOut };
}

const clusterVariables = z.object({ ...kafkaVariables });

function placeOf(data: string | undefined, env: Environment): LogPlace {
  if (data === undefined && (env['KAFKA_BROKERS'] ?? '') !== '') {
    return { kind: 'cluster', connection: kafkaConnection(loadConfig(clusterVariables, env, kafkaRules)) };
  }
  return { kind: 'folder', path: folderOf(data, env) };
}

function folderOf(data: string | undefined, env: Environment): string {
  return data ?? (env['MESSTRACK_DATA'] || './.messtrack');
}

function placeName(place: LogPlace): string {
  return place.kind === 'folder' ? place.path : place.connection.brokers.join(',');
}

function choiceOf(model: Options['model'], models: Models): ModelChoice | undefined {
  if (model === 'log') return { kind: 'log' };
  const version = model === 'newest' ? models.newest : model;
  return models.model(version) === undefined ? undefined : { kind: 'named', version };
}

function wanted({ workspace, account }: Options): (workspace: string, account: string) => boolean {
  return (ofWorkspace, ofAccount) =>
    (workspace === undefined || ofWorkspace === workspace) && (account === undefined || ofAccount === account);
}

/** A mistyped name must not read as "nothing changes". */
function nobodyAsked({ workspace, account }: Options, { folded, records }: ReplayResult): string | undefined {
  if (folded > 0 || (workspace === undefined && account === undefined)) return undefined;
  const asked = [
    ...(workspace === undefined ? [] : [`of workspace ${workspace}`]),
    ...(account === undefined ? [] : [`of account ${account}`]),
  ];
  return `${records} records hold no click and no message ${asked.join(' and ')}: names are those of the workspace files`;
}

function writeChanged(file: string, changed: readonly ChangedLead[]): void {
  const out = openOutput(file);
  try {
    for (const { before, after } of changed) out.write(`${JSON.stringify({ before: leadJson(before), after: leadJson(after) })}\n`);
    out.close();
  } finally {
    out.abandon();
  }
}
