import { App, Chart } from 'cdk8s';
import { Group } from 'cdk8s-plus-27';
import { SidecarRestartAccess } from 'istio-module';
import { EVICTION, markPermission, permissionsOf } from '../../../lib/engine/kinds/permission';
import { WORKLOAD_KINDS } from '../../../lib/engine/kinds/workload-kinds';
import type { PodHolder } from '../../../lib/engine/kinds/workload-kind';

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** What a SidecarRestartAccess grants for a restart, as `verb resource.group`. */
function granted(eviction = false): readonly string[] {
  const chart = new Chart(new App(), 'access');
  const subjects = [Group.fromName(chart, 'ci', 'ci')];
  const { clusterRole } = new SidecarRestartAccess(chart, 'restart', { subjects, uninstall: false, eviction });
  const { rules } = clusterRole.toJson() as { rules: readonly Rule[] };
  return rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}.${group}`))),
  );
}

describe('the kinds of workload', () => {
  test('are granted what a restart needs by SidecarRestartAccess, and no more', () => {
    const resources = new Set(
      WORKLOAD_KINDS.flatMap(permissionsOf).map(({ resource, group }) => `${resource}.${group}`),
    );
    const groups = new Set(WORKLOAD_KINDS.flatMap(permissionsOf).flatMap(({ group }) => (group ? [group] : [])));
    const isOfKind = (permission: string) => {
      const [, resource = ''] = permission.split(' ');
      return resources.has(resource) || groups.has(resource.slice(resource.indexOf('.') + 1));
    };
    const taken = WORKLOAD_KINDS.flatMap(permissionsOf).map(
      ({ verb, group, resource }) => `${verb} ${resource}.${group}`,
    );
    // Dry runs create pods, whichever kind owns them.
    expect(granted().filter(isOfKind).sort()).toEqual([...new Set([...taken, 'create pods.'])].sort());
  });

  test('are granted what the eviction of their pods needs, and no more', () => {
    const evictable = WORKLOAD_KINDS.flatMap((kind) => (kind.type === 'unrollable' && kind.isEvictable ? [kind] : []));
    const { verb, group, resource, subresource = '' } = EVICTION;
    const taken = evictable.map(markPermission).map((one) => `${one.verb} ${one.resource}.${one.group}`);
    expect(
      granted(true)
        .filter((permission) => !granted().includes(permission))
        .sort(),
    ).toEqual([`${verb} ${resource}/${subresource}.${group}`, ...taken].sort());
  });

  const HOLDERS: readonly Partial<PodHolder>[] = [
    {},
    { controller: { kind: 'CronJob', name: 'nightly' } },
    { claimed: { kind: 'StatefulSet', name: 'db' } },
    { isStatic: true },
  ];

  test.each(
    WORKLOAD_KINDS.flatMap((one) =>
      one.type === 'unrollable' ? [[`${one.kind} ${one.controlledBy ?? ''}`.trim(), one] as const] : [],
    ),
  )('give no reason but their own: %s', (_, { kind, reasons, ...one }) => {
    const given = HOLDERS.map((holder) => one.warning({ namespace: 'shop', kind, name: 'cart', ...holder }, []).reason);
    expect([...new Set(given)].sort()).toEqual([...reasons].sort());
  });
});
