/**
 * What the matcher costs: the operator alone, the service end to end on Kafka beside a bare kafkajs loop and two Kafka Streams programs on the
 * same records, from message to lead, and a restart. `npm run bench matcher -- --parts operator,latency` measures some parts and writes nothing.
 */
import { parseArgs } from 'node:util';
import { type Findings, rounded } from './matcher/findings.ts';
import { measureLatency } from './matcher/latency.ts';
import { BASE_MIX } from './matcher/mixes.ts';
import { measureOperator } from './matcher/operator.ts';
import { measureRecovery } from './matcher/recovery.ts';
import { STREAMS_VERSION } from './matcher/streams.ts';
import { MATCHER, measureThroughput } from './matcher/throughput.ts';
import { medianRate, packageVersion, writeResult } from './result.ts';

/** Of a quiet machine of two cores; what a part measured alone takes for the matcher's throughput. */
const USUAL_RATE = 25_000;

const PARTS = ['operator', 'throughput', 'latency', 'recovery'] as const;
const { values } = parseArgs({ options: { parts: { type: 'string', default: '' } } });
const asked = values.parts.split(',').filter((part) => part !== '');
const unknown = asked.filter((name) => !PARTS.some((part) => part === name));
if (unknown.length > 0) throw new Error(`no part named ${unknown.join(', ')}; there are ${PARTS.join(', ')}`);
const wants = (part: (typeof PARTS)[number]) => asked.length === 0 || asked.includes(part);

const findings: Findings[] = [];
let rate = USUAL_RATE;
if (wants('operator')) findings.push(await measureOperator());
if (wants('throughput')) {
  const throughput = await measureThroughput();
  findings.push(throughput);
  rate = medianRate(throughput.samples, MATCHER(BASE_MIX));
}
if (wants('latency')) findings.push(await measureLatency(rate / 2));
if (wants('recovery')) findings.push(await measureRecovery());

const result = {
  name: 'matcher',
  says: [
    'operator alone: fold() with a map for a join store, traffic made between batches and not timed; events per CPU-second is what one core does, garbage collection included.',
    'Heap per live click: growth of heap and array buffers over clicks alone.',
    'matcher on Kafka: from the log to committed leads, transactional, join store on Redis; broker and Redis share the two cores with it.',
    'raw kafkajs loop: the same records in, as many records of the same size out, one transaction per batch, nothing decided; kafkajs as it comes, because both run in processes of their own.',
    'Kafka Streams (a): the DSL’s left join of messages with the clicks of their account over 60 minutes, default RocksDB stores, one record out per pair.',
    'Kafka Streams (b): a Processor with a RocksDB store that keeps the latest click, one record out per message. Both in Java, exactly_once_v2, commit 100 ms, one thread, warm JVM; what they write is compared with brute force in every run (tests/bench/matcher/streams).',
    'per CPU-second: by the CPU time of the contender’s own process, all its threads; a ratio names the row it is of. The broker’s CPU is nobody’s.',
    'message to lead: from when a message was due to be sent to when another process has its lead, at half the rate of "matcher on Kafka, base".',
    'recovery: a new process with a snapshot of ten million touchpoints, folded by the operator and not by way of Kafka, and the most records behind it that the snapshot policy allows.',
    'Traffic is made (tests/bench/matcher/traffic.ts): how often it is right is measured elsewhere (quality).',
  ].join(' '),
  parameters: Object.assign({}, ...findings.map(({ parameters }) => parameters)) as Findings['parameters'],
  versions: { kafkajs: packageVersion('kafkajs'), ioredis: packageVersion('ioredis'), kafkaStreams: STREAMS_VERSION },
  samples: findings.flatMap(({ samples }) => samples),
  ratios: Object.assign({}, ...findings.map(({ ratios }) => ratios)) as Findings['ratios'],
};
if (asked.length === 0) writeResult(result);
else
  for (const [name, { value, aim }] of Object.entries(result.ratios))
    console.log(`${name}: ${rounded(value, 3)}${aim === undefined ? '' : ` (aim ${aim})`}`);
