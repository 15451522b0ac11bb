import type { Finding } from './finding.ts';
import { combineGreetings, DEFAULT_GREETING_VARIANTS } from './greeting-parts.ts';
import { type GreetingReport, reportGreetings } from './greeting-report.ts';
import type { WorkspaceFile } from './schema.ts';
import type { Workspace } from './workspace.ts';

/** What the greetings of a file could do better: fewer than were asked for, or two that an edit of one word turns into each other. */
export function greetingAdvice(file: WorkspaceFile, workspace: Workspace): readonly Finding[] {
  const advice: Finding[] = [];
  if (file.greeting_parts !== undefined) {
    const wanted = file.greeting_variants ?? DEFAULT_GREETING_VARIANTS;
    const { greetings, possible } = combineGreetings(file.greeting_parts, wanted);
    advice.push(...partsAdvice(['greeting_parts'], greetings, possible, wanted));
  }
  for (const [name, placement] of Object.entries(file.placements ?? {})) {
    const shown = workspace.placements.get(name)?.greetings ?? [];
    if (placement.greeting_parts !== undefined) {
      const wanted = placement.greeting_variants ?? file.greeting_variants ?? DEFAULT_GREETING_VARIANTS;
      const { possible } = combineGreetings(placement.greeting_parts, wanted);
      advice.push(...partsAdvice(['placements', name, 'greeting_parts'], shown, possible, wanted));
    } else if (placement.greetings !== undefined) {
      const message = confusableWords(shown, reportGreetings(shown));
      if (message !== undefined) advice.push({ path: ['placements', name, 'greetings'], message });
    }
  }
  return advice;
}

function partsAdvice(path: readonly PropertyKey[], greetings: readonly string[], possible: number, wanted: number): readonly Finding[] {
  const advice: Finding[] = [];
  if (greetings.length < wanted) {
    const message = `combine into ${greetings.length} greetings where ${wanted} are wanted; add phrases, or set greeting_variants to ${greetings.length}`;
    advice.push({ path, message });
  }
  const confusable = confusableWords(greetings, reportGreetings(greetings));
  const remedy = possible > greetings.length ? '' : '; more phrases give room to leave the close ones out';
  if (confusable !== undefined) advice.push({ path, message: `${confusable}${remedy}` });
  return advice;
}

/** Undefined when no two are confusable. Greetings are settings, not personal data, so the message may show them. */
function confusableWords(greetings: readonly string[], { confusable }: GreetingReport): string | undefined {
  const [worst] = confusable;
  if (worst === undefined) return undefined;
  const how = worst.distance === 0 ? 'have the same words' : 'differ in one word';
  const example = `"${greetings[worst.first]}" and "${greetings[worst.second]}" ${how}`;
  const pairs = (greetings.length * (greetings.length - 1)) / 2;
  return `hold ${confusable.length} of ${pairs} pairs that one edited word makes one of the other: ${example}. Phrases of several words that share none tell clicks apart`;
}
