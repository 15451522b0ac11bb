import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCertain, type Lead } from '../src/domain/lead.ts';
import { contestedLog } from './support/any-log.ts';
import { foldLog } from './support/fold-harness.ts';

describe('open leads that may have come from the same click', () => {
  it('never have it both, at any moment of the log', async () => {
    await fc.assert(
      fc.asyncProperty(contestedLog, async (touchpoints) => {
        const newest = new Map<string, Lead>();
        const doubles: string[] = [];
        await foldLog(touchpoints, {
          shelf: new Map(),
          after: (_state, { offset }, leads) => {
            for (const lead of leads) newest.set(lead.leadId, lead);
            const owners = new Map<string, Lead>();
            for (const lead of newest.values()) {
              const best = lead.candidates[0];
              if (isCertain(lead.method) || best === undefined || best.probability <= 0.5) continue;
              const other = owners.get(best.clickId);
              if (other !== undefined) {
                doubles.push(`${offset}: ${best.clickId} ${show(other)} ${show(lead)}`);
              }
              owners.set(best.clickId, lead);
            }
          },
        });
        expect(doubles).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });
});

function show({ firstMessageId, state, revision, candidates }: Lead): string {
  return `${firstMessageId} ${state} ${revision} ${candidates[0]?.probability}`;
}
