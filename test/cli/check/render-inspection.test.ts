import type { Finding, MeshInspection } from 'istio-module/engine';
import { renderInspection } from '../../../lib/cli/check/render-inspection';

const EMPTY: MeshInspection = {
  schemaVersion: 1,
  cluster: 'test',
  generatedAt: '2026-11-24T12:00:00Z',
  purposes: ['upgrade', 'uninstall'],
  summary: { controlPlanes: 0, proxies: 0, errors: 0, warnings: 0 },
  controlPlanes: [],
  proxies: [],
  steps: [],
  resources: [],
  namespaces: [],
  findings: [],
};
const finding: Finding = {
  code: 'UnservedRevision',
  severity: 'error',
  blocks: ['upgrade'],
  object: { kind: 'Namespace', namespace: '', name: 'shop' },
  message: 'Namespace shop has the label istio.io/rev=1-29, which no injection webhook serves',
  remedy: 'kubectl label namespace shop istio.io/rev=default --overwrite',
};
const controlPlane = { namespace: 'istio-system', rollout: 'complete', rolloutMessage: '' } as const;

const plain = (inspection: Partial<MeshInspection>, columns = Infinity) =>
  renderInspection({ ...EMPTY, ...inspection }, { columns, paint: (_, text) => text });
const styled = (inspection: Partial<MeshInspection>) =>
  renderInspection(
    { ...EMPTY, ...inspection },
    { columns: Infinity, paint: (style, text) => `<${String(style)} ${text}>` },
  );

/** The lines below that title, up to the next empty line. */
function sectionOf(lines: readonly string[], title: string): readonly string[] {
  const start = lines.findIndex((line) => line.includes(title)) + 1;
  return start === 0 ? [] : lines.slice(start, lines.indexOf('', start));
}

