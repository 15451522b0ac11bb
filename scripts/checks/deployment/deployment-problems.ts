import { ConfigError, configVariables, loadConfig } from '@messtrack/runtime/config.ts';
import { isInContext } from './build-context.ts';
import { type ComposeFile, type ComposeService, mountsOf, readComposeFile } from './compose-file.ts';
import { type ImageFile, readDockerfile } from './dockerfile.ts';
import { type ProxyFile, readProxyFile } from './proxy-file.ts';
import { SERVICE_CONFIGS } from './service-configs.ts';

/** The files of a deployment, by path from the root. */
export interface DeploymentFiles {
  readonly paths: readonly string[];
  read(path: string): string;
}

const COMPOSE = 'docker-compose.yml';
/** What glibc and Node read themselves. */
const FOREIGN_VARIABLES = /^(NODE_|MALLOC_)/;
/** Paths of the admin port (packages/runtime/src/admin.ts). */
const ADMIN_PATHS = new Set(['/healthz', '/readyz', '/metrics']);
/** Ports of what is not ours, by the name before the image's tag. Kafka's stand in its environment. */
const FOREIGN_PORTS: Readonly<Record<string, readonly number[]>> = {
  redis: [6379],
  'clickhouse/clickhouse-server': [8123, 9000],
};
/** A variable of ours whose value is an address of another process. */
const ADDRESS = /^(?:[a-z]+:\/\/)?([a-z][a-z0-9-]*):(\d{1,5})(?:\/\S*)?$/;

/** Everything in which docker-compose.yml, the Dockerfile and the nginx file disagree with each other or with what our processes read. */
export function deploymentProblems(files: DeploymentFiles): readonly string[] {
  const compose = readComposeFile(COMPOSE, files.read(COMPOSE));
  if (!('services' in compose)) return compose;
  const problems: string[] = [];
  const images = new Map<string, ImageFile>();
  for (const [name, service] of Object.entries(compose.services)) {
    const dockerfile = service.build?.dockerfile;
    if (dockerfile === undefined) {
      if (!/:[^:]*\d/.test(service.image)) problems.push(`${COMPOSE}: ${name}: the image ${service.image} names no version`);
    } else if (!files.paths.includes(dockerfile)) problems.push(`${COMPOSE}: ${name}: there is no file ${dockerfile}`);
    else if (!images.has(dockerfile)) images.set(dockerfile, readDockerfile(dockerfile, files.read(dockerfile)));
  }
  const dockerignore = files.paths.includes('.dockerignore') ? files.read('.dockerignore') : '';
  const deployment: Deployment = { files, dockerignore, compose, images };
  for (const [path, image] of images) problems.push(...image.problems, ...imageProblems(deployment, path, image));
  for (const [name, service] of Object.entries(compose.services)) {
    problems.push(...mountProblems(deployment, name, service), ...dependencyProblems(deployment, name, service));
    if (service.build !== undefined) problems.push(...processProblems(deployment, name, service));
  }
  return [...problems, ...proxyProblems(deployment)];
}

interface Deployment {
  readonly files: DeploymentFiles;
  /** Text of .dockerignore; empty where there is none. */
  readonly dockerignore: string;
  readonly compose: ComposeFile;
  readonly images: ReadonlyMap<string, ImageFile>;
}

/** What the image says of itself: variables that somebody reads, paths that are in it, a command that starts something. */
function imageProblems({ files, dockerignore }: Deployment, path: string, image: ImageFile): readonly string[] {
  const problems: string[] = [];
  const known = new Set(Object.values(SERVICE_CONFIGS).flatMap((schema) => configVariables(schema).map((each) => each.name)));
  for (const [name, value] of Object.entries(image.environment)) {
    if (!known.has(name) && !FOREIGN_VARIABLES.test(name)) problems.push(`${path}: no process reads ${name}${nearest(name, known)}`);
    if (!value.startsWith(`${image.workdir}/`)) continue;
    const inside = value.slice(image.workdir.length + 1);
    if (!files.paths.some((each) => (each === inside || each.startsWith(`${inside}/`)) && isInContext(dockerignore, each)))
      problems.push(`${path}: ${name} names ${value}, but .dockerignore lets nothing of ${inside} into the image`);
  }
  problems.push(...commandProblems({ files, dockerignore }, path, image.command));
  for (const entry of Object.keys(SERVICE_CONFIGS))
    if (!isInContext(dockerignore, entry)) problems.push(`.dockerignore: ${entry} does not get into the image`);
  if (!image.hasHealthcheck) problems.push(`${path}: there is no HEALTHCHECK, so that nothing can wait for readiness`);
  return problems;
}

