import { resolve } from 'node:path';
import type { IConstruct } from 'constructs';
import { constructError } from './construct-error';

/** The type of the metadata on the root that marks a tree as in use by this copy of the package. */
const COPY = 'istio-module/copy';
const PACKAGE = resolve(__dirname, '..', '..');
const ours = new WeakSet<IConstruct>();

/**
 * A value that the constructs of one tree share, created on first use.
 *
 * @returns a function that throws if another copy of the package is in use in the tree, because neither copy would see
 * the constructs of the other
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
      `the app has two copies of istio-module, ${String(other.data)} and ${PACKAGE}, and neither sees the constructs of the other: keep only one installed, for example with npm dedupe`,
    );
  }
  ours.add(root);
  root.node.addMetadata(COPY, PACKAGE);
}
