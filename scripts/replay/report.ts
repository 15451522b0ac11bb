import type { SourceTotals } from './differences.ts';
import type { ReplayResult } from './replay-log.ts';

export interface ReportFacts {
  /** Where the log is, in words; no password. */
  readonly place: string;
  /** Version folded under, or `log` for the ones that the log names. */
  readonly model: number | 'log';
  readonly result: ReplayResult;
  readonly corrections: CorrectionCounts | undefined;
  /** What the warehouse does not hold and was filled in or left out; empty for a log. */
  readonly filled: readonly string[];
}

export interface CorrectionCounts {
  /** Corrections that --apply writes, or would write. */
  readonly writable: number;
  readonly written: number;
  /** Changed leads that are not corrected, by reason. */
  readonly left_out: Readonly<Record<string, number>>;
}

/** What is printed with --json: stable names. */
export function reportObject({ place, model, result, corrections, filled }: ReportFacts) {
  const {
    differences,
    changed: _changed,
    partitions,
    beginsAtMs,
    records,
    unreadable,
    replayedCorrections,
    unknownModels,
    ...counts
  } = result;
  return {
    log: place,
    model,
    records,
    unreadable,
    partitions: partitions.filter(({ end }) => end > 0),
    begins_at: beginsAtMs > 0 ? new Date(beginsAtMs).toISOString() : null,
    unknown_models: unknownModels,
    replayed_corrections: replayedCorrections,
    ...counts,
    ...differences,
    corrections: corrections ?? null,
    filled,
  };
}

const MOST_ROWS = 30;

/** For people. */
export function reportText(facts: ReportFacts): string {
  const { place, model, result, corrections } = facts;
  const { differences } = result;
  const { compared, changed, identical, same_answer: sameAnswer, only_standing, only_replayed, changes, methods, sources } = differences;
  const under = model === 'log' ? 'the models that the log names' : `model ${model}`;
  const lines = [
    `${place}: ${result.records} records folded again under ${under}`,
    `${compared} leads compared: ${changed} change, ${sameAnswer} say the same on other grounds, ${identical} are identical to the byte`,
    ...(only_standing + only_replayed > 0
      ? [`${only_standing} stand that the replay does not find, ${only_replayed} are found that do not stand`]
      : []),
    ...notes(result),
    ...facts.filled,
  ];
  if (changed > 0) {
    lines.push('', 'what changes'.padEnd(26) + 'leads'.padStart(8) + 'mean'.padStart(9) + 'largest'.padStart(9) + 'sum'.padStart(11));
    for (const [name, shift] of [
      ['probability', changes.probability],
      ['none', changes.none],
    ] as const) {
      lines.push(
        name.padEnd(26) +
          String(shift.leads).padStart(8) +
          shift.mean.toFixed(4).padStart(9) +
          shift.largest.toFixed(4).padStart(9) +
          signed(shift.sum).padStart(11),
      );
    }
    for (const name of ['method', 'resolved_to', 'click', 'source'] as const)
      lines.push(name.padEnd(26) + String(changes[name]).padStart(8));
    for (const { from, to, leads } of methods) lines.push(`  ${from} → ${to}`.padEnd(42) + String(leads).padStart(8));
  }
  const moved = sources.filter((row) => row.leads > 0);
  if (moved.length > 0) {
    lines.push(
      '',
      'expected leads by source'.padEnd(50) + 'before'.padStart(12) + 'after'.padStart(12) + 'change'.padStart(11) + 'leads'.padStart(8),
    );
    for (const row of moved.slice(0, MOST_ROWS)) lines.push(sourceLine(row));
    if (moved.length > MOST_ROWS) lines.push(`… and ${moved.length - MOST_ROWS} sources that move less; --json has all`);
  }
  if (corrections !== undefined) lines.push('', ...correctionLines(corrections));
  return lines.join('\n');
}

function notes({
  beginsAtMs,
  unreadable,
  unknownModels,
  replayedCorrections,
  before_log,
  compacted,
  corrected_outside,
}: ReplayResult): readonly string[] {
  return [
    ...(beginsAtMs > 0
      ? [
          `the log begins at ${new Date(beginsAtMs).toISOString()}: what came before is not known, and leads that depend on it differ for that reason`,
        ]
      : []),
    ...(before_log > 0 ? [`${before_log} leads started before the log does and are not compared`] : []),
    ...(compacted > 0 ? [`${compacted} leads are not compared: compaction has left only later revisions of them`] : []),
    ...(corrected_outside > 0
      ? [`${corrected_outside} leads are not compared: somebody outside has corrected them, which the warehouse does not tell in full`]
      : []),
    ...(unreadable > 0 ? [`${unreadable} records cannot be read, as when they were dead-lettered`] : []),
    ...(unknownModels.length > 0
      ? [`the log names models that model.v1 does not hold (${unknownModels.join(', ')}): the one before stayed in force`]
      : []),
    ...(replayedCorrections > 0
      ? [`${replayedCorrections} corrections of earlier replays were left out, so that this one stands on the log alone`]
      : []),
  ];
}

function correctionLines({ writable, written, left_out: leftOut }: CorrectionCounts): readonly string[] {
  const left = Object.entries(leftOut).map(([reason, leads]) => `  left out, ${reason}: ${leads}`);
  if (written > 0 || writable === 0) return [`${written} corrections written`, ...left];
  return [`${writable} corrections would be written; nothing was. To write them: --apply --confirm ${writable}`, ...left];
}

function sourceLine({ source, before, after, change, leads }: SourceTotals): string {
  const name = sourceName(source);
  const cut = name.length > 49 ? `${name.slice(0, 48)}…` : name;
  return (
    cut.padEnd(50) +
    before.toFixed(2).padStart(12) +
    after.toFixed(2).padStart(12) +
    signed(change).padStart(11) +
    String(leads).padStart(8)
  );
}

function sourceName(source: SourceTotals['source']): string {
  if (source === null) return 'no tracked click';
  const parts = [source.utmSource, source.utmCampaign, source.utmContent, source.utmTerm, source.adId, source.placement];
  return parts.filter((part) => part !== '').join(' · ') || 'a click without source';
}

function signed(value: number): string {
  const hundredths = Math.round(value * 100);
  if (hundredths === 0) return '0.00';
  return `${hundredths > 0 ? '+' : ''}${(hundredths / 100).toFixed(2)}`;
}