function commandProblems(
  { files, dockerignore }: Pick<Deployment, 'files' | 'dockerignore'>,
  where: string,
  command: readonly string[],
): readonly string[] {
  const entry = command.find((word) => !word.startsWith('-'));
  if (entry === undefined) return [`${where}: the command names no file to run`];
  if (!files.paths.includes(entry)) return [`${where}: the command runs ${entry}, which does not exist`];
  return isInContext(dockerignore, entry) ? [] : [`${where}: the command runs ${entry}, which .dockerignore keeps out of the image`];
}

/** Variables as the process itself reads them, and where it writes. */
function processProblems(deployment: Deployment, name: string, service: ComposeService): readonly string[] {
  const where = `${COMPOSE}: ${name}`;
  const image = deployment.images.get(service.build?.dockerfile ?? '');
  if (image === undefined) return [];
  const command = service.command.length > 0 ? service.command : image.command;
  const wrong = commandProblems(deployment, where, command);
  if (wrong.length > 0) return wrong;
  const entry = command.find((word) => !word.startsWith('-')) ?? '';
  const schema = SERVICE_CONFIGS[entry];
  if (schema === undefined) return [`${where}: ${entry} is none of our processes: ${Object.keys(SERVICE_CONFIGS).join(', ')}`];

  const problems: string[] = [];
  const known = new Set(configVariables(schema).map((each) => each.name));
  for (const variable of Object.keys(service.environment))
    if (!known.has(variable)) problems.push(`${where}: ${entry} does not read ${variable}${nearest(variable, known)}`);
  const environment = { ...image.environment, ...service.environment };
  try {
    loadConfig(schema, environment);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems.push(...error.problems.map((each) => `${where}: ${each.name} ${each.problem}`));
  }
  const writes = environment['SPOOL_DIR'];
  if (service.read_only && known.has('SPOOL_DIR') && writes !== undefined) {
    const isKept = mountsOf(service).some(({ target, isWritable }) => isWritable && isBelow(writes, target));
    if (!isKept) problems.push(`${where}: SPOOL_DIR is ${writes}, which is on no volume: what is spooled dies with the container`);
  }
  const workspaces = environment['MESSTRACK_WORKSPACES'];
  if (known.has('MESSTRACK_WORKSPACES') && workspaces !== undefined) {
    const isThere = isBelow(workspaces, image.workdir) || mountsOf(service).some(({ target }) => isBelow(workspaces, target));
    if (!isThere) problems.push(`${where}: MESSTRACK_WORKSPACES is ${workspaces}, which nothing is mounted at`);
  }
  for (const [variable, value] of Object.entries(service.environment))
    for (const each of value.split(',')) problems.push(...addressProblems(deployment, `${where}: ${variable}`, service, each));
  return problems;
}

/** Who leads to an address. A proxy asks for it at every request and waits for nothing. */
type Asking = Pick<ComposeService, 'networks'> & Partial<Pick<ComposeService, 'depends_on'>>;

/** An address within the compose networks must be a service of it, on a network of both, at a port it listens on, and be waited for when it is a store. */
function addressProblems({ compose, images }: Deployment, where: string, from: Asking, value: string): readonly string[] {
  const [, host = '', portText = ''] = ADDRESS.exec(value) ?? [];
  if (host === '') return [];
  const to = compose.services[host];
  if (to === undefined) return [`${where} leads to ${host}, which is no service here: ${Object.keys(compose.services).join(', ')}`];
  const problems: string[] = [];
  if (!to.networks.some((network) => from.networks.includes(network))) problems.push(`${where} leads to ${host}, on none of its networks`);
  const ports = portsOf(to, images);
  if (ports !== undefined && !ports.includes(Number(portText)))
    problems.push(`${where} leads to ${host}:${portText}, which listens on ${ports.join(', ')}`);
  if (to.build === undefined && from.depends_on !== undefined && from.depends_on[host] === undefined)
    problems.push(`${where} leads to ${host}, but the service does not wait for it: depends_on`);
  return problems;
}

