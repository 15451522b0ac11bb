import { appendFileSync } from 'node:fs';
import type { Reporter, TestCase, TestModule } from 'vitest/node';
import { MARKS } from './tally.ts';

/** Writes each result down the moment it is known. vitest's own JSON report is written at the end, and a crash leaves none. */
export default class TallyReporter implements Reporter {
  readonly #file: string;

  constructor(options: { readonly file?: string } = {}) {
    const file = options.file ?? process.env['MESSTRACK_TEST_TALLY'];
    if (file === undefined) throw new Error('MESSTRACK_TEST_TALLY names no file');
    this.#file = file;
  }

  onTestCaseResult(test: TestCase): void {
    const { state } = test.result();
    if (state !== 'pending') this.#write(MARKS[state]);
  }

  /** A file that does not load, or whose hooks fail, has no test to blame: each of its errors is a failure. */
  onTestModuleEnd(module: TestModule): void {
    const suites = [...module.children.allSuites()];
    for (const _ of [...module.errors(), ...suites.flatMap((suite) => suite.errors())]) this.#write(MARKS.failed);
  }

  onTestRunEnd(): void {
    this.#write(MARKS.complete);
  }

  #write(mark: string): void {
    appendFileSync(this.#file, `${mark}\n`);
  }
}
