import { textsAt } from '../checks/spec-fields';

/**
 * The namespaces to which objects without `exportTo` are exported: `.` their own, `*` all, or `~` none.
 * DestinationRules with `~` are exported to all.
 */
export type ExportDefault = '.' | '*' | '~';

export const EXPORT_DEFAULTS: readonly ExportDefault[] = ['.', '*', '~'];

/** The defaults for objects without `exportTo`, by kind. */
export type ExportDefaults = Readonly<Record<string, ExportDefault>>;

/** The defaults for `exportTo` in the mesh configuration. The one for ServiceEntries also applies to Services. */
export function exportDefaults(meshConfig: Readonly<Record<string, unknown>>): ExportDefaults {
  const read = (field: string): ExportDefault => {
    const given = textsAt(meshConfig, field);
    if (given.length === 0) return '*';
    return (['.', '*'] as const).find((one) => given.includes(one)) ?? '~';
  };
  return {
    ServiceEntry: read('defaultServiceExportTo'),
    VirtualService: read('defaultVirtualServiceExportTo'),
    // Istio exports DestinationRules to all unless the default contains `.`.
    DestinationRule: read('defaultDestinationRuleExportTo') === '.' ? '.' : '*',
  };
}
