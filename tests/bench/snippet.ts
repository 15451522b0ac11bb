import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSnippetScripts } from '@messtrack/ingest/adapters/snippet-scripts.ts';
import { startBrowser } from '@messtrack/testing/browser.ts';
import { parseWorkspace } from '@messtrack/workspace/parse.ts';
import type { Browser } from 'playwright-core';
import { startTestSite } from '../e2e/snippet/test-site.ts';
import { packageVersion, type Sample, writeResult } from './result.ts';

/**
 * What the snippet costs a page: bytes, and time of the main thread on a processor slowed down four times, which is about a cheap phone. The peer is a
 * script of the same size that does nothing, so that loading, decoding and the page itself are in both. Contenders take turns in one browser. With consent
 * the dearest path runs: visit, storage, both beacons.
 */
/** 1 measures the processor as it is: throttling stretches what other work on the machine interrupts as well. */
const THROTTLE = Number(process.env['BENCH_THROTTLE'] ?? 4);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 25);
const GOAL_MS = 20;
const GOAL_BYTES = 5 * 1024;
const LINKS = 200;
const WITH_CONSENT = 'snippet, consent given';
const WITHOUT_CONSENT = 'snippet, nobody asked yet';
const EMPTY = 'an empty script of the same size';
/** Until nothing is left to do: the script begins with a timer of 0 ms, and its beacons are answered within a few. */
const SETTLE_MS = 300;

interface Cost {
  /** All tasks of the main thread from navigation until the page is idle, and its part in JavaScript. Milliseconds. */
  readonly taskMs: number;
  readonly scriptMs: number;
  /** A touch and a click on one of many links, from the first listener to the last. Milliseconds. */
  readonly tapMs: number;
}

const site = await startTestSite();
const browser = await startBrowser();
try {
  const url = `${site.ingest}/s/acme.js`;
  const script = await (await fetch(url)).text();
  const gzipBytes = await demoBytes();
  const links = Array.from({ length: LINKS }, (_, index) => `<p><a href="https://wa.me/1415555010${index % 2}">link ${index}</a></p>`).join(
    '',
  );
  const body = `<script>addEventListener('click',(event)=>event.preventDefault())</script>${links}`;
  const given = site.page('/given', { head: `<script>(window.messtrack=window.messtrack||[]).push(['consent',true])</script>`, body });
  const asked = site.page('/asked', { body });
  const empty = `/*${'x'.repeat(Buffer.byteLength(script) - 4)}*/`;
  const contenders = [
    { contender: WITH_CONSENT, page: given, text: script },
    { contender: WITHOUT_CONSENT, page: asked, text: script },
    { contender: EMPTY, page: given, text: empty },
  ];

  const samples: Sample[] = [];
  const costs: { contender: string; cost: Cost }[] = [];
  for (let run = 0; run <= ROUNDS; run += 1) {
    for (const { contender, page, text } of contenders) {
      const cost = await measure(browser, `${page}?utm_source=bench&gclid=1`, url, text);
      // The first of each fills caches of the browser.
      if (run === 0) continue;
      costs.push({ contender, cost });
      samples.push({ contender, run, count: 1, seconds: cost.taskMs / 1_000, more: { scriptMs: cost.scriptMs, tapMs: cost.tapMs } });
    }
  }
  const clicks = (await site.clicks()).length;
  const taps = 2 * (ROUNDS + 1);
  if (clicks !== taps) throw new Error(`${clicks} clicks of ${taps} taps were registered: another path was measured than meant`);

  // Other work on the machine only ever adds: the quarter of the runs that it disturbed least says what the script costs.
  const of = (contender: string, part: keyof Cost) =>
    lowerQuartile(costs.filter((each) => each.contender === contender).map(({ cost }) => cost[part]));
  const added = (contender: string) => ({
    task: round(of(contender, 'taskMs') - of(EMPTY, 'taskMs')),
    script: round(of(contender, 'scriptMs') - of(EMPTY, 'scriptMs')),
    tap: round(of(contender, 'tapMs') - of(EMPTY, 'tapMs')),
  });
  const addedMs = { [WITH_CONSENT]: added(WITH_CONSENT), [WITHOUT_CONSENT]: added(WITHOUT_CONSENT) };
  writeResult({
    name: 'snippet',
    says: 'Time of the main thread that the snippet adds to a page with 200 links, beside an empty script of its size, the processor slowed down as the throttle says. Throttling stretches interruptions by other work as well, and a real phone has slower memory and storage too.',
    parameters: { throttle: THROTTLE, rounds: ROUNDS, links: LINKS, goalMs: GOAL_MS, goalBytes: GOAL_BYTES, chromium: browser.version() },
    versions: { 'playwright-core': packageVersion('playwright-core') },
    samples,
    ratios: {
      'goal of 20 ms / main-thread time added to a page, nobody asked yet': { value: GOAL_MS / added(WITHOUT_CONSENT).script, aim: 1 },
      'goal of 20 ms / main-thread time added to a page, consent given': { value: GOAL_MS / added(WITH_CONSENT).script, aim: 1 },
      'goal of 20 ms / time added to a tap, consent given': { value: GOAL_MS / added(WITH_CONSENT).tap, aim: 1 },
      'goal of 5 KB / bytes of the demo workspace with gzip, settings included': { value: GOAL_BYTES / gzipBytes, aim: 1 },
    },
    details: { addedMs, bytes: { demoGzip: gzipBytes, measuredPlain: Buffer.byteLength(script) } },
  });
  console.log(JSON.stringify(addedMs), `${gzipBytes} bytes with gzip`);
} finally {
  await browser.close();
  await site.stop();
}

async function measure(within: Browser, address: string, url: string, body: string): Promise<Cost> {
  const context = await within.newContext();
  try {
    await context.route(url, (route) => route.fulfill({ contentType: 'text/javascript', body }));
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await session.send('Performance.enable', { timeDomain: 'threadTicks' });
    await session.send('Emulation.setCPUThrottlingRate', { rate: THROTTLE });
    const metrics = async (): Promise<Readonly<Record<string, number>>> =>
      Object.fromEntries((await session.send('Performance.getMetrics')).metrics.map(({ name, value }) => [name, value * 1_000]));
    await page.goto(address);
    await page.waitForTimeout(SETTLE_MS);
    const loaded = await metrics();
    const tapMs: number = await page.evaluate(`(() => {
      const link = document.querySelectorAll('a')[100];
      const began = performance.now();
      for (const type of ['pointerdown', 'click']) link.dispatchEvent(new MouseEvent(type, { bubbles: true, cancelable: true, composed: true }));
      return performance.now() - began;
    })()`);
    // The click is part of the ledger at the end.
    await page.waitForTimeout(SETTLE_MS);
    return {
      taskMs: loaded['TaskDuration'] ?? Number.NaN,
      scriptMs: (loaded['ScriptDuration'] ?? Number.NaN) + (loaded['V8CompileDuration'] ?? 0),
      tapMs,
    };
  } finally {
    await context.close();
  }
}

/** What a page of the demo workspace loads. */
async function demoBytes(): Promise<number> {
  const file = join(import.meta.dirname, '../../examples/workspaces/demo.yaml');
  const parsed = parseWorkspace(await readFile(file, 'utf8'), {
    file: 'demo.yaml',
    env: {},
    readFile: () => {
      throw new Error('the demo workspace reads no files');
    },
  });
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return (await createSnippetScripts({ isWell: () => true }).of(parsed.workspace, Date.now())).gzipped.length;
}

function lowerQuartile(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 4)]!;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
