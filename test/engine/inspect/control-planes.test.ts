import { findingsOf, inspectionOf, revisionWebhooks, tagWebhooks } from './inspection-of';

const object = { kind: 'Deployment', namespace: 'istio-system', name: 'istiod' };
const blocks = ['upgrade'];

describe('control planes', () => {
  test('are listed with their revision, tags and version', async () => {
    const { controlPlanes, summary } = await inspectionOf({
      istiods: [{}, { revision: '1-30', name: 'istiod-1-30', tag: '1.30.2' }],
      webhooks: [revisionWebhooks(), revisionWebhooks('1-30'), tagWebhooks('prod', '1-30'), tagWebhooks('old', '1-30')],
    });
    const complete = { namespace: 'istio-system', rollout: 'complete', rolloutMessage: '' };
    expect(controlPlanes).toEqual([
      { ...complete, revision: '1-30', tags: ['old', 'prod'], name: 'istiod-1-30', versions: ['1.30.2'] },
      { ...complete, revision: 'default', tags: [], name: 'istiod', versions: ['1.31.1'] },
    ]);
    expect(summary).toEqual({ controlPlanes: 2, proxies: 0, errors: 0, warnings: 0 });
  });

  test('without pods have the version of their template', async () => {
    const { controlPlanes } = await inspectionOf({ istiods: [{ pods: [] }] });
    expect(controlPlanes[0]?.versions).toEqual(['1.31.1']);
  });

  test('that are rolling out are in the way of an upgrade', async () => {
    const istiods = [{ status: { updatedReplicas: 0 } }];
    expect(await findingsOf('ControlPlaneRollingOut', { istiods })).toEqual([
      {
        code: 'ControlPlaneRollingOut',
        severity: 'error',
        blocks,
        object,
        message: 'Deployment istio-system/istiod has not finished its rollout (0 of 1 replicas updated)',
        remedy: 'kubectl -n istio-system rollout status deployment/istiod',
      },
    ]);
  });

  test('of one revision that run two versions are in the way of an upgrade', async () => {
    const istiods = [{ pods: ['1.31.1-distroless', '1.30.2'] }];
    expect(await findingsOf('MixedControlPlaneVersions', { istiods })).toEqual([
      {
        code: 'MixedControlPlaneVersions',
        severity: 'error',
        blocks,
        object,
        message: 'The control plane of revision default runs the versions 1.30.2 and 1.31.1 at the same time',
        remedy: 'kubectl -n istio-system rollout status deployment/istiod',
      },
    ]);
  });

  test('may be two Deployments of one revision, of which one has to go', async () => {
    const istiods = [
      { pods: [], tag: '1.30.2' },
      { pods: [], name: 'other' },
    ];
    expect(await findingsOf('MixedControlPlaneVersions', { istiods })).toMatchObject([
      { remedy: 'keep only one of Deployment istio-system/istiod and Deployment istio-system/other' },
    ]);
  });

  test('whose image names no version cause a warning', async () => {
    const finding = {
      code: 'UnknownControlPlaneVersion',
      severity: 'warning',
      blocks: [],
      object,
      message:
        'The image tag of Deployment istio-system/istiod contains no Istio version, so it is unknown which proxies are too old for it',
      remedy: '',
    };
    const istiods = [{ tag: 'latest' }];
    expect(await findingsOf('UnknownControlPlaneVersion', { istiods })).toEqual([finding]);
  });
});

describe('the step to a version', () => {
  test('is judged for every version that runs', async () => {
    const istiods = [{ tag: '1.30.2' }, { revision: 'canary', name: 'istiod-canary', tag: '1.31.1' }];
    const { steps, target, purposes, findings } = await inspectionOf({ istiods }, { target: '1.32.0' });
    expect(steps).toEqual([
      { revision: 'canary', from: '1.31.1', to: '1.32.0', allowed: true, message: '' },
      {
        revision: 'default',
        from: '1.30.2',
        to: '1.32.0',
        allowed: false,
        message: 'An upgrade from Istio 1.30.2 to 1.32.0 spans more than one minor version; upgrade to 1.31 first.',
      },
    ]);
    expect({ target, purposes }).toEqual({ target: '1.32.0', purposes: ['upgrade'] });
    expect(findings).toEqual([
      {
        code: 'UpgradeRefused',
        severity: 'error',
        blocks,
        object,
        message: 'An upgrade from Istio 1.30.2 to 1.32.0 spans more than one minor version',
        remedy: 'upgrade to 1.31 first',
      },
    ]);
  });

  test('back is refused, unless it is allowed', async () => {
    expect(await findingsOf('UpgradeRefused', {}, { target: '1.30.2' })).toMatchObject([
      {
        message: 'Istio 1.30.2 is one minor version earlier than the installed 1.31.1',
        remedy: 'to downgrade, set allowDowngrade (flag --allow-downgrade of check)',
      },
    ]);
    const { steps, summary } = await inspectionOf({}, { target: '1.30.2', allowDowngrade: true });
    expect({ allowed: steps.map(({ allowed }) => allowed), errors: summary.errors }).toEqual({
      ...{ allowed: [true], errors: 0 },
    });
  });

  test.each([
    ['the version that runs', '1.31.1', '1.31.1'],
    ['the next minor version', '1.31.1', '1.32.0'],
    ['an earlier patch', '1.31.1', '1.31.0'],
    ['a release, from a development build', '1.31-dev', '1.32.0'],
  ])('is allowed to %s', async (_, tag, target) => {
    const { steps, summary } = await inspectionOf({ istiods: [{ tag }] }, { target });
    expect(steps.map(({ allowed }) => allowed)).toEqual([true]);
    expect(summary.errors).toBe(0);
  });

  test('from an unknown version is unknown, which is in the way of an upgrade', async () => {
    const found = await findingsOf('UndeterminedStep', { istiods: [{ tag: '' }] }, { target: '1.32.0' });
    expect(found).toMatchObject([
      {
        severity: 'error',
        blocks: ['upgrade'],
        message:
          'The image tag of Deployment istio-system/istiod contains no Istio version, so it is unknown whether the step to 1.32.0 is supported',
      },
    ]);
  });

  test('to an invalid version is an error', async () => {
    await expect(inspectionOf({}, { target: 'newest' })).rejects.toThrow(
      '"newest" is not a version of Istio; write a version such as 1.31.1.',
    );
  });
});
