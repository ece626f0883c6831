import type { Finding, FindingCode, FindingSeverity, InspectionPurpose } from './inspection';

/** A finding without a severity, which depends on the purpose of the inspection. */
export type Observation = Pick<Finding, 'code' | 'object' | 'message' | 'remedy'>;

/** The severity of each finding by purpose. Without an entry, a finding is not relevant for the purpose. */
const MEANINGS: Readonly<Record<FindingCode, Partial<Record<InspectionPurpose, FindingSeverity>>>> = {
  ControlPlaneRollingOut: { upgrade: 'error' },
  MixedControlPlaneVersions: { upgrade: 'error' },
  UnknownControlPlaneVersion: { upgrade: 'warning' },
  UpgradeRefused: { upgrade: 'error' },
  UndeterminedStep: { upgrade: 'error' },
  ProxyTooOld: { upgrade: 'error' },
  ProxyTooOldForTarget: { upgrade: 'error' },
  ProxyAhead: { upgrade: 'error' },
  UnknownProxyVersion: { upgrade: 'warning' },
  OrphanedProxy: { upgrade: 'error' },
  RetiredRegistry: { upgrade: 'warning' },
  ConflictingInjectionLabels: { upgrade: 'error' },
  UnservedRevision: { upgrade: 'error' },
  StrictWithoutSidecars: { upgrade: 'error' },
  OpenTransition: { upgrade: 'warning', uninstall: 'warning' },
  PlainTextNamespace: { upgrade: 'warning' },
  OptedOutOfStrict: { upgrade: 'warning' },
  SidecarsMissing: { upgrade: 'warning' },
  OutsideStrictMesh: { upgrade: 'warning' },
  PlainTextMesh: { upgrade: 'warning' },
  ForeignResource: { uninstall: 'error' },
};

/** The order of findings with the same severity. */
const ORDER = Object.keys(MEANINGS);

/** The findings that are relevant for the purposes; errors first. */
export function findingsFor(
  purposes: readonly InspectionPurpose[],
  observations: readonly Observation[],
): readonly Finding[] {
  return observations
    .flatMap(({ code, object, message, remedy }): Finding[] => {
      const meaning = MEANINGS[code];
      const blocks = purposes.filter((purpose) => meaning[purpose] === 'error');
      const severity = blocks.length > 0 ? 'error' : 'warning';
      return purposes.some((purpose) => meaning[purpose]) ? [{ code, severity, blocks, object, message, remedy }] : [];
    })
    .sort((a, b) => {
      const [one, other] = [placeOf(a), placeOf(b)];
      return one < other ? -1 : Number(one > other);
    });
}

function placeOf({ severity, code, object }: Finding): string {
  const { namespace, kind, name } = object;
  return [severity, String(ORDER.indexOf(code)).padStart(2, '0'), namespace, kind, name].join(' ');
}
