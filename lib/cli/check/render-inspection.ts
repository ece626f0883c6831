import type {
  ControlPlaneInspection,
  Finding,
  MeshInspection,
  NamespaceInspection,
  ProxyGroup,
} from '../../restart/inspection/inspection';
import { compareVersions } from '../../restart/inspection/image-version';
import { renderTable, type Cell, type TextStyle } from './render-table';
import { wrappedText } from '../output/wrapped-text';

/** How lines are to look. */
export interface InspectionLook {
  /** Infinity where nothing limits it. */
  readonly columns: number;
  readonly style: (style: TextStyle, text: string) => string;
}

const OUTSIDE_SKEW = '!';
const NONE = '-';

/** The inspection for a person: a section for each thing it tells, findings last. */
export function renderInspection(inspection: MeshInspection, look: InspectionLook): readonly string[] {
  const { controlPlanes, proxies, namespaces, findings } = inspection;
  const sections: readonly (readonly string[])[] = [
    section('CONTROL PLANES', renderTable(controlPlaneRows(controlPlanes), look.style), look),
    section('PROXIES, by version', renderProxies(proxies, controlPlanes, look), look),
    section(`UPGRADE to ${inspection.target ?? ''}`, renderSteps(inspection, look), look),
    section(
      'NAMESPACES',
      renderTable(namespaceRows(namespaces.filter((one) => isTold(one, findings))), look.style),
      look,
    ),
    section(
      "RESOURCES of Istio's API groups that are no part of the installation",
      renderResources(inspection, look),
      look,
    ),
    section('FINDINGS', renderFindings(inspection, look), look),
  ];
  return [
    ...sections.filter((lines) => lines.length > 0).flatMap((lines) => [...lines, '']),
    verdict(inspection, look),
  ];
}

function section(title: string, lines: readonly string[], { style }: InspectionLook): readonly string[] {
  return lines.length === 0 ? [] : [style('bold', title), ...lines];
}

function controlPlaneRows(controlPlanes: readonly ControlPlaneInspection[]): readonly (readonly Cell[])[] {
  if (controlPlanes.length === 0) {
    return [['none in this cluster']];
  }
  return [
    ['REVISION', 'TAGS', 'VERSION', 'DEPLOYMENT', 'ROLLOUT'],
    ...controlPlanes.map(({ revision, tags, versions, namespace, name, rollout }): readonly Cell[] => [
      revision,
      tags.join(',') || NONE,
      versions.length > 1
        ? { text: versions.join(','), style: 'red' }
        : (versions[0] ?? { text: 'unknown', style: 'yellow' }),
      `${namespace}/${name}`,
      rollout === 'complete' ? rollout : { text: rollout, style: 'red' },
    ]),
  ];
}

/** The matrix: a row for each revision, a column for each version of proxies, numbers of pods between them. */
function renderProxies(
  groups: readonly ProxyGroup[],
  controlPlanes: readonly ControlPlaneInspection[],
  { style }: InspectionLook,
): readonly string[] {
  if (groups.length === 0) {
    return ['none'];
  }
  const versions = [...new Set(groups.map(({ version }) => version))].sort(compareVersions);
  const revisions = [...new Set([...controlPlanes, ...groups].map(({ revision }) => revision))].sort();
  const lines = renderTable(
    [
      [
        'REVISION',
        'CONTROL PLANE',
        ...versions.map((version) => ({ text: version || 'unknown', align: 'right' as const })),
      ],
      ...revisions.map((revision): readonly Cell[] => {
        const own = controlPlanes.filter((one) => one.revision === revision);
        const version = [...new Set(own.flatMap((one) => one.versions))].sort(compareVersions).join(',');
        return [
          revision || NONE,
          own.length === 0 ? { text: 'none', style: 'red' } : version || 'unknown',
          ...versions.map((column) =>
            proxyCell(groups.find((one) => one.revision === revision && one.version === column)),
          ),
        ];
      }),
    ],
    style,
  );
  const isOutside = groups.some(({ skew }) => skew === 'tooOld' || skew === 'ahead');
  return isOutside
    ? [
        ...lines,
        `${OUTSIDE_SKEW} not supported: proxies may be one minor version behind their control plane, and never ahead of it`,
      ]
    : lines;
}

