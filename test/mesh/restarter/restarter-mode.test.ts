import { ApiObject, Duration, JsonPatch } from 'cdk8s';
import {
  ExistingIstio,
  MeshNamespace,
  RestarterMode,
  SidecarInjection,
  SidecarRestarter,
  WorkloadProxyConfig,
} from 'istio-module';
import { emptyChart, fakeModule, synthesized } from '../synthesis';
import { cronJob, image, jobName, jobOf, mesh, objects, repeatable, type Options } from './restarted-app';

describe('RestarterMode', () => {
  describe('after a sync', () => {
    test('is a hook of Argo CD in a wave, and is kept for a day', () => {
      const job = jobOf(objects());
      expect(job.metadata.annotations).toEqual({
        'argocd.argoproj.io/hook': 'Sync',
        'argocd.argoproj.io/hook-delete-policy': 'BeforeHookCreation',
        'argocd.argoproj.io/sync-wave': '10',
      });
      expect(job.spec).toMatchObject({ ttlSecondsAfterFinished: 86_400 });
    });

    test('takes another wave and time', () => {
      const mode = RestarterMode.afterSync({ syncWave: -1, keepFor: Duration.hours(1) });
      const job = jobOf(objects({ props: { mode } }));
      expect(job.metadata.annotations).toMatchObject({ 'argocd.argoproj.io/sync-wave': '-1' });
      expect(job.spec).toMatchObject({ ttlSecondsAfterFinished: 3600 });
    });

    describe('has the same name', () => {
      test('where nothing has changed', () => {
        expect(jobName()).toBe(jobName());
      });

      test.each<[string, Options]>([
        [
          'when an object changes that decides no sidecar',
          {
            also: (chart) =>
              new ApiObject(chart, 'other', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'other' } }),
          },
        ],
        ['when its access does', { props: { admissionPolicy: false } }],
      ])('%s', (_, options) => {
        expect(jobName(options)).toBe(jobName());
      });
    });

    describe('has another name', () => {
      test.each<[string, Options]>([
        ['for another version', { module: { version: '1.31.2' } }],
        ['for other sidecars', { module: { proxy: { resources: { requests: { cpu: '11m' } } } } }],
        ['for another mesh configuration', { module: { meshConfig: { enableTracing: true } } }],
        ['with another namespace', { also: (chart) => new MeshNamespace(chart, 'shop', { name: 'shop' }) }],
        [
          'with a ProxyConfig',
          {
            also: (chart) =>
              new WorkloadProxyConfig(chart, 'two', { namespace: 'shop', workload: { app: 'a' }, concurrency: 2 }),
          },
        ],
        ['for another image of its own', { props: { image: 'registry.example.com/istio-module:0.2.0' } }],
        ['for other options', { props: { options: { maxConcurrent: 2 } } }],
      ])('%s', (_, options) => {
        expect(jobName(options)).not.toBe(jobName());
      });

      test('when a namespace enters the mesh, and when the raw Job or the charts are patched', () => {
        const names = [
          jobName({ also: (chart) => new MeshNamespace(chart, 'shop', { name: 'shop' }) }),
          jobName({
            also: (chart) => new MeshNamespace(chart, 'shop', { name: 'shop', injection: SidecarInjection.DISABLED }),
          }),
        ];
        const patched = mesh();
        patched.restarter.job?.addJsonPatch(JsonPatch.add('/spec/template/spec/nodeSelector', { a: 'b' }));
        names.push(jobOf(synthesized(patched.chart)).metadata.name);
        const chart = emptyChart();
        const istio = repeatable(fakeModule(chart));
        new SidecarRestarter(chart, 'restarter', { istio, image, mode: RestarterMode.afterSync() });
        istio.istiod.apiObjects
          .find(({ kind }) => kind === 'Deployment')
          ?.addJsonPatch(JsonPatch.add('/metadata/labels', { patched: 'later' }));
        names.push(jobOf(synthesized(chart)).metadata.name, jobName());
        expect(new Set(names).size).toBe(names.length);
      });

      test('for another version of an Istio of others', () => {
        const nameOf = (version: string) => {
          const chart = emptyChart();
          const istio = new ExistingIstio(chart, 'istio', { version });
          new SidecarRestarter(chart, 'restarter', { istio, image, mode: RestarterMode.afterSync() });
          return jobOf(synthesized(chart)).metadata.name;
        };
        expect(nameOf('1.31.1')).not.toBe(nameOf('1.31.2'));
        expect(nameOf('1.31.1')).toBe(nameOf('1.31.1'));
      });
    });
  });

  describe('on a schedule', () => {
    test('is a CronJob whose runs do not overlap', () => {
      expect(cronJob(RestarterMode.schedule('0 2 * * sat'))).toMatchObject({
        metadata: { name: 'restarter', namespace: 'istio-system' },
        spec: {
          schedule: '0 2 * * sat',
          timeZone: 'Etc/UTC',
          concurrencyPolicy: 'Forbid',
          startingDeadlineSeconds: 600,
          successfulJobsHistoryLimit: 1,
          failedJobsHistoryLimit: 3,
        },
      });
    });

    test('takes a time zone, a deadline and a history', () => {
      const mode = RestarterMode.schedule('@daily', {
        timeZone: 'Europe/Berlin',
        startingDeadline: Duration.minutes(1),
        completedJobs: 0,
        failedJobs: 1,
      });
      expect(cronJob(mode).spec).toMatchObject({
        timeZone: 'Europe/Berlin',
        startingDeadlineSeconds: 60,
        successfulJobsHistoryLimit: 0,
        failedJobsHistoryLimit: 1,
      });
    });

    test('makes the Job of the other mode, without what that is synced and deleted by', () => {
      const { jobTemplate } = cronJob(RestarterMode.schedule('@daily')).spec as {
        jobTemplate: { readonly metadata: object; readonly spec: object };
      };
      const { ttlSecondsAfterFinished, ...spec } = jobOf(objects()).spec as Record<string, unknown>;
      expect(ttlSecondsAfterFinished).toBe(86_400);
      expect(jobTemplate.spec).toEqual(spec);
      expect(jobTemplate.metadata).not.toHaveProperty('annotations');
    });

    test('has no Job, and the other mode no CronJob', () => {
      const { restarter } = mesh({ props: { mode: RestarterMode.schedule('@daily') } });
      expect([restarter.job, restarter.cronJob?.kind]).toEqual([undefined, 'CronJob']);
      expect([mesh().restarter.cronJob, mesh().restarter.job?.kind]).toEqual([undefined, 'Job']);
    });
  });

  test.each<[string, () => RestarterMode, string]>([
    [
      'half a wave',
      () => RestarterMode.afterSync({ syncWave: 1.5 }),
      'mode.syncWave 1.5 is not a wave: write a whole number',
    ],
    [
      'a Job that is gone before anybody sees it',
      () => RestarterMode.afterSync({ keepFor: Duration.seconds(0) }),
      'mode.keepFor 0s is out of range: write whole seconds, from 60 to 2147483647',
    ],
    [
      'a deadline that the controller always misses',
      () => RestarterMode.schedule('@daily', { startingDeadline: Duration.seconds(9) }),
      'mode.startingDeadline 9s is out of range: write whole seconds, from 10 to 2147483647',
    ],
  ])('refuses %s', (_, mode, problem) => {
    expect(() => mesh({ props: { mode: mode() } })).toThrow(`SidecarRestarter mesh/restarter: ${problem}`);
  });
});
