import { resolve } from 'node:path';
import type { IConstruct } from 'constructs';
import { constructError } from './construct-error';

/** The metadata of a root by which a further copy of the package learns that this one works in the tree. */
const COPY = 'istio-module/copy';
const PACKAGE = resolve(__dirname, '..', '..');
const ours = new WeakSet<IConstruct>();

/**
 * What the constructs of one tree have in common, made when the first of them asks for it.
 *
 * @returns a function that throws when another copy of the package works in the tree: neither would know what the
 * constructs of the other declare
 */
export function perTree<T extends object>(make: (root: IConstruct) => T): (construct: IConstruct) => T {
  const made = new WeakMap<IConstruct, T>();
  return (construct) => {
    const { root } = construct.node;
    const known = made.get(root);
    if (known) return known;
    claim(construct, root);
    const value = make(root);
    made.set(root, value);
    return value;
  };
}

function claim(construct: IConstruct, root: IConstruct): void {
  if (ours.has(root)) return;
  const other = root.node.metadata.find(({ type }) => type === COPY);
  if (other) {
    throw constructError(
      construct,
      `the app has two copies of istio-module, ${String(other.data)} and ${PACKAGE}, of which neither knows the constructs of the other: have one installed, as with npm dedupe`,
    );
  }
  ours.add(root);
  root.node.addMetadata(COPY, PACKAGE);
}
