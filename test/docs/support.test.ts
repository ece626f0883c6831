import { MINIMUM_ISTIO_VERSION } from '../../lib/mesh/installation/istio-version';
import { read } from './documents';
import { tableWith } from './markdown-table';

describe('docs/support.md', () => {
  const page = read('docs/support.md');

  test('gives the oldest version of Istio that an IstioModule accepts', () => {
    const row = tableWith(page, 'feature').find(({ feature }) => feature === '`IstioModule`');
    expect(`${row?.Istio ?? ''}.0`).toBe(MINIMUM_ISTIO_VERSION);
  });

  test('gives the version of Node that the package asks for', () => {
    const { engines } = JSON.parse(read('package.json')) as { readonly engines: { readonly node: string } };
    const row = tableWith(page, 'program').find(({ program }) => program === 'Node');
    expect(engines.node).toBe(`>=${/^[\d.]+/.exec(row?.version ?? '')?.[0] ?? ''}.0`);
  });
});
