import { namespaceName, type NamespaceReference } from '../namespaces/namespace-reference';
import { labelNameProblem } from '../object-name';

const OWN = '.';
const ALL = '*';
const NOBODY = '~';

/** The field `exportTo` of an object's spec; without it, Istio's default applies. */
export function renderExportTo(exportTo: readonly NamespaceReference[] | undefined): Record<string, unknown> {
  return exportTo ? { exportTo: exportTo.map(namespaceName) } : {};
}

/** Whether an object is exported to a namespace. */
export function isExportedTo(
  exportTo: readonly NamespaceReference[] | undefined,
  own: string,
  namespace: string,
): boolean {
  const names = exportTo?.map(namespaceName) ?? [ALL];
  return names.includes(ALL) || names.includes(namespace) || (names.includes(OWN) && namespace === own);
}

/** The problems with the `exportTo` of an object in a namespace, one sentence each. */
export function exportToProblems(
  exportTo: readonly NamespaceReference[] | undefined,
  own: string,
  { nobody }: { readonly nobody: boolean } = { nobody: false },
): string[] {
  if (!exportTo) return [];
  const names = exportTo.map(namespaceName);
  const alone = nobody ? [ALL, NOBODY] : [ALL];
  const resolved = names.map((name) => (name === OWN ? own : name));
  const twice = resolved.filter((name, index) => resolved.indexOf(name) < index);
  return [
    ...(names.length === 0
      ? [
          `exportTo is empty: name at least one namespace, '${OWN}' for its own, or leave it out for the default of the mesh`,
        ]
      : []),
    ...names
      .filter((name) => name !== OWN && !alone.includes(name))
      .flatMap((name) => labelNameProblem('exportTo', name)),
    ...[...new Set(twice)].map((name) => `exportTo has namespace '${name}' twice: remove the duplicate`),
    ...(names.length > 1 ? names.filter((name) => alone.includes(name)) : []).map(
      (name) => `exportTo has '${name}' together with other namespaces: leave out the others, or '${name}'`,
    ),
  ];
}
