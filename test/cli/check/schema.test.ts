import { join } from 'node:path';
import schema from '../../../docs/check.schema.json';
import { PackageProgram } from '../../docs/package-program';
import { deployment, meshNamespace, OLD_IMAGE } from '../../engine/cluster-builder';
import { inspectionOf } from '../../engine/inspect/inspection-of';
import { schemaProblems } from '../schema-problems';

const PROJECT = join(__dirname, '..', '..', '..');
const TYPES = 'lib/engine/inspect/inspection.ts';

describe('docs/check.schema.json', () => {
  const sketch = { objects: [meshNamespace('shop'), ...deployment('cart', { proxies: [OLD_IMAGE, undefined] })] };

  test('accepts an inspection with all of its parts', async () => {
    const resources = [{ group: 'networking.istio.io', kind: 'Gateway', namespace: 'shop', name: 'in', labels: {} }];
    const inspection = await inspectionOf({ ...sketch, resources }, { target: '1.34.0' });
    expect(schemaProblems('check', inspection)).toEqual([]);
    for (const list of ['controlPlanes', 'proxies', 'steps', 'resources', 'namespaces', 'findings'] as const) {
      expect(inspection[list]).not.toEqual([]);
    }
  });

  test('refuses missing properties, unknown codes and additional properties', async () => {
    const { findings, ...rest } = await inspectionOf(sketch);
    expect(findings).toHaveLength(1);
    const unknown = findings.map((finding) => ({ ...finding, code: 'Other' }));
    expect(schemaProblems('check', { ...rest, cluster: undefined, findings: unknown, more: 1 })).toEqual([
      ` must have required property 'cluster' {"missingProperty":"cluster"}`,
      ' must NOT have additional properties {"additionalProperty":"more"}',
      ...schema.$defs.finding.properties.code.oneOf.map(
        (one) => `/findings/0/code must be equal to constant {"allowedValue":"${one.const}"}`,
      ),
      '/findings/0/code must match exactly one schema in oneOf {"passingSchemas":null}',
    ]);
  });

  test('has every code and skew of the types, and no other', () => {
    const program = new PackageProgram(PROJECT, [], [TYPES]);
    const { finding, proxyGroup } = schema.$defs;
    const namesOf = (list: readonly { readonly const: string }[]) => list.map((one) => one.const).sort();
    expect(namesOf(finding.properties.code.oneOf)).toEqual(program.literals(TYPES, 'FindingCode').sort());
    expect(namesOf(proxyGroup.properties.skew.oneOf)).toEqual(program.literals(TYPES, 'ProxySkew').sort());
  });

  test('ships with the package', () => {
    expect(require.resolve('istio-module/check.schema.json')).toBe(join(PROJECT, 'docs', 'check.schema.json'));
  });
});