/** Ports a service listens on inside; undefined where nobody can tell. */
function portsOf(service: ComposeService, images: Deployment['images']): readonly number[] | undefined {
  if (service.build === undefined) {
    const listeners = service.environment['KAFKA_LISTENERS'];
    if (listeners !== undefined) return [...listeners.matchAll(/:\/\/[^:,]*:(\d+)/g)].map(([, port]) => Number(port));
    return FOREIGN_PORTS[service.image.replace(/:.*$/, '')];
  }
  const environment = { ...images.get(service.build.dockerfile)?.environment, ...service.environment };
  return ['HTTP_PORT', 'ADMIN_PORT', 'GRPC_PORT'].map((variable) => Number(environment[variable]));
}

function mountProblems({ files, compose }: Deployment, name: string, service: ComposeService): readonly string[] {
  const where = `${COMPOSE}: ${name}`;
  return mountsOf(service).flatMap(({ source, target }) => {
    if (!target.startsWith('/')) return [`${where}: ${source} is mounted at "${target}", which is no absolute path`];
    if (!source.startsWith('.')) return source in compose.volumes ? [] : [`${where}: there is no volume ${source}`];
    const path = source.replace(/^\.\//, '');
    const isThere = files.paths.some((each) => each === path || each.startsWith(`${path}/`));
    // The engine makes an empty folder of what it does not find, and the process then reads that.
    return isThere ? [] : [`${where}: ${source} is mounted, and does not exist`];
  });
}

function dependencyProblems({ compose, images }: Deployment, name: string, service: ComposeService): readonly string[] {
  const where = `${COMPOSE}: ${name}`;
  const problems = service.networks
    .filter((network) => !(network in compose.networks))
    .map((network) => `${where}: there is no network ${network}`);
  for (const [needed, { condition }] of Object.entries(service.depends_on)) {
    const to = compose.services[needed];
    if (to === undefined) problems.push(`${where}: waits for ${needed}, which is no service`);
    else if (
      condition === 'service_healthy' &&
      to.healthcheck === undefined &&
      images.get(to.build?.dockerfile ?? '')?.hasHealthcheck !== true
    )
      problems.push(`${where}: waits until ${needed} is healthy, but nothing says when it is`);
  }
  return problems;
}

/** Each nginx file that is mounted: where it leads, and that what is published and asked for health is served. */
function proxyProblems(deployment: Deployment): readonly string[] {
  const { files, compose, images } = deployment;
  return Object.entries(compose.services).flatMap(([name, service]) =>
    mountsOf(service)
      .filter(({ source }) => source.endsWith('.conf') && files.paths.includes(source.replace(/^\.\//, '')))
      .flatMap(({ source }) => {
        const path = source.replace(/^\.\//, '');
        const proxy = readProxyFile(files.read(path));
        const leads = proxy.upstreams.flatMap((upstream) => {
          const where = `${path}:${upstream.line}`;
          const to = compose.services[upstream.host];
          const adminPort = Number({ ...images.get(to?.build?.dockerfile ?? '')?.environment, ...to?.environment }['ADMIN_PORT']);
          const isUnknownPath = to?.build !== undefined && upstream.port === adminPort && !ADMIN_PATHS.has(upstream.path);
          const found = addressProblems(deployment, where, { networks: service.networks }, `${upstream.host}:${upstream.port}`);
          return isUnknownPath ? [...found, `${where}: the admin port has ${[...ADMIN_PATHS].join(', ')} and no ${upstream.path}`] : found;
        });
        return [...leads, ...entryProblems(`${COMPOSE}: ${name}`, path, service, proxy)];
      }),
  );
}

function entryProblems(where: string, path: string, { ports, healthcheck }: ComposeService, proxy: ProxyFile): readonly string[] {
  const problems = ports
    .map((published) => Number(published.split(':').at(-1)))
    .filter((port) => !proxy.ports.includes(port))
    .map((port) => `${where}: port ${port} is published, but ${path} listens on ${proxy.ports.join(', ')}`);
  for (const word of healthcheck?.test ?? []) {
    if (!URL.canParse(word)) continue;
    const { port, pathname } = new URL(word);
    if (!proxy.ports.includes(Number(port)))
      problems.push(`${where}: the health check asks port ${port}, on which ${path} does not listen`);
    if (!proxy.paths.includes(pathname)) problems.push(`${where}: the health check asks for ${pathname}, which ${path} does not serve`);
  }
  return problems;
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** ", perhaps NAME" for a slip of one or two letters. */
function nearest(name: string, known: ReadonlySet<string>): string {
  const close = [...known].map((each) => ({ each, far: distance(name, each) })).sort((a, b) => a.far - b.far)[0];
  return close !== undefined && close.far <= 2 ? `; perhaps ${close.each}` : '';
}

/** Levenshtein. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