describe('the check as text', () => {
  test('keeps each text on its line, without the control characters in it', () => {
    const hostile = 'x\nAll is well\u001b[2J\u202e\u2028';
    const object = { kind: hostile, namespace: 'shop', name: hostile };
    const lines = plain({
      findings: [{ ...finding, object, message: hostile, remedy: hostile }],
      proxies: [{ revision: hostile, version: hostile, skew: 'unknown', pods: 1, customImages: 0, workloads: [] }],
    });
    expect(lines.filter((line) => /^ *All|[\p{Cc}\p{Bidi_Control}\u2028]/u.test(line))).toEqual([]);
    expect(lines.filter((line) => line.includes('x All is well [2J')).length).toBeGreaterThan(2);
  });

  test('leaves out the sections that are empty', () => {
    expect(plain({})).toEqual([
      'CONTROL PLANES',
      'none in this cluster',
      '',
      'PROXIES, by version',
      'none',
      '',
      'Nothing blocks an upgrade or an uninstall.',
    ]);
  });

  test('lists each control plane', () => {
    const inspection = {
      controlPlanes: [
        { ...controlPlane, revision: '1-31', tags: ['prod', 'test'], name: 'istiod-1-31', versions: ['1.31.1'] },
        { ...controlPlane, revision: 'a', tags: [], name: 'istiod-a', versions: ['1.30.2', '1.31.1'] },
        { ...controlPlane, revision: 'b', tags: [], name: 'istiod-b', versions: [], rollout: 'failed' as const },
      ],
    };
    expect(sectionOf(plain(inspection), 'CONTROL PLANES')).toEqual([
      'REVISION  TAGS       VERSION        DEPLOYMENT                ROLLOUT',
      '1-31      prod,test  1.31.1         istio-system/istiod-1-31  complete',
      'a         -          1.30.2,1.31.1  istio-system/istiod-a     complete',
      'b         -          unknown        istio-system/istiod-b     failed',
    ]);
    const lines = styled(inspection);
    expect(lines[0]).toBe('<bold CONTROL PLANES>');
    expect(lines[3]).toContain('<red 1.30.2,1.31.1>  istio-system/istiod-a ');
    expect(lines[4]).toMatch(/<yellow unknown> {8}istio-system\/istiod-b .*<red failed>$/);
  });

  test('has a matrix of revisions and versions of proxies', () => {
    const group = { customImages: 0, workloads: [] };
    const inspection: Partial<MeshInspection> = {
      controlPlanes: [
        { ...controlPlane, revision: 'canary', tags: [], name: 'istiod-canary', versions: ['1.31.1'] },
        { ...controlPlane, revision: 'default', tags: [], name: 'istiod', versions: ['1.30.2'] },
      ],
      proxies: [
        { ...group, revision: 'canary', version: '1.29.4', skew: 'tooOld', pods: 2 },
        { ...group, revision: 'canary', version: '1.30.2', skew: 'behind', pods: 120 },
        { ...group, revision: 'default', version: '1.30.2', skew: 'none', pods: 7 },
        { ...group, revision: 'gone', version: '', skew: 'unknown', pods: 1 },
      ],
    };
    expect(sectionOf(plain(inspection), 'PROXIES')).toEqual([
      'REVISION  CONTROL PLANE  1.29.4  1.30.2  unknown',
      'canary    1.31.1             2!     120        -',
      'default   1.30.2              -       7        -',
      'gone      none                -       -        1',
      '! not supported: proxies may be one minor version behind their control plane, and never ahead of it',
    ]);
    expect(sectionOf(styled(inspection), 'PROXIES').slice(1, 4)).toEqual([
      'canary    1.31.1             <red 2!>     <yellow 120>        <dim ->',
      'default   1.30.2              <dim ->       7        <dim ->',
      'gone      <red none>                <dim ->       <dim ->        <yellow 1>',
    ]);
    expect(sectionOf(plain(inspection, 40), 'PROXIES')).toEqual([
      'REVISION  CONTROL PLANE  1.29.4  1.30.2',
      'canary    1.31.1             2!     120',
      '  unknown: -',
      'default   1.30.2              -       7',
      '  unknown: -',
      'gone      none                -       -',
      '  unknown: 1',
      '! not supported: proxies may be one',
      'minor version behind their control',
      'plane, and never ahead of it',
    ]);
  });

  test('lists the step of each revision to the version', () => {
    const step = { to: '1.32.0', message: '' };
    const steps = [
      { ...step, revision: 'canary', from: '1.31.1', allowed: true },
      { ...step, revision: 'default', from: '1.30.2', allowed: false },
    ];
    expect(sectionOf(plain({ target: '1.32.0', steps }), 'UPGRADE to 1.32.0')).toEqual([
      'REVISION  FROM    STEP',
      'canary    1.31.1  allowed',
      'default   1.30.2  refused',
    ]);
    expect(sectionOf(plain({ target: '1.32.0' }), 'UPGRADE to 1.32.0')).toEqual([
      'unknown: the versions of the control planes cannot be determined',
    ]);
  });

  test('lists the namespaces that are in the mesh or have a finding', () => {
    const base = { mutualTls: 'STRICT', mutualTlsFrom: 'mesh', pods: 0, proxies: 0, injectedBy: '' } as const;
    const namespaces = [
      { ...base, name: 'apart' },
      { ...base, name: 'bank', injectedBy: 'default', pods: 12, proxies: 10 },
      { ...base, name: 'gateways', pods: 1, proxies: 1, mutualTls: 'DISABLE', mutualTlsFrom: 'namespace' } as const,
      { ...base, name: 'shop' },
    ];
    expect(sectionOf(plain({ namespaces, findings: [finding] }), 'NAMESPACES')).toEqual([
      'NAME      INJECTED BY  MUTUAL TLS  SET BY     PODS  WITH PROXY',
      'bank      default      STRICT      mesh         12          10',
      'gateways  -            DISABLE     namespace     1           1',
      'shop      -            STRICT      mesh          0           0',
    ]);
  });

  test('lists foreign resources once, and counts them among the findings', () => {
    const resource = {
      group: 'networking.istio.io',
      kind: 'VirtualService',
      namespace: 'shop',
      name: 'cart',
      foreign: true,
    };
    const foreign = { ...finding, code: 'ForeignResource', blocks: ['uninstall'] } as const;
    const resources = [resource, { ...resource, namespace: '', name: 'own', foreign: false }];
    const lines = plain({ resources, findings: [foreign] });
    expect(sectionOf(lines, 'RESOURCES')).toEqual([
      'KIND            NAMESPACE  NAME',
      'VirtualService  shop       cart',
    ]);
    expect(sectionOf(lines, 'FINDINGS')).toEqual([
      'error    ForeignResource',
      "         The resource above would be deleted with Istio's CRDs; see -o json for the command that deletes each.",
    ]);
    expect(sectionOf(plain({ resources, purposes: ['upgrade'] }), 'RESOURCES')).toEqual([]);
  });

  test('breaks sentences at the width of the terminal, but no command', () => {
    expect(sectionOf(plain({ findings: [finding] }, 60), 'FINDINGS')).toEqual([
      'error    UnservedRevision',
      '         Namespace shop has the label istio.io/rev=1-29,',
      '         which no injection webhook serves.',
      '         → kubectl label namespace shop istio.io/rev=default --overwrite',
    ]);
  });

  test('colours findings by severity', () => {
    const findings = [finding, { ...finding, severity: 'warning', remedy: '' } as const];
    const lines = sectionOf(styled({ findings }), 'FINDINGS');
    expect([lines[0], lines[2], lines[3]]).toEqual([
      '<red error    >UnservedRevision',
      `         <dim → ${finding.remedy}>`,
      '<yellow warning  >UnservedRevision',
    ]);
  });

  test.each([
    [{ errors: 0, warnings: 2 }, ['upgrade'] as const, '<green Nothing blocks an upgrade; 2 warnings.>'],
    [{ errors: 1, warnings: 0 }, ['uninstall'] as const, '<red 1 error blocks an uninstall.>'],
    [
      { errors: 2, warnings: 1 },
      ['upgrade', 'uninstall'] as const,
      '<red 2 errors block an upgrade or an uninstall; 1 warning.>',
    ],
  ])('ends with the verdict on %j', (counts, purposes, verdict) => {
    expect(styled({ purposes, summary: { ...EMPTY.summary, ...counts } }).at(-1)).toBe(verdict);
  });
});
