import type { Logger } from 'pino';
import type { MatcherMetrics } from '../metrics.ts';
import type { ModelDirectory, ModelSource } from '../ports.ts';

/**
 * Versions for the fold. One that is gone is said aloud and counted: the partition goes on under the model it has, its leads name that one,
 * and a replay of this stretch differs from what was decided then.
 */
export function modelSource(directory: ModelDirectory, metrics: Pick<MatcherMetrics, 'modelGone'>, log: Logger): ModelSource {
  return {
    async find(version, partition) {
      const found = await directory.find(version);
      if (found.kind === 'found') return found.learned.model;
      metrics.modelGone(found.reason);
      log.error(
        { version, partition, reason: found.reason },
        'the log names a model version that is gone: the partition goes on under the model it has',
      );
      return undefined;
    },
  };
}
