import { outdatedIstioCharts, outdatedIstioVersion } from '../control-plane/istio-versions';
import { MeshCluster } from '../e2e/mesh-cluster';
import { optionsWorkspace } from './options-workspace';
import type { Settings } from './programs/options';

describe('a stack with the charts of an outdated Istio', () => {
  let cluster: MeshCluster;

  beforeAll(async () => {
    cluster = await MeshCluster.start({ seed: false });
  }, 120_000);

  afterAll(async () => {
    await cluster.stop();
  });

  test('does not jump to the charts of the current one', async () => {
    const workspace = await optionsWorkspace(cluster, 'jump');
    const { istioCharts } = cluster.controlPlane.programs;
    const outdated: Settings = { charts: await outdatedIstioCharts(), version: outdatedIstioVersion };
    const set = (settings: Settings) => workspace.setConfig('settings', JSON.stringify(settings));
    await set(outdated);
    const installed = await workspace.up();
    const errors = installed.diagnostics.filter(({ severity }) => severity === 'error').map(({ message }) => message);
    expect({ exitCode: installed.exitCode, errors }).toEqual({ exitCode: 0, errors: [] });

    await set({ charts: istioCharts, version: '1.31.1' });
    const jump = await workspace.preview();
    expect(jump.exitCode).not.toBe(0);
    expect([...jump.diagnostics.map(({ message }) => message), jump.stdout].join('\n')).toContain(
      'From Istio 1.27.9 to 1.31.1 is more than one minor version; go to 1.28 first.',
    );

    // Back: to any patch, and to the minor version before on request.
    await set({ ...outdated, version: '1.27.1' });
    expect((await workspace.preview()).exitCode).toBe(0);
    await set({ ...outdated, version: '1.26.2' });
    const unasked = await workspace.preview();
    expect(unasked.exitCode).not.toBe(0);
    expect([...unasked.diagnostics.map(({ message }) => message), unasked.stdout].join('\n')).toContain(
      'Istio 1.26.2 is of the minor version before the 1.27.9 that is installed; to go back, set allowDowngrade',
    );
    await set({ ...outdated, version: '1.26.2', allowDowngrade: true });
    expect((await workspace.preview()).exitCode).toBe(0);
  }, 300_000);
});
