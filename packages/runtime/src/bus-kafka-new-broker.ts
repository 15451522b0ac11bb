import { setTimeout as wait } from 'node:timers/promises';
import { isCoordinatorComing } from './bus-kafka-errors.ts';

/** With what kafkajs waits itself at each, a good half minute: ten times what fifty partitions took on a busy disk. */
const ATTEMPTS = 10;
const PAUSE_MS = 500;

/**
 * Asks again while the broker has no coordinator for groups yet. A new Kafka answers, and is healthy for whoever asks for its versions, seconds before that: the first question for a group makes a topic of fifty
 * partitions, and until it is loaded everybody is turned away. Whoever ended then was the first start of a new cluster, and Docker Compose starts nothing that waits for a container that has ended.
 */
export async function whenCoordinated<T>(ask: () => Promise<T>, pause: (ms: number) => Promise<unknown> = wait): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (attempt === ATTEMPTS || !isCoordinatorComing(error)) throw error;
    }
    await pause(PAUSE_MS);
  }
}
