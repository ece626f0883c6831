import { main } from '../../../lib/cli/main';
import { Terminal } from '../../../lib/cli/terminal';
import type { RestartPlan } from '../../../lib/engine/plan/plan';
import {
  deployment,
  IMAGE,
  meshNamespace,
  namespace,
  pod,
  OLD_IMAGE,
  type ClusterObject,
} from '../../engine/cluster-builder';
import { refusal } from '../../engine/fake-api-server';
import type { FakeClusterOptions } from '../../engine/fake-cluster';
import { startMesh } from '../../engine/fake-mesh';
import { RecordedProcess, type RecordedOptions } from '../recorded-process';
import { schemaProblems } from '../schema-problems';

const objects = [
  meshNamespace('bank'),
  namespace('legacy'),
  ...deployment('cart', { labels: { tier: 'front' } }),
  ...deployment('api', { proxies: [IMAGE], labels: { tier: 'back' } }),
  ...deployment('ledger', { namespace: 'bank' }),
];
const INJECTOR = ['--injector-settle', '0', '--injector-timeout', '0'];

interface Mesh extends FakeClusterOptions {
  readonly objects?: readonly ClusterObject[];
  readonly process?: RecordedOptions;
}

async function plan(args: readonly string[], mesh: Mesh = {}) {
  const cluster = await startMesh(mesh.objects ?? objects, mesh);
  const process = new RecordedProcess(mesh.process);
  try {
    const flags = ['--kubeconfig', cluster.server.kubeconfig, ...INJECTOR];
    const code = await main(['plan', ...flags, ...args], new Terminal(process));
    return { ...process.written, code, requests: cluster.server.requests };
  } finally {
    await cluster.close();
  }
}

