/** The same as a send per post, with everything that arrives while a send is on its way going out in the next one: the best a raw kafkajs loop does under load. */
export type Send = (value: Buffer) => Promise<unknown>;

export function mergedSend(produce: (values: readonly Buffer[]) => Promise<unknown>): Send {
  let waiting: { value: Buffer; resolve: () => void; reject: (error: unknown) => void }[] = [];
  let isSending = false;
  const flush = () => {
    if (isSending || waiting.length === 0) return;
    isSending = true;
    const batch = waiting;
    waiting = [];
    produce(batch.map(({ value }) => value))
      .then(
        () => {
          for (const { resolve } of batch) resolve();
        },
        (error: unknown) => {
          for (const { reject } of batch) reject(error);
        },
      )
      .finally(() => {
        isSending = false;
        flush();
      });
  };
  return (value) =>
    new Promise<void>((resolve, reject) => {
      waiting.push({ value, resolve, reject });
      setImmediate(flush);
    });
}
