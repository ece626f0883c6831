import type {
  ControlPlaneInspection,
  Finding,
  MeshInspection,
  NamespaceInspection,
  ProxyGroup,
} from '../../engine/inspect/inspection';
import { compareVersions } from '../../engine/inspect/image-version';
import type { Look } from '../output/look';
import { printable } from '../output/printable';
import { table, type Cell, type Column, type Row } from '../output/table';
import { wrappedText } from '../output/wrapped-text';

const OUTSIDE_SKEW = '!';
const NONE = '-';

/** The inspection as text: one section per topic, findings last. */
export function renderInspection(data: MeshInspection, look: Look): readonly string[] {
  const inspection = printable(data);
  const { controlPlanes, proxies, namespaces, findings } = inspection;
  const sections: readonly (readonly string[])[] = [
    section('CONTROL PLANES', renderControlPlanes(controlPlanes, look), look),
    section('PROXIES, by version', renderProxies(proxies, controlPlanes, look), look),
    section(`UPGRADE to ${inspection.target ?? ''}`, renderSteps(inspection, look), look),
    section(
      'NAMESPACES',
      renderNamespaces(
        namespaces.filter((one) => isTold(one, findings)),
        look,
      ),
      look,
    ),
    section(
      "RESOURCES of Istio's API groups that are not part of the installation",
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

function section(title: string, lines: readonly string[], { paint }: Look): readonly string[] {
  return lines.length === 0 ? [] : [paint('bold', title), ...lines];
}

function renderControlPlanes(controlPlanes: readonly ControlPlaneInspection[], look: Look): readonly string[] {
  if (controlPlanes.length === 0) {
    return ['none in this cluster'];
  }
  return table(
    titled('REVISION', 'TAGS', 'VERSION', 'DEPLOYMENT', 'ROLLOUT'),
    controlPlanes.map(({ revision, tags, versions, namespace, name, rollout }): Row => ({
      cells: [
        revision,
        tags.join(',') || NONE,
        versions.length > 1
          ? { text: versions.join(','), style: 'red' }
          : (versions[0] ?? { text: 'unknown', style: 'yellow' }),
        `${namespace}/${name}`,
        rollout === 'complete' ? rollout : { text: rollout, style: 'red' },
      ],
    })),
    look,
  );
}

function titled(...titles: readonly string[]): readonly Column[] {
  return titles.map((title) => ({ title }));
}

/** Right-aligned columns for numbers. */
function counted(...titles: readonly string[]): readonly Column[] {
  return titles.map((title) => ({ title, align: 'right' }));
}

/** A matrix with a row for each revision, a column for each proxy version, and the number of pods in each cell. */
function renderProxies(
  groups: readonly ProxyGroup[],
  controlPlanes: readonly ControlPlaneInspection[],
  look: Look,
): readonly string[] {
  if (groups.length === 0) {
    return ['none'];
  }
  const versions = [...new Set(groups.map(({ version }) => version))].sort(compareVersions);
  const revisions = [...new Set([...controlPlanes, ...groups].map(({ revision }) => revision))].sort();
  const lines = table(
    [...titled('REVISION', 'CONTROL PLANE'), ...counted(...versions.map((version) => version || 'unknown'))],
    revisions.map((revision): Row => {
      const own = controlPlanes.filter((one) => one.revision === revision);
      const version = [...new Set(own.flatMap((one) => one.versions))].sort(compareVersions).join(',');
      return {
        cells: [
          revision || NONE,
          own.length === 0 ? { text: 'none', style: 'red' } : version || 'unknown',
          ...versions.map((column) =>
            proxyCell(groups.find((one) => one.revision === revision && one.version === column)),
          ),
        ],
      };
    }),
    look,
  );
  const isOutside = groups.some(({ skew }) => skew === 'tooOld' || skew === 'ahead');
  return isOutside
    ? [
        ...lines,
        ...wrappedText(
          `${OUTSIDE_SKEW} not supported: proxies may be one minor version behind their control plane, and never ahead of it`,
          look.columns,
        ),
      ]
    : lines;
}

function proxyCell(group: ProxyGroup | undefined): Cell {
  if (!group) {
    return { text: NONE, style: 'dim' };
  }
  const pods = String(group.pods);
  switch (group.skew) {
    case 'tooOld':
    case 'ahead':
      return { text: `${pods}${OUTSIDE_SKEW}`, style: 'red' };
    case 'none':
      return pods;
    default:
      return { text: pods, style: 'yellow' };
  }
}

function renderSteps({ target, steps }: MeshInspection, look: Look): readonly string[] {
  if (target === undefined) {
    return [];
  }
  if (steps.length === 0) {
    return ['unknown: the versions of the control planes cannot be determined'];
  }
  return table(
    titled('REVISION', 'FROM', 'STEP'),
    steps.map(({ revision, from, allowed }): Row => ({
      cells: [revision, from, allowed ? { text: 'allowed', style: 'green' } : { text: 'refused', style: 'red' }],
    })),
    look,
  );
}

/** Whether the table lists the namespace: it is in the mesh, or has findings. */
function isTold({ name, injectedBy, proxies }: NamespaceInspection, findings: readonly Finding[]): boolean {
  return (
    injectedBy !== '' ||
    proxies > 0 ||
    findings.some(({ object }) => object.kind === 'Namespace' && object.name === name)
  );
}

function renderNamespaces(namespaces: readonly NamespaceInspection[], look: Look): readonly string[] {
  if (namespaces.length === 0) {
    return [];
  }
  return table(
    [...titled('NAME', 'INJECTED BY', 'MUTUAL TLS', 'SET BY'), ...counted('PODS', 'WITH PROXY')],
    namespaces.map(({ name, injectedBy, mutualTls, mutualTlsFrom, pods, proxies }): Row => ({
      cells: [name, injectedBy || NONE, mutualTls, mutualTlsFrom, String(pods), String(proxies)],
    })),
    look,
  );
}

function renderResources({ resources, purposes }: MeshInspection, look: Look): readonly string[] {
  const foreign = resources.filter((resource) => resource.foreign);
  if (foreign.length === 0 || !purposes.includes('uninstall')) {
    return [];
  }
  return table(
    titled('KIND', 'NAMESPACE', 'NAME'),
    foreign.map(({ kind, namespace, name }): Row => ({ cells: [kind, namespace || NONE, name] })),
    look,
  );
}

/** Foreign resources have their own section, so all of them are one finding here. */
function renderFindings({ findings }: MeshInspection, look: Look): readonly string[] {
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

function renderFinding({ severity, code, message, remedy }: Finding, { columns, paint }: Look): readonly string[] {
  const width = Math.max(columns - INDENT.length, 40);
  const colour = severity === 'error' ? 'red' : 'yellow';
  return [
    `${paint(colour, severity.padEnd(INDENT.length))}${code}`,
    ...wrappedText(`${message}.`, width).map((line) => INDENT + line),
    // A command stays on one line, so that it can be copied.
    ...(remedy === '' ? [] : [`${INDENT}${paint('dim', `→ ${remedy}`)}`]),
  ];
}

function verdict({ summary, purposes }: MeshInspection, { paint }: Look): string {
  const { errors, warnings } = summary;
  const what = purposes.map((purpose) => (purpose === 'upgrade' ? 'an upgrade' : 'an uninstall')).join(' or ');
  const count = (number: number, noun: string) => `${String(number)} ${noun}${number === 1 ? '' : 's'}`;
  const also = warnings === 0 ? '' : `; ${count(warnings, 'warning')}`;
  return errors === 0
    ? paint('green', `Nothing blocks ${what}${also}.`)
    : paint('red', `${count(errors, 'error')} ${errors === 1 ? 'blocks' : 'block'} ${what}${also}.`);
}