describe('istio-module plan', () => {
  test('plans for the whole mesh, changes nothing, and ends with 0', async () => {
    const { stdout, stderr, code, requests } = await plan([]);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(stdout.split('\n')).toEqual([
      'NAMESPACE  WORKLOAD           DECISION  PODS  SEAMLESS  REASON',
      'bank       deployment/ledger  restart   1     no        1 of 1 pod out of date (istio-init.image …:1.30.2 → …:1.31.1, and 1 more)',
      'shop       deployment/cart    restart   1     no        1 of 1 pod out of date (istio-init.image …:1.30.2 → …:1.31.1, and 1 more)',
      '',
      'Not seamless:',
      '  Deployment bank/ledger, Deployment shop/cart',
      '    without a readiness probe, new pods get requests before their containers can answer',
      '  Deployment bank/ledger, Deployment shop/cart',
      '    without a preStop hook, stopping pods refuse requests that clients still send to them',
      '',
      'Workloads: 2 to restart (2 not seamless), 1 up to date.',
      'Next: istio-module restart --kubeconfig KUBECONFIG',
      '',
    ]);
    // Requests that the API server relays to the injector do not change anything, either.
    const changing = requests.filter(({ method, path }) => method !== 'GET' && !path.includes(':istiod:443/proxy/'));
    expect(changing.filter(({ query }) => query.get('dryRun') !== 'All')).toEqual([]);
  });

  test.each<[string, readonly string[], readonly string[], number]>([
    ['namespace', ['-n', 'shop'], ['skip', 'current', 'restart'], 2],
    ['labels', ['-l', 'tier'], ['skip', 'current', 'restart'], 2],
    ['both', ['-n', 'shop', '-l', 'tier=back'], ['skip', 'current', 'skip'], 0],
    ['-A, which outweighs a namespace', ['-n', 'shop', '-A'], ['restart', 'current', 'restart'], 2],
  ])('covers only the selection by %s', async (_, args, decisions, code) => {
    const planned = await plan([...args, '-o', 'json', '--detailed-exitcode']);
    const { workloads } = JSON.parse(planned.stdout) as RestartPlan;
    expect(workloads.map(({ name, decision }) => [name, decision])).toEqual([
      ['ledger', decisions[0]],
      ['api', decisions[1]],
      ['cart', decisions[2]],
    ]);
    expect(planned.code).toBe(code);
  });

  test('defers what is not seamless with --only-seamless, and still ends with 2', async () => {
    const planned = await plan(['--only-seamless', '-o', 'json', '--detailed-exitcode']);
    const { workloads } = JSON.parse(planned.stdout) as RestartPlan;
    expect(workloads.map(({ decision, reason }) => [decision, reason])).toEqual([
      ['deferred', 'Interrupts'],
      ['current', 'UpToDate'],
      ['deferred', 'Interrupts'],
    ]);
    expect(planned.code).toBe(2);
    expect(schemaProblems('plan', JSON.parse(planned.stdout))).toEqual([]);
  });

  test('ends with 2 if only manual steps are left', async () => {
    const mesh = { objects: [pod('debug', { proxy: OLD_IMAGE })] };
    expect((await plan(['--detailed-exitcode'], mesh)).code).toBe(2);
    expect((await plan([], mesh)).code).toBe(0);
  });

  test('shows on a terminal what it waits for, even if the result goes to a file', async () => {
    // The first request is made while the cluster is read, before anything is reported.
    let asked = 0;
    const intercept: FakeClusterOptions['intercept'] = ({ path }, { objects: all }) =>
      path.endsWith('/mutatingwebhookconfigurations') && ++asked <= 2
        ? { body: { items: all.filter(({ kind }) => kind === 'MutatingWebhookConfiguration').map(withoutBundle) } }
        : undefined;
    const wait = ['--injector-timeout', '30s', '-o', 'json'];
    const watched = await plan(wait, { intercept, process: { terminals: ['stderr'] } });
    expect(watched.stderr).toBe(
      'Waiting: istiod has not set the caBundle of MutatingWebhookConfiguration istio-sidecar-injector\n',
    );
    expect(schemaProblems('plan', JSON.parse(watched.stdout))).toEqual([]);
    asked = 0;
    expect((await plan(wait, { intercept })).stderr).toBe('');
  });

  test('prints nothing but the error when it fails, in every format', async () => {
    const intercept: FakeClusterOptions['intercept'] = ({ path }) =>
      path.endsWith('/pods') ? refusal(400, 'BadRequest', 'no') : undefined;
    for (const format of ['json', 'yaml', 'markdown', 'wide']) {
      const failed = await plan(['-o', format, '--detailed-exitcode', '--injector-timeout', '0'], { intercept });
      expect(failed).toMatchObject({ stdout: '', code: 1 });
      expect(failed.stderr).toMatch(/^error: [^\n]+\n$/);
    }
  });

  test('refuses a namespace that does not exist, before it reads anything else', async () => {
    const { requests, ...refused } = await plan(['-n', 'shop,shpo', '-n', 'banc']);
    expect(refused).toEqual({
      stdout: '',
      stderr: 'error: The cluster of context "fake" has no namespaces shpo, banc; it has bank, legacy, shop.\n',
      code: 1,
    });
    expect(requests.map(({ path }) => path)).toEqual(['/api/v1/namespaces']);
  });

  test('refuses manifests that it cannot read, before it sends any request', async () => {
    const { requests, ...refused } = await plan(['-n', 'shop', '--with', '/nowhere.yaml']);
    expect(refused).toEqual({
      stdout: '',
      stderr: 'error: --with /nowhere.yaml cannot be read: no such file or directory; check the path.\n',
      code: 1,
    });
    expect(requests).toEqual([]);
  });

  test('is one sentence where nothing that is selected has a sidecar', async () => {
    expect(await plan(['-n', 'legacy', '--detailed-exitcode'])).toMatchObject({
      stdout: 'No workload that -n legacy selects has a sidecar, or would get one (3 not selected).\n',
      code: 0,
    });
  });
});

function withoutBundle(object: ClusterObject): ClusterObject {
  const { webhooks } = object as ClusterObject & { readonly webhooks: readonly object[] };
  return { ...object, webhooks: webhooks.map((webhook) => ({ ...webhook, clientConfig: {} })) };
}
