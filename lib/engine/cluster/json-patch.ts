import { isObject } from './is-object';

/** One operation of a JSON patch. */
export interface PatchOperation {
  readonly op: string;
  /** A JSON pointer, such as `/spec/containers/0/image`. */
  readonly path: string;
  readonly value?: unknown;
}

type Parent = unknown[] | Record<string, unknown>;

/**
 * Applies the operations of an admission webhook to a copy of the document.
 *
 * @throws Error for an unknown operation, or for a path that does not exist
 * @see https://www.rfc-editor.org/rfc/rfc6902
 */
export function withPatch<T>(document: T, operations: readonly PatchOperation[]): T {
  const root = { document: structuredClone(document) as unknown };
  for (const { op, path, value } of operations) {
    apply(root, op, ['document', ...segmentsOf(path)], value);
  }
  return root.document as T;
}

function segmentsOf(path: string): readonly string[] {
  return path === ''
    ? []
    : path
        .split('/')
        .slice(1)
        .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function apply(root: Record<string, unknown>, op: string, segments: readonly string[], value: unknown): void {
  const parents = segments.slice(0, -1);
  const key = segments.at(-1) ?? '';
  const parent = parents.reduce<unknown>((at, segment) => (isParent(at) ? childOf(at, segment) : undefined), root);
  if (!isParent(parent)) {
    throw new Error(`there is nothing at ${pointer(parents)} that ${op} could change`);
  }
  if (op === 'add' && Array.isArray(parent)) {
    parent.splice(key === '-' ? parent.length : indexIn(parent, key, parent.length), 0, structuredClone(value));
    return;
  }
  if (op !== 'add' && childOf(parent, key) === undefined) {
    throw new Error(`there is nothing at ${pointer(segments)} to ${op}`);
  }
  if (op === 'add' || op === 'replace') {
    // `__proto__` is a key like any other.
    Object.defineProperty(parent, key, {
      value: structuredClone(value),
      writable: true,
      enumerable: true,
      configurable: true,
    });
  } else if (op === 'remove' && Array.isArray(parent)) {
    parent.splice(indexIn(parent, key, parent.length - 1), 1);
  } else if (op === 'remove') {
    Reflect.deleteProperty(parent, key);
  } else {
    throw new Error(`operation ${op} is not one of add, replace and remove`);
  }
}

function isParent(value: unknown): value is Parent {
  return Array.isArray(value) || isObject(value);
}

function childOf(parent: Parent, key: string): unknown {
  return Object.hasOwn(parent, key) ? (parent as Record<string, unknown>)[key] : undefined;
}

function indexIn(list: readonly unknown[], key: string, last: number): number {
  const index = Number(key);
  if (!/^\d+$/.test(key) || index > last) {
    throw new Error(`${key} is not an index in a list of ${String(list.length)}`);
  }
  return index;
}

function pointer(segments: readonly string[]): string {
  return `/${segments.slice(1).join('/')}`;
}
