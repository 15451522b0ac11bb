import type { CodeLoss } from '@messtrack/matcher/domain/model/code-loss.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import { type Addresses, lazyAddresses } from './addresses.ts';
import { WINDOW_LINES } from './arrival-order.ts';
import { FileError, type OutputFile, openChunks, openOutput } from './files.ts';
import { createHiddenTestTally } from './hidden-test.ts';
import type { BadLine } from './history.ts';
import { leadLine } from './lead-line.ts';
import { type MatchCounts, matchHistory } from './match-history.ts';
import type { Options } from './options.ts';
import { createExampleLeads } from './report/example-leads.ts';
import { reportPage } from './report/page.ts';
import { createTally } from './tally.ts';
import { loadWorkspace } from './workspace-file.ts';

export const EXIT_DONE = 0;
export const EXIT_FAILED = 1;
export const EXIT_BAD_LINES = 2;

/** What the command finds around it. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Takes a line of text for people. */
  readonly tell: (text: string) => void;
  /** Milliseconds of a clock that only goes forward. */
  readonly elapsedMs: () => number;
  /** The most memory that the process has held so far. Bytes. */
  readonly peakMemoryBytes: () => number;
  readonly addresses?: Addresses;
}

/** Everything the command does; returns its exit code. */
export async function run(options: Options, around: Surroundings): Promise<number> {
  const workspace = options.workspace === undefined ? undefined : loadWorkspace(options.workspace, around.env);
  if (typeof workspace === 'string') {
    around.tell(workspace);
    return EXIT_FAILED;
  }
  const opened: OutputFile[] = [];
  try {
    return await matchFiles(options, workspace, around, opened);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    around.tell(error.message);
    return EXIT_FAILED;
  } finally {
    for (const file of opened) file.abandon();
  }
}

async function matchFiles(options: Options, workspace: Workspace | undefined, around: Surroundings, opened: OutputFile[]): Promise<number> {
  const startedAtMs = around.elapsedMs();
  const clicks = { name: options.clicks, chunks: openChunks(options.clicks) };
  const messages = { name: options.messages, chunks: openChunks(options.messages) };
  const open = (path: string): OutputFile => {
    const file = openOutput(path);
    opened.push(file);
    return file;
  };
  const out = open(options.out);
  const metricsFile = options.metrics === undefined ? undefined : open(options.metrics);

  const reportFile = options.report === undefined ? undefined : open(options.report);

  const tally = createTally();
  const examples = createExampleLeads();
  const hidden = createHiddenTestTally();
  const counts = await matchHistory(
    { clicks, messages, workspace, trainUntilMs: options.trainUntilMs, addresses: around.addresses ?? lazyAddresses() },
    {
      lead: (lead) => {
        tally.add(lead);
        examples.add(lead);
        out.write(`${JSON.stringify(leadLine(lead))}\n`);
      },
      bad: (line) => around.tell(badLineText(line)),
      tested: hidden.add,
    },
  );
  out.close();

  const seconds = (around.elapsedMs() - startedAtMs) / 1_000;
  const trainUntil = options.trainUntilMs === undefined ? null : new Date(options.trainUntilMs).toISOString();
  const facts = {
    workspace: workspace?.name ?? null,
    tally: tally.result(),
    hiddenTest: hidden.result(),
    examples: examples.result(),
    lines: counts.lines,
    decoys: counts.decoys,
    codeLoss: counts.code_loss,
    trainUntil,
  };
  reportFile?.write(reportPage(facts));
  reportFile?.close();
  const metrics = {
    workspace: facts.workspace,
    train_until: trainUntil,
    ...counts,
    code_loss: counts.code_loss.filter(({ device }) => device !== 'unknown').map(roundedLoss),
    ...facts.tally,
    hidden_test: facts.hiddenTest ?? null,
    seconds: Math.round(seconds * 1_000) / 1_000,
    events_per_second: seconds > 0 ? Math.round(counts.events / seconds) : 0,
    peak_memory_bytes: around.peakMemoryBytes(),
  };
  metricsFile?.write(`${JSON.stringify(metrics, null, 2)}\n`);
  metricsFile?.close();
  for (const skew of counts.clock_skew) around.tell(skewText(skew));
  for (const [file, { left_behind }] of [
    [clicks, counts.lines.clicks],
    [messages, counts.lines.messages],
  ] as const) {
    if (left_behind > 0) around.tell(leftBehindText(file.name, left_behind));
  }
  around.tell(summary(metrics));
  return counts.lines.clicks.bad + counts.lines.messages.bad > 0 ? EXIT_BAD_LINES : EXIT_DONE;
}

function roundedLoss({ device, kept, lost, rate, low, high }: CodeLoss) {
  const round = (value: number) => Math.round(value * 10_000) / 10_000;
  return { device, kept: round(kept), lost: round(lost), rate: round(rate), low: round(low), high: round(high) };
}

function skewText({ account, found_at, seconds_ahead }: MatchCounts['clock_skew'][number]): string {
  const minutes = Math.round(Math.abs(seconds_ahead) / 6) / 10;
  const what =
    seconds_ahead === 0
      ? 'right again'
      : `${minutes} min ${seconds_ahead > 0 ? 'ahead' : 'behind'}; clicks are looked for by corrected times`;
  return `account ${account}: from ${found_at} on the messenger's clock is ${what}`;
}

/** Of a file that begins with its newest line, as many exports do, nearly all lines would pass for late ones, and what was learned of their time would not be known when they are decided. */
export function leftBehindText(file: string, lines: number): string {
  return `${file}: ${lines} lines stand more than ${WINDOW_LINES} lines behind later ones and were taken for late arrivals; sort the file by its times, oldest first`;
}

/** `messages.jsonl:17: time is missing; contact must be text` */
export function badLineText({ file, number, problems }: BadLine): string {
  return `${file}:${number}: ${problems.join('; ')}`;
}

function summary(metrics: {
  readonly leads: number;
  readonly events: number;
  readonly seconds: number;
  readonly methods: object;
  readonly lines: {
    readonly clicks: { readonly bad: number; readonly good: number };
    readonly messages: { readonly bad: number; readonly good: number };
  };
}): string {
  const { clicks, messages } = metrics.lines;
  const methods = Object.entries(metrics.methods).map(([method, count]) => `${method} ${count}`);
  const bad = clicks.bad + messages.bad;
  return [
    `${metrics.leads} leads out of ${clicks.good} clicks and ${messages.good} messages in ${metrics.seconds} s`,
    ...(methods.length > 0 ? [methods.join(', ')] : []),
    ...(bad > 0 ? [`${bad} bad lines skipped: ${clicks.bad} of clicks, ${messages.bad} of messages`] : []),
  ].join('\n');
}
