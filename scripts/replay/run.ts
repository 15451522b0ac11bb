import { leadJson } from '@messtrack/matcher/adapters/lead-json.ts';
import { ConfigError, type Environment, loadConfig } from '@messtrack/runtime/config.ts';
import { DataFolderLockedError } from '@messtrack/runtime/data-folder.ts';
import { kafkaConnection, kafkaVariables } from '@messtrack/runtime/kafka-variables.ts';
import type { Logger } from 'pino';
import { z } from 'zod';
import { FileError, openOutput } from '../match/files.ts';
import { type LogPlace, LogPlaceError, openLogPlace } from './log-place.ts';
import { type Models, readModels } from './models.ts';
import type { Options } from './options.ts';
import type { ModelChoice } from './replay-fold.ts';
import { type ChangedLead, type ReplayResult, replayLog } from './replay-log.ts';
import { reportObject, reportText } from './report.ts';

export const EXIT_SAME = 0;
export const EXIT_FAILED = 1;
export const EXIT_DIFFERENT = 2;

/** What the command finds around it. */
export interface Surroundings {
  readonly env: Environment;
  readonly log: Logger;
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
  const opened = await openLogPlace(place, 'read', around.log);
  let result: ReplayResult;
  let model: number | 'log';
  try {
    const models = await readModels(opened.bus);
    const choice = choiceOf(options.model, models);
    if (choice === undefined) {
      around.tell(`model.v1 holds no model ${options.model}; the newest is ${models.newest}`);
      return EXIT_FAILED;
    }
    model = choice.kind === 'log' ? 'log' : choice.version;
    result = await replayLog({ bus: opened.bus, models, choice, stretch: options.stretch, isWanted: wanted(options) });
  } finally {
    await opened.close();
  }
  if (options.changed !== undefined) writeChanged(options.changed, result.changed);
  const facts = { place: placeName(place), model, result, corrections: undefined };
  around.print(options.json ? JSON.stringify(reportObject(facts), null, 2) : reportText(facts));
  const { changed, only_standing: onlyStanding, only_replayed: onlyReplayed } = result.differences;
  return changed + onlyStanding + onlyReplayed === 0 ? EXIT_SAME : EXIT_DIFFERENT;
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
