import { isObject } from './is-object';
import { own } from './own';

/** One operation of a JSON patch. */
export interface PatchOperation {
  readonly op: string;
  /** A JSON pointer, such as `/spec/containers/0/image`. */
  readonly path: string;
  readonly value?: unknown;
}

const OPERATIONS = ['add', 'replace', 'remove'];

type Parent = unknown[] | Readonly<Record<string, unknown>>;

/**
 * Applies the operations of an admission webhook. The document and the operations stay as they are; the result shares
 * its unchanged parts with them.
 *
 * @throws Error for an unknown operation, or for a path that does not exist
 * @see https://www.rfc-editor.org/rfc/rfc6902
 */
export function withPatch<T>(document: T, operations: readonly PatchOperation[]): T {
  return operations.reduce<unknown>((patched, operation) => {
    if (!OPERATIONS.includes(operation.op)) {
      throw new Error(`operation ${operation.op} is not one of add, replace and remove`);
    }
    return applied(operation, patched, segmentsOf(operation.path));
  }, document) as T;
}

function segmentsOf(path: string): readonly string[] {
  return path === ''
    ? []
    : path
        .split('/')
        .slice(1)
        .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The value with the operation applied at the place that the segments name. Copies only what leads to it. */
function applied(operation: PatchOperation, value: unknown, [key, ...further]: readonly string[]): unknown {
  const { op, path, value: given } = operation;
  if (key === undefined) {
    return given;
  }
  if (!isParent(value)) {
    throw new Error(`there is nothing at ${path.slice(0, path.lastIndexOf('/')) || '/'} that ${op} could change`);
  }
  if (further.length > 0) {
    return withChild(value, key, applied(operation, childOf(value, key), further));
  }
  if (op !== 'add' && childOf(value, key) === undefined) {
    throw new Error(`there is nothing at ${path} to ${op}`);
  }
  if (op === 'add' && Array.isArray(value)) {
    return value.toSpliced(key === '-' ? value.length : indexIn(value, key, value.length), 0, given);
  }
  return op === 'remove' ? withoutChild(value, key) : withChild(value, key, given);
}

function withChild(parent: Parent, key: string, child: unknown): Parent {
  if (Array.isArray(parent)) {
    return parent.with(indexIn(parent, key, parent.length - 1), child);
  }
  // A computed key may also be `__proto__`.
  return { ...parent, [key]: child };
}

function withoutChild(parent: Parent, key: string): Parent {
  if (Array.isArray(parent)) {
    return parent.toSpliced(indexIn(parent, key, parent.length - 1), 1);
  }
  return Object.fromEntries(Object.entries(parent).filter(([name]) => name !== key));
}

function isParent(value: unknown): value is Parent {
  return Array.isArray(value) || isObject(value);
}

function childOf(parent: Parent, key: string): unknown {
  return own(parent as Readonly<Record<string, unknown>>, key);
}

function indexIn(list: readonly unknown[], key: string, last: number): number {
  const index = Number(key);
  if (!/^\d+$/.test(key) || index > last) {
    throw new Error(`${key} is not an index in a list of ${String(list.length)}`);
  }
  return index;
}
