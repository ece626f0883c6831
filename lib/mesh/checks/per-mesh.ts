import type { Mesh } from './mesh';

/** Computes something only once for each mesh, because several checks ask for it, or one check asks often. */
export function perMesh<T>(compute: (mesh: Mesh) => T): (mesh: Mesh) => T {
  const known = new WeakMap<Mesh, { readonly value: T }>();
  return (mesh) => {
    const found = known.get(mesh) ?? { value: compute(mesh) };
    known.set(mesh, found);
    return found.value;
  };
}
