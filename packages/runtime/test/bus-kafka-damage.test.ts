import { describe, expect, it } from 'vitest';
import { createDamageLog, DamagedBatchError } from '../src/bus-kafka-damage.ts';
import { memoryLog } from './memory-log.ts';

const damageAt = (partition: number, offset: number) => new DamagedBatchError({ topic: 'leads', partition, offset }, offset + 3);

describe('damaged batches', () => {
  it('are told once, with topic, partition and offset, and keep readiness red until they have been read', () => {
    const { log, lines } = memoryLog();
    const damage = createDamageLog(log, () => 0);
    damage.assertNone();
    for (let tries = 0; tries < 5; tries++) damage.found(damageAt(3, 17));
    expect(() => damage.assertNone()).toThrow(
      expect.objectContaining({ healthDetail: 'leads/3 from offset 17 on is not what was written' }),
    );
    // Another partition, and what stands before the batch.
    damage.passed({ topic: 'leads', partition: 2 }, 99);
    damage.passed({ topic: 'leads', partition: 3 }, 17);
    expect(() => damage.assertNone()).toThrow(DamagedBatchError);
    damage.passed({ topic: 'leads', partition: 3 }, 18);
    damage.assertNone();
    expect(lines()).toMatchObject([
      { topic: 'leads', partition: 3, offset: 17, err: { message: expect.stringContaining('leads/3 from offset 17') } },
      { topic: 'leads', partition: 3, attempts: 5 },
    ]);
  });

  it('that nobody has looked at for half a minute are somebody else’s, and the next one is told again', () => {
    const { log, lines } = memoryLog();
    let now = 0;
    const damage = createDamageLog(log, () => now);
    damage.found(damageAt(3, 17));
    now = 29_000;
    expect(() => damage.assertNone()).toThrow(DamagedBatchError);
    now = 31_000;
    damage.assertNone();
    now = 200_000;
    damage.found(damageAt(4, 1));
    damage.passed({ topic: 'leads', partition: 4 }, 2);
    damage.assertNone();
    expect(lines()).toMatchObject([{ partition: 3 }, { partition: 4 }, { partition: 4, attempts: 1 }]);
  });
});
