import type { Mesh } from './mesh';
import { once } from '../../once';

/** Computes something only once for each mesh. */
export function perMesh<T>(compute: (mesh: Mesh) => T): (mesh: Mesh) => T {
  return once(compute);
}
