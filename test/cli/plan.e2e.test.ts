import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { awaitControlPlane, restartWorkloads, type RestartPlan } from 'istio-module/engine';
import { parse } from 'yaml';
import { serviceAccountIn, until } from '../control-plane/kube-client';
import { pictureText, terminalPicture } from '../docs/terminal-picture';
import { MeshCluster } from '../e2e/mesh-cluster';
import { podsOf } from '../e2e/pods-of';
import { reconfigure } from '../e2e/reconfigure';
import { deployment, pod, workload } from '../e2e/workload';
import { CliTerminal, runCli } from './run-cli';
import { schemaProblems } from './schema-problems';

const MINUTES = 60_000;
const ESCAPE = '\u001b';
const LACKS = 'lacks the sidecar that the injector adds';
const CHANGE = 'out of date (istio-proxy.env.PROXY_CONFIG.concurrency (none) → 3)';
const DIFFERENCE = 'istio-proxy: env.PROXY_CONFIG.concurrency (none) → 3';
const JOB_REMEDY = `kubectl -n shop get job migrate -o json | jq 'del(.spec.selector, .spec.template.metadata.labels["controller-uid", "batch.kubernetes.io/controller-uid"])' | kubectl replace --force -f -`;

describe('istio-module plan', () => {
  let cluster: MeshCluster;
  let flags: readonly string[];
  let replicaSetPod: string | undefined;

  const plan = (...args: readonly string[]) => runCli(['plan', ...flags, ...args]);

  beforeAll(async () => {
    cluster = await MeshCluster.start();
    await cluster.apply(cluster.chart());
    const { kubeconfig } = cluster.controlPlane;
    flags = ['--kubeconfig', kubeconfig, '--injector-settle', '1s', '--injector-timeout', '1m'];
    await restartWorkloads({ kubeconfig, injector: { settleSeconds: 1 } });
    const pods = await podsOf(cluster.client, 'shop', 'legacy-rs');
    [replicaSetPod] = pods.map(({ metadata }) => metadata.name).sort();
  }, 10 * MINUTES);

  afterAll(async () => {
    await cluster.stop();
  }, MINUTES);

  describe('with nothing out of date', () => {
    it.each([
      [['-l', 'app=cart'], 'Nothing to do: 1 up to date, 4 not selected.\n'],
      [['-l', 'app in (cart,custom-proxy)'], 'Nothing to do: 1 skipped, 1 up to date, 4 not selected.\n'],
      [['-l', 'app=crat'], 'No workload that -l app=crat selects has a sidecar, or would get one (5 not selected).\n'],
      [['-n', 'legacy'], 'No workload that -n legacy selects has a sidecar, or would get one (5 not selected).\n'],
    ])(
      'plan %j is one sentence, and ends with 0',
      async (args, stdout) => {
        expect(await plan('--detailed-exitcode', ...args)).toEqual({ stdout, stderr: '', code: 0 });
      },
      MINUTES,
    );

    it(
      'counts manual steps as something to do, and ends with 2',
      async () => {
        const { stdout, code } = await plan('--detailed-exitcode');
        expect(code).toBe(2);
        expect(stdout.split('\n').slice(-4)).toEqual([
          '',
          'Workloads: 3 to do by hand, 1 skipped, 5 up to date.',
          'Next: only manual steps are left; istio-module restart has nothing to do.',
          '',
        ]);
      },
      MINUTES,
    );
  });

  describe('after a change', () => {
    const next = () => `Next: istio-module restart --kubeconfig ${cluster.controlPlane.kubeconfig}`;
    const rest = () => [
      '',
      'By hand:',
      '  Job shop/migrate',
      `    ${JOB_REMEDY}`,
      '  Pod shop/debug',
      '    kubectl -n shop replace --force -f MANIFEST-OF-debug.yaml',
      '  ReplicaSet shop/legacy-rs',
      `    kubectl -n shop delete pod ${replicaSetPod ?? ''}`,
      '',
      'Not seamless:',
      '  DaemonSet shop/agent',
      '    the pod on a node stops before the new one starts there, so clients that use the pod on their own node find none',
      `  ${restarted}`,
      '    without a readiness probe, new pods get requests before their containers can answer',
      '',
      'Workloads: 5 to restart (5 not seamless), 3 to do by hand, 1 skipped.',
      next(),
      '',
    ];
    const restarted =
      'DaemonSet shop/agent, Deployment shop/cart, Deployment shop/reviews-v1, Deployment shop/reviews-v2, StatefulSet shop/db';
    const rows = [
      'NAMESPACE  WORKLOAD                 DECISION  PODS  SEAMLESS  REASON',
      `shop       job/migrate              warn      1     -         1 of 1 pod ${LACKS}; a Job cannot be restarted, only run again from its start`,
      `shop       pod/debug                warn      1     -         1 of 1 pod ${LACKS}; a Pod without a controller is not created again when it is deleted`,
      `shop       replicaset/legacy-rs     warn      2     -         2 of 2 pods ${LACKS.replace('lacks', 'lack')}; a ReplicaSet without a Deployment replaces pods only when they are deleted (delete one pod at a time)`,
      `shop       daemonset/agent          restart   2     no        2 of 2 pods ${CHANGE}`,
      `shop       deployment/cart          restart   3     no        3 of 3 pods ${CHANGE}`,
      `shop       deployment/reviews-v1    restart   2     no        2 of 2 pods ${CHANGE}`,
      `shop       deployment/reviews-v2    restart   2     no        2 of 2 pods ${CHANGE}`,
      `shop       statefulset/db           restart   2     no        2 of 2 pods ${CHANGE}`,
      'shop       deployment/custom-proxy  skip      -     -         left alone: the annotation sidecar.istio.io/proxyImage sets a custom image for its sidecar',
    ];

    beforeAll(async () => {
      await reconfigure(cluster, { defaultConfig: { concurrency: 3 } });
    }, MINUTES);

    it(
      'is a table, without escape codes in a pipe, and ends with 0 without --detailed-exitcode',
      async () => {
        const { stdout, stderr, code } = await plan();
        expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
        expect(stdout.split('\n')).toEqual([...rows, ...rest()]);
        expect(await plan('-A', '-n', 'legacy', '--detailed-exitcode')).toEqual({ stdout, stderr: '', code: 2 });
      },
      MINUTES,
    );

    it(
      'lists each difference with -o wide',
      async () => {
        const { stdout } = await plan('-o', 'wide');
        const missing = '    sidecar: (none) → docker.io/istio/proxyv2:1.31.1-distroless';
        const wide = rows.flatMap((row) => [
          row,
          ...(row.includes(' warn ') ? [missing] : []),
          ...(row.includes(' restart ') ? [`    ${DIFFERENCE}`] : []),
        ]);
        expect(stdout.split('\n')).toEqual([...wide, ...rest()]);
      },
      MINUTES,
    );

    it(
      'is JSON as its schema promises, and the same as YAML',
      async () => {
        const json = await plan('-o', 'json', '--detailed-exitcode');
        expect({ stderr: json.stderr, code: json.code }).toEqual({ stderr: '', code: 2 });
        const printed = JSON.parse(json.stdout) as RestartPlan;
        expect(schemaProblems('plan', printed)).toEqual([]);
        expect(printed).toMatchObject({
          schemaVersion: 1,
          summary: { restart: 5, wait: 0, current: 0, warn: 3, skip: 1, deferred: 0, undetermined: 0 },
          ignoredAnnotations: [],
        });
        const cart = printed.workloads.find(({ name }) => name === 'cart');
        expect(cart).toEqual({
          ...{ namespace: 'shop', kind: 'Deployment', name: 'cart', decision: 'restart', reason: 'OutOfDate' },
          ...{ message: `3 of 3 pods ${CHANGE}`, remedy: '' },
          pods: expect.arrayContaining([expect.stringMatching(/^cart-/)]) as string[],
          differences: [{ path: 'istio-proxy.env.PROXY_CONFIG.concurrency', old: '(none)', new: '3' }],
          interruption: { expected: true, reasons: [expect.objectContaining({ code: 'NoReadinessProbe' })] },
        });
        const yaml = await plan('-o', 'yaml');
        const { generatedAt, ...same } = parse(yaml.stdout) as RestartPlan;
        expect({ generatedAt: expect.any(String) as string, ...same }).toEqual({
          ...printed,
          generatedAt: expect.any(String) as string,
        });
        expect(Date.parse(generatedAt)).toBeGreaterThanOrEqual(Date.parse(printed.generatedAt));
      },
      MINUTES,
    );

    it(
      'is Markdown for a pull request',
      async () => {
        const { stdout, code } = await plan('-o', 'markdown', '-l', 'app in (cart,debug)');
        expect(code).toBe(0);
        expect(stdout.split('\n')).toEqual([
          expect.stringMatching(
            /^\*\*Sidecars\*\* of cluster `.+`: 1 to restart \(1 not seamless\), 1 to do by hand, 4 not selected\.$/,
          ) as string,
          '',
          '| Namespace | Workload | Decision | Pods | Seamless | Reason |',
          '| --- | --- | --- | ---: | --- | --- |',
          `| shop | pod/debug | warn | 1 |  | 1 of 1 pod ${LACKS}; a Pod without a controller is not created again when it is deleted |`,
          `| shop | deployment/cart | restart | 3 | no | 3 of 3 pods ${CHANGE.replace('_', '\\_')} |`,
          '',
          'By hand:',
          '',
          '- Pod shop/debug: `kubectl -n shop replace --force -f MANIFEST-OF-debug.yaml`',
          '',
          'Not seamless:',
          '',
          '- without a readiness probe, new pods get requests before their containers can answer: Deployment shop/cart',
          '',
          '<details>',
          '<summary>Differences of 2 workloads</summary>',
          '',
          'Pod shop/debug:',
          '',
          '```text',
          'sidecar: (none) → docker.io/istio/proxyv2:1.31.1-distroless',
          '```',
          '',
          'Deployment shop/cart:',
          '',
          '```text',
          DIFFERENCE,
          '```',
          '',
          '</details>',
          '',
        ]);
      },
      MINUTES,
    );

    it(
      'covers only what the flags select, and ends with the command that restarts it',
      async () => {
        const { stdout } = await plan('-n', 'shop,legacy', '-l', 'app=reviews,version!=v1');
        expect(stdout.split('\n')).toEqual([
          'NAMESPACE  WORKLOAD               DECISION  PODS  SEAMLESS  REASON',
          `shop       deployment/reviews-v2  restart   2     no        2 of 2 pods ${CHANGE}`,
          '',
          'Not seamless:',
          '  Deployment shop/reviews-v2',
          '    without a readiness probe, new pods get requests before their containers can answer',
          '',
          'Workloads: 1 to restart (1 not seamless), 4 not selected.',
          `${next()} -n shop,legacy -l 'app=reviews,version!=v1'`,
          '',
        ]);
        expect((await plan('-o', 'name', '-l', 'app=reviews')).stdout).toBe(
          'deployment/reviews-v1\ndeployment/reviews-v2\n',
        );
      },
      MINUTES,
    );

    it.each([
      ['has colours', {}, true],
      ['has none with NO_COLOR', { NO_COLOR: '1' }, false],
      ['has none on a terminal without colours', { TERM: 'dumb' }, false],
    ])(
      'fits a terminal, and %s',
      async (_, env, isColoured) => {
        const terminal = new CliTerminal(['plan', ...flags, '-l', 'app=cart'], { columns: 70, env });
        expect(await terminal.ended).toBe(0);
        expect(terminal.text.split('\n').slice(0, 4)).toEqual([
          'NAMESPACE  WORKLOAD         DECISION  PODS  SEAMLESS',
          'shop       deployment/cart  restart   3     no',
          '  3 of 3 pods out of date (istio-proxy.env.PROXY_CONFIG.concurrency',
          '  (none) → 3)',
        ]);
        expect(terminal.output.includes(`${ESCAPE}[33mrestart${ESCAPE}[39m`)).toBe(isColoured);
        expect(terminal.output.includes(ESCAPE)).toBe(isColoured);
      },
      MINUTES,
    );
  });

  describe('is refused', () => {
    /** With an error, there is nothing on stdout, whatever was asked for. */
    const refused = (stderr: string) => ({ stdout: '', stderr, code: 1 });

    it('with a namespace that the cluster does not have', async () => {
      const result = await plan('-n', 'shop', '-n', 'shpo', '--detailed-exitcode', '-o', 'json');
      expect({ ...result, stderr: result.stderr.replace(/"kwok-[^"]+"/, '"C"') }).toEqual(
        refused(
          'error: The cluster of context "C" has no namespace shpo; it has default, istio-system, kube-node-lease, kube-public, kube-system, legacy, shop.\n',
        ),
      );
    });

    it('with a context that the kubeconfig does not have', async () => {
      const result = await plan('--context', 'nope');
      expect({ ...result, stderr: result.stderr.replace(/"kwok-[^"]+"/, '"C"') }).toEqual(
        refused('error: The kubeconfig has no context "nope"; it has "C".\n'),
      );
    });

    it(
      'by a cluster that cannot be reached, with a stack trace only if one is asked for',
      async () => {
        const kubeconfig = join(cluster.controlPlane.directory, 'unreachable');
        writeFileSync(kubeconfig, UNREACHABLE);
        const error =
          'The API server https://127.0.0.1:1 (context "gone") cannot be reached: connect ECONNREFUSED 127.0.0.1:1 (GET /api/v1/namespaces); check the kubeconfig, the context and the network.';
        expect(await runCli(['plan', '--kubeconfig', kubeconfig, '--detailed-exitcode'])).toEqual(
          refused(`error: ${error}\n`),
        );
        const { stderr } = await runCli(['--verbose', 'plan', '--kubeconfig', kubeconfig]);
        expect(stderr.startsWith(`error: RestartError: ${error}\n    at `)).toBe(true);
        expect(stderr).toContain('\ncaused by: Error: connect ECONNREFUSED');
      },
      MINUTES,
    );

    it(
      'while the injector is behind, which a terminal shows',
      async () => {
        const terminal = new CliTerminal(['plan', ...flags, '--injector-settle', '1h', '--injector-timeout', '2s']);
        const text = await terminal.waitFor('error:');
        expect(await terminal.ended).toBe(1);
        const behind = "the injector's ConfigMaps in namespace istio-system changed less than 3600 s ago";
        expect(text.split('\n')[0]).toBe(`Waiting: ${behind}`);
        expect((await plan('--injector-settle', '1h', '--injector-timeout', '0')).stderr).toBe(
          `error: After 0 s, ${behind}; run again, with a longer deadline if the problem persists.\n`,
        );
      },
      MINUTES,
    );
  });

  it(
    'looks like the picture in the README, which `npm run picture` renews',
    async () => {
      const namespace = 'store';
      const readinessProbe = { httpGet: { path: '/ready', port: 8080 } };
      const podSpec = { containers: [{ name: 'app', image: 'registry.k8s.io/pause:3.10', readinessProbe }] };
      const labels = { 'istio-injection': 'enabled' };
      const metadata = { name: namespace, labels };
      await cluster.client.apply({ apiVersion: 'v1', kind: 'Namespace', metadata });
      await serviceAccountIn(cluster.client, namespace);
      for (const object of [
        deployment('cart', { namespace, podSpec, spec: { replicas: 3 } }),
        deployment('frontend', { namespace, podSpec, spec: { replicas: 5 } }),
        workload('apps/v1', 'StatefulSet', 'orders-db', { namespace, podSpec, spec: { serviceName: 'orders-db' } }),
        pod('debug', { namespace }),
      ]) {
        await cluster.applyOne(object);
      }
      await until(async () => {
        const pods = await cluster.client.list('v1', 'Pod', { namespace });
        return pods.filter(({ status }) => (status as { phase?: string }).phase === 'Running').length === 10;
      }, 'the pods of the store running');
      await reconfigure(cluster, { defaultConfig: { concurrency: 2 } });
      await awaitControlPlane({ kubeconfig: cluster.controlPlane.kubeconfig, injector: { settleSeconds: 1 } });

      const args = ['plan', '-n', namespace];
      const env = { KUBECONFIG: cluster.controlPlane.kubeconfig };
      const terminal = new CliTerminal([...args, '--injector-settle', '1s'], { columns: 104, env });
      expect(await terminal.ended).toBe(0);
      const picture = terminalPicture(`npx istio-module ${args.join(' ')}`, terminal.output);
      if (process.env.PICTURE === 'true') {
        writeFileSync(PICTURE, picture);
      }
      expect(pictureText(picture)).toEqual(pictureText(readFileSync(PICTURE, 'utf8')));
    },
    3 * MINUTES,
  );
});

const PICTURE = join(__dirname, '..', '..', 'docs', 'plan.svg');

const UNREACHABLE = `
apiVersion: v1
kind: Config
current-context: gone
contexts: [{ name: gone, context: { cluster: gone, user: nobody } }]
clusters: [{ name: gone, cluster: { server: 'https://127.0.0.1:1' } }]
users: [{ name: nobody, user: { token: none } }]
`;
