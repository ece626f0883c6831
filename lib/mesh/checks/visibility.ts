import type { MeshObject } from './mesh-object';
import { textsAt } from './spec-fields';

/** The namespaces to which `exportTo` exports an object; `*` for all. */
export function seenIn({ namespace, spec }: MeshObject): readonly string[] {
  const exported = textsAt(spec, 'exportTo');
  return exported.length === 0 ? ['*'] : exported.filter((to) => to !== '~').map((to) => (to === '.' ? namespace : to));
}
