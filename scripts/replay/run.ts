import { leadJson } from '@messtrack/matcher/adapters/lead-json.ts';
import { ConfigError, type Environment, loadConfig } from '@messtrack/runtime/config.ts';
import { DataFolderLockedError } from '@messtrack/runtime/data-folder.ts';
import { kafkaConnection, kafkaVariables } from '@messtrack/runtime/kafka-variables.ts';
import type { Logger } from 'pino';
import { z } from 'zod';
import { FileError, openOutput } from '../match/files.ts';
import { correctionsBehind, type PlannedCorrections, planCorrections, writeCorrections } from './corrections.ts';
import { type LogPlace, LogPlaceError, openLogPlace } from './log-place.ts';
import { type Models, readModels } from './models.ts';
import type { Options } from './options.ts';
import type { ModelChoice } from './replay-fold.ts';
import { type ChangedLead, type ReplayResult, replayLog } from './replay-log.ts';
import { type CorrectionCounts, reportObject, reportText } from './report.ts';

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
  const place = placeOf(options.data, around.env);
  const folded = await foldAndPlan(place, options, around);
  if (typeof folded === 'string') {
    around.tell(folded);
    return EXIT_FAILED;
  }
  const { choice, result, planned } = folded;
  if (options.changed !== undefined) writeChanged(options.changed, result.changed);
  const mayWrite = planned !== undefined && options.confirm === planned.records.length;
  if (mayWrite) await append(place, planned, around.log);
  const facts = {
    place: placeName(place),
    model: choice.kind === 'log' ? ('log' as const) : choice.version,
    result,
    corrections: planned === undefined ? undefined : correctionCounts(planned, mayWrite),
  };
  around.print(options.json ? JSON.stringify(reportObject(facts), null, 2) : reportText(facts));
  if (planned !== undefined && options.confirm !== undefined && !mayWrite) {
    around.tell(`${planned.records.length} corrections would be written and --confirm says ${options.confirm}: nothing was written`);
    return EXIT_FAILED;
  }
  const { changed, only_standing: onlyStanding, only_replayed: onlyReplayed } = result.differences;
  return mayWrite || changed + onlyStanding + onlyReplayed === 0 ? EXIT_SAME : EXIT_DIFFERENT;
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
    return { kind: 'cluster', connection: kafkaConnection(loadConfig(clusterVariables, env)) };
  }
  return { kind: 'folder', path: data ?? (env['MESSTRACK_DATA'] || './.messtrack') };
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

function writeChanged(file: string, changed: readonly ChangedLead[]): void {
  const out = openOutput(file);
  try {
    for (const { before, after } of changed) out.write(`${JSON.stringify({ before: leadJson(before), after: leadJson(after) })}\n`);
    out.close();
  } finally {
    out.abandon();
  }
}
