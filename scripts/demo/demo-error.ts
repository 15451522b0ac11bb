/** Why the demo cannot go on: a sentence for whoever started it. Everything else that is thrown is a defect of the demo, and its stack is wanted. */
export class DemoError extends Error {
  override readonly name = 'DemoError';
}