function proxyCell(group: ProxyGroup | undefined): Cell {
  if (!group) {
    return { text: NONE, align: 'right', style: 'dim' };
  }
  const pods = String(group.pods);
  switch (group.skew) {
    case 'tooOld':
    case 'ahead':
      return { text: `${pods}${OUTSIDE_SKEW}`, align: 'right', style: 'red' };
    case 'none':
      return { text: pods, align: 'right' };
    default:
      return { text: pods, align: 'right', style: 'yellow' };
  }
}

function renderSteps({ target, steps }: MeshInspection, { style }: InspectionLook): readonly string[] {
  if (target === undefined) {
    return [];
  }
  if (steps.length === 0) {
    return ['not to be told: no control plane of a known version runs here'];
  }
  return renderTable(
    [
      ['REVISION', 'FROM', 'STEP'],
      ...steps.map(({ revision, from, allowed }): readonly Cell[] => [
        revision,
        from,
        allowed ? { text: 'allowed', style: 'green' } : { text: 'refused', style: 'red' },
      ]),
    ],
    style,
  );
}

/** Whether the namespace is in the mesh, or something is to be said about it. */
function isTold({ name, injectedBy, proxies }: NamespaceInspection, findings: readonly Finding[]): boolean {
  return (
    injectedBy !== '' ||
    proxies > 0 ||
    findings.some(({ object }) => object.kind === 'Namespace' && object.name === name)
  );
}

function namespaceRows(namespaces: readonly NamespaceInspection[]): readonly (readonly Cell[])[] {
  return namespaces.length === 0
    ? []
    : [
        [
          'NAME',
          'INJECTED BY',
          'MUTUAL TLS',
          'SET BY',
          { text: 'PODS', align: 'right' },
          { text: 'WITH PROXY', align: 'right' },
        ],
        ...namespaces.map(({ name, injectedBy, mutualTls, mutualTlsFrom, pods, proxies }): readonly Cell[] => [
          name,
          injectedBy || NONE,
          mutualTls,
          mutualTlsFrom,
          { text: String(pods), align: 'right' },
          { text: String(proxies), align: 'right' },
        ]),
      ];
}

function renderResources({ resources, purposes }: MeshInspection, { style }: InspectionLook): readonly string[] {
  const foreign = resources.filter((resource) => resource.foreign);
  if (foreign.length === 0 || !purposes.includes('uninstall')) {
    return [];
  }
  return renderTable(
    [
      ['KIND', 'NAMESPACE', 'NAME'],
      ...foreign.map(({ kind, namespace, name }): readonly Cell[] => [kind, namespace || NONE, name]),
    ],
    style,
  );
}

/** Foreign resources have their own section already, and are one finding here. */
function renderFindings({ findings }: MeshInspection, look: InspectionLook): readonly string[] {
  const foreign = findings.filter(({ code }) => code === 'ForeignResource');
  const lines = findings
    .filter(({ code }) => code !== 'ForeignResource')
    .flatMap((finding) => renderFinding(finding, look));
  if (foreign.length === 0) {
    return lines;
  }
  const what = foreign.length === 1 ? 'The resource above' : `The ${String(foreign.length)} resources above`;
  return [
    ...renderFinding(
      {
        ...(foreign[0] as Finding),
        message: `${what} would be deleted with Istio's CRDs; see -o json for the command that deletes each`,
        remedy: '',
      },
      look,
    ),
    ...lines,
  ];
}

const INDENT = '         ';

function renderFinding(
  { severity, code, message, remedy }: Finding,
  { columns, style }: InspectionLook,
): readonly string[] {
  const width = Math.max(columns - INDENT.length, 40);
  const colour = severity === 'error' ? 'red' : 'yellow';
  return [
    `${style(colour, severity.padEnd(INDENT.length))}${code}`,
    ...wrappedText(`${message}.`, width).map((line) => INDENT + line),
    // A command is not broken into lines: it is there to be copied.
    ...(remedy === '' ? [] : [`${INDENT}${style('dim', `→ ${remedy}`)}`]),
  ];
}

function verdict({ summary, purposes }: MeshInspection, { style }: InspectionLook): string {
  const { errors, warnings } = summary;
  const what = purposes.map((purpose) => (purpose === 'upgrade' ? 'an upgrade' : 'an uninstall')).join(' or ');
  const counted = (count: number, noun: string) => `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
  const also = warnings === 0 ? '' : `, and ${counted(warnings, 'warning')}`;
  return errors === 0
    ? style('green', `Nothing is in the way of ${what}${also === '' ? '' : `; ${counted(warnings, 'warning')}`}.`)
    : style('red', `${counted(errors, 'error')} in the way of ${what}${also}.`);
}
