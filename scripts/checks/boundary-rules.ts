import type { IForbiddenRuleType } from 'dependency-cruiser';

/** Libraries that compute and nothing else: `domain/` may use them. */
const PURE_LIBRARIES = 'node_modules/(libphonenumber-js|eld|isbot|zod)/';

export const BOUNDARY_RULES: IForbiddenRuleType[] = [
  {
    name: 'no-cycles',
    comment: 'modules that need each other, if only for a type, cannot be read, tested or moved one at a time',
    severity: 'error',
    from: { pathNot: '/src/gen/' },
    to: { circular: true },
  },
  {
    name: 'domain-is-pure',
    comment: 'domain/ decides: no I/O, clock, randomness, environment, logger or generated types; convert in adapters/ and pass values in',
    severity: 'error',
    from: { path: '^services/([^/]+)/src/domain/' },
    to: {
      pathNot: [
        '^services/$1/src/domain/',
        '^packages/tracking-code/src/',
        // Closed reason codes and the shape of settings: types and constants without behaviour.
        '^packages/runtime/src/outcome\\.ts$',
        '^packages/workspace/src/workspace\\.ts$',
        // How a text is taken apart into words, which the workspace's greetings and the gateway must do alike.
        '^packages/workspace/src/words\\.ts$',
        // What `value_minor` of the contracts means: a currency has as many digits for the matcher as for the gateway.
        '^proto/src/minor-units\\.ts$',
        PURE_LIBRARIES,
      ],
    },
  },
  {
    name: 'pipeline-is-wired',
    comment: 'service.ts and main.ts wire the pipeline; it may use codecs of adapters/, and gets what holds a connection through ports.ts',
    severity: 'error',
    from: { path: '^services/[^/]+/src/pipeline\\.ts$' },
    to: { path: '/src/(service|config|main)\\.ts' },
  },
  {
    name: 'ports-know-no-adapters',
    comment: 'a port is owned by its user and names no product',
    severity: 'error',
    from: { path: '^services/[^/]+/src/ports\\.ts$' },
    to: { path: '/src/(adapters/|service\\.ts|pipeline\\.ts|config\\.ts)' },
  },
  {
    name: 'services-stand-alone',
    comment: 'services meet on the bus; only the standalone wires several, and only through their service.ts and config.ts',
    severity: 'error',
    from: { path: '^services/([^/]+)/src/', pathNot: '^services/standalone/' },
    to: { path: '^services/', pathNot: '^services/$1/' },
  },
  {
    name: 'packages-know-no-service',
    comment: 'packages are below services',
    severity: 'error',
    from: { path: '^(packages|proto)/[^/]+/src/|^proto/src/' },
    to: { path: '^services/' },
  },
  {
    name: 'runtime-knows-no-domain',
    comment: 'packages/runtime is how a service runs; domain words live above it',
    severity: 'error',
    from: { path: '^packages/runtime/src/' },
    to: { path: '^packages/(workspace|sessions|tracking-code|warehouse|testing)/' },
  },
  {
    name: 'tracking-code-runs-in-browsers',
    comment: 'the snippet makes codes in the browser: no Node modules, no dependencies',
    severity: 'error',
    from: { path: '^packages/tracking-code/src/' },
    to: { pathNot: '^packages/tracking-code/src/' },
  },
  {
    name: 'snippet-runs-in-browsers',
    comment: 'every byte of it is loaded by pages: no Node modules, no dependencies but the making of codes',
    severity: 'error',
    from: { path: '^packages/snippet/src/page/' },
    to: { pathNot: ['^packages/snippet/src/(page/|settings\\.ts$|widget-settings\\.ts$)', '^packages/tracking-code/src/'] },
  },
  {
    name: 'dialog-runs-in-browsers',
    comment: 'the dialog is loaded by pages: no Node modules, and of libraries the encoder of QR codes alone',
    severity: 'error',
    from: { path: '^packages/snippet/src/widget/' },
    to: {
      pathNot: [
        '^packages/snippet/src/(page/|widget/|settings\\.ts$|widget-settings\\.ts$)',
        '^packages/tracking-code/src/',
        '(^|/)node_modules/qr/',
      ],
    },
  },
  {
    name: 'nothing-imports-main',
    comment: 'main.ts runs a process when it is imported',
    severity: 'error',
    from: {},
    to: { path: '^services/[^/]+/src/main\\.ts$' },
  },
  {
    name: 'no-process-import',
    comment: 'only main.ts touches process; take what you need as an argument',
    severity: 'error',
    from: { path: '^(packages|services)/[^/]+/src/', pathNot: ['/src/main\\.ts$', '^packages/testing/'] },
    to: { path: '^(node:)?process$' },
  },
  {
    name: 'no-test-code-in-production',
    comment: 'tests and their tools are not installed in production',
    severity: 'error',
    from: { path: '^(packages|services)/[^/]+/src/', pathNot: '^packages/testing/' },
    to: { path: '/test/|^packages/testing/|^tests/|^scripts/' },
  },
  {
    name: 'no-dev-dependency-in-production',
    comment: 'declare it under dependencies of the workspace that uses it',
    severity: 'error',
    from: { path: '^(packages|services)/[^/]+/src/', pathNot: '^packages/testing/' },
    to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
  },
  {
    name: 'imports-resolve',
    comment: 'the module does not exist, or is not installed',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
];
