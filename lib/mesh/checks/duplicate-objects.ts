import type { ApiObject } from 'cdk8s';
import { identityOf } from './mesh-object';

/** Two objects in one Chart with the same kind, namespace and name, of which the later would replace the earlier. */
export function duplicateObjectProblems(objects: readonly ApiObject[]): string[] {
  const charts = new Map<ApiObject['chart'], Map<string, ApiObject>>();
  return objects.flatMap((object) => {
    const known = charts.get(object.chart) ?? new Map<string, ApiObject>();
    charts.set(object.chart, known);
    const identity = identityOf(object);
    const other = known.get(identity);
    known.set(identity, other ?? object);
    if (!other) return [];
    const title = renderedTitle(object);
    return title === renderedTitle(other)
      ? [`${title} is defined twice, at ${other.node.path} and ${object.node.path}: give one of them another name`]
      : [];
  });
}

function renderedTitle(object: ApiObject): string {
  const { kind, metadata } = object.toJson() as {
    readonly kind: string;
    readonly metadata: { readonly name: string; readonly namespace?: string };
  };
  return [kind, [metadata.namespace, metadata.name].filter((part) => part !== undefined).join('/')].join(' ');
}
