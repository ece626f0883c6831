import { isIP } from 'node:net';

/**
 * Whether a text has the format of a certain kind of setting. Each format is as narrow as the setting allows, so that
 * other texts, such as secrets, seldom fit it.
 */
export type Shape = (text: string) => boolean;

const PLAIN = { characters: 63, changes: 3 };
const OWNER = 'kubernetes://apis/';
const LEVELS = ['off', 'none', 'fatal', 'critical', 'error', 'warn', 'warning', 'info', 'debug', 'trace'];

/**
 * The kinds of values that are shown. Each pattern can match a text in only one way. Patterns are not applied to long
 * texts.
 */
export const SHAPE = {
  boolean: matching(/^(?:true|false)$/),
  number: matching(/^-?\d{1,12}(?:\.\d{1,9})?$/),
  quantity: matching(/^\d{1,12}(?:\.\d{1,9})?(?:[numkMGTPE]|[KMGTPE]i|[eE][+-]?\d{1,2})?$/),
  duration: matching(/^(?:\d{1,9}(?:\.\d{1,9})?(?:ns|us|ms|s|m|h)){1,6}$/),
  /** A word, such as a value of Istio's settings or a name; nothing that looks random. */
  plain: isPlain,
  plainList: listOf(isPlain),
  /** The name of a Kubernetes object. */
  objectName: matching(/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/),
  /** A host with or without a port; no user, path or query. */
  host: isHost,
  /** The path of a file or directory with plain segments. */
  path: isPath,
  image: isImage,
  /** The tag of an image. */
  tag: matching(/^\w[\w.-]{0,127}$/),
  version: matching(/^\d{1,4}(?:\.\d{1,4}){1,2}(?:-[a-z]{1,12}(?:\.\d{1,6})?)?$/),
  ports: listOf(matching(/^(?:\*|\d{1,5})?$/)),
  networks: listOf((item) => item === '*' || item === '' || isNetwork(item)),
  /** `info`, or levels by scope: `misc:error,rbac:debug`. */
  logLevels: listOf(isLogLevel),
  capability: matching(/^[A-Z]{2,10}(?:_[A-Z]{2,10}){0,3}$/),
  /** In Istio's notation: `kubernetes://apis/apps/v1/namespaces/shop/deployments/cart`. */
  workload: isWorkload,
} satisfies Readonly<Record<string, Shape>>;

export function oneOf(...words: readonly string[]): Shape {
  const known = new Set(words);
  return (text) => known.has(text);
}

export function anyOf(...shapes: readonly Shape[]): Shape {
  return (text) => shapes.some((shape) => shape(text));
}

function matching(pattern: RegExp): Shape {
  return (text) => pattern.test(text);
}

function listOf(item: Shape): Shape {
  return (text) => text.split(',').every(item);
}

/**
 * Lowercase letters and digits with separators, where letters and digits are seldom adjacent: in random text, they are
 * adjacent every few characters. The first letter may be uppercase, as in `Kubernetes`.
 */
function isPlain(text: string): boolean {
  const changes = text.match(/[a-z](?=\d)|\d(?=[a-z])/g) ?? [];
  return (
    text.length <= PLAIN.characters && /^[A-Za-z0-9._]?[a-z0-9._-]*$/.test(text) && changes.length <= PLAIN.changes
  );
}

/** The address may start with a variable of the pod, as in `$(HOST_IP):8126`. */
function isHost(text: string): boolean {
  const [, host = '', bare = ''] = /^(\[[0-9a-f:.]{2,45}\]|([^:]*))(?::\d{1,5})?$/.exec(text) ?? [];
  if (bare === '') {
    return host !== '' && isIP(host.slice(1, -1)) === 6;
  }
  const name = bare.replace(/^\$\([A-Z_]{1,40}\)/, '');
  return name.split('.').every(isPlain) && !/[A-Z_]/.test(name);
}

function isPath(text: string): boolean {
  return /^\.?\//.test(text) && text.split('/').every(isPlain);
}

function isWorkload(text: string): boolean {
  return text.startsWith(OWNER) && text.slice(OWNER.length).split('/').every(isPlain);
}

/** The registry and the repository in lowercase, then a tag, a digest or both. */
function isImage(text: string): boolean {
  const [, name = '', , tag] = /^([^@]*?)(:(\w[\w.-]{0,127}))?(?:@sha256:[0-9a-f]{64})?$/.exec(text) ?? [];
  const isNamed = /^[a-z0-9][a-z0-9._/:-]*$/.test(name) && !name.includes('//');
  return isNamed && (tag !== undefined || name.includes('/') || text.includes('@'));
}

function isNetwork(text: string): boolean {
  const [address = '', prefix] = text.split('/');
  return isIP(address) !== 0 && (prefix === undefined || /^\d{1,3}$/.test(prefix)) && text.split('/').length <= 2;
}

function isLogLevel(text: string): boolean {
  const parts = text.split(':');
  const level = parts.pop() ?? '';
  return (LEVELS.includes(level) || text === '') && parts.length <= 1 && parts.every(isPlain);
}
