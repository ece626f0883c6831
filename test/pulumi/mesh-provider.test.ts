import * as kubernetes from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import { ApiObject } from 'cdk8s';
import { ExistingIstio } from 'istio-module';
import { MeshDeployment, type MeshDeploymentArgs } from '../../lib/pulumi/mesh-deployment';
import { ambientInputs } from '../../lib/pulumi/mesh-provider';
import { emptyChart } from '../mesh/synthesis';
import { type Registered, registeredBy } from './registered';

const KUBECONFIG = 'apiVersion: v1\nkind: Config';

function meshChart() {
  const chart = emptyChart();
  new ExistingIstio(chart, 'istio');
  return chart;
}

function mesh(args: Partial<MeshDeploymentArgs>, opts?: pulumi.ComponentResourceOptions): MeshDeployment {
  return new MeshDeployment('mesh', { chart: meshChart(), ...args }, opts);
}

class Platform extends pulumi.ComponentResource {
  constructor(opts: pulumi.ComponentResourceOptions) {
    super('example:index:Platform', 'platform', {}, opts);
  }
}

/** The inputs of the component's provider and of its last dynamic resource that identify the cluster. */
function clustersOf(resources: readonly Registered[]): readonly unknown[] {
  return ['mesh-kubernetes', 'mesh-restart'].map((wanted) => {
    const { kubeconfig, context, cluster } = resources.find(({ name }) => name === wanted)?.inputs ?? {};
    return { kubeconfig: valueOf(kubeconfig), context, cluster };
  });
}

/** The value of a secret, without the mark that Pulumi adds for the engine. */
function valueOf(input: unknown): unknown {
  return typeof input === 'object' && input !== null && 'value' in input ? input.value : input;
}

describe('the cluster of a MeshDeployment', () => {
  const ambient = process.env.KUBECONFIG;

  beforeEach(() => {
    process.env.KUBECONFIG = '/ambient';
    pulumi.runtime.setAllConfig({});
  });

  afterAll(() => {
    if (ambient === undefined) {
      delete process.env.KUBECONFIG;
    } else {
      process.env.KUBECONFIG = ambient;
    }
  });

  const given = (inputs: kubernetes.ProviderArgs) => new kubernetes.Provider('given', inputs);

  test.each<[string, () => pulumi.ComponentResourceOptions]>([
    ['provider', () => ({ provider: given({ kubeconfig: KUBECONFIG, context: 'east' }) })],
    ['providers, as a list', () => ({ providers: [given({ kubeconfig: KUBECONFIG, context: 'east' })] })],
    ['providers, as a map', () => ({ providers: { kubernetes: given({ kubeconfig: KUBECONFIG, context: 'east' }) } })],
    [
      'the provider of a parent',
      () => ({ parent: new Platform({ providers: [given({ kubeconfig: KUBECONFIG, context: 'east' })] }) }),
    ],
    [
      'a provider of outputs',
      () => ({ provider: given({ kubeconfig: pulumi.secret(KUBECONFIG), context: pulumi.output('east') }) }),
    ],
  ])('is that of %s', async (_, opts) => {
    for (const preview of [false, true]) {
      const resources = await registeredBy(() => mesh({}, opts()), { preview });
      const expected = { kubeconfig: KUBECONFIG, context: 'east', cluster: undefined };
      expect(clustersOf(resources)).toEqual([expected, expected]);
    }
  });

  test('is not known yet in a preview where its kubeconfig is not, and so is nothing of another cluster', async () => {
    const kubeconfig = pulumi.output(pulumi.unknown) as unknown as pulumi.Output<string>;
    const resources = await registeredBy(() => mesh({}, { provider: given({ kubeconfig, context: 'east' }) }), {
      preview: true,
    });
    const expected = { kubeconfig: pulumi.unknown, context: 'east', cluster: undefined };
    expect(clustersOf(resources)).toEqual([expected, expected]);
  });

  test('takes every other input of the provider along, and updates ConfigMaps and Secrets in place', async () => {
    const provider = () => given({ cluster: 'blue', namespace: 'apps', enableServerSideApply: false });
    const resources = await registeredBy(() => mesh({}, { provider: provider() }));
    const { inputs } = resources.find(({ name }) => name === 'mesh-kubernetes') ?? {};
    expect({ ...inputs, kubeconfig: valueOf(inputs?.kubeconfig) }).toEqual({
      kubeconfig: '/ambient',
      cluster: 'blue',
      namespace: 'apps',
      enableServerSideApply: 'false',
      enableConfigMapMutable: 'true',
      enableSecretMutable: 'true',
    });
    expect(clustersOf(resources)[1]).toEqual({ kubeconfig: '/ambient', context: undefined, cluster: 'blue' });
  });

  test('is a kubeconfig that comes as an object, as some packages put it out', async () => {
    const kubeconfig = pulumi.output({ apiVersion: 'v1', kind: 'Config' }) as unknown as pulumi.Output<string>;
    const resources = await registeredBy(() => mesh({}, { provider: given({ kubeconfig }) }));
    expect(clustersOf(resources)[1]).toMatchObject({ kubeconfig: '{"apiVersion":"v1","kind":"Config"}' });
  });

  test('is left to the Kubernetes provider where nothing names it', async () => {
    const resources = await registeredBy(() => mesh({}));
    const expected = { kubeconfig: undefined, context: undefined, cluster: undefined };
    expect(clustersOf(resources)).toEqual([expected, expected]);
  });

  test('may not be selected by both a provider and a context', async () => {
    await expect(
      registeredBy(() => mesh({ context: 'west' }, { provider: given({ kubeconfig: KUBECONFIG }) })),
    ).rejects.toThrow(
      'Both a Kubernetes provider and the argument context select a cluster; remove the argument context, or pass a kubernetes.Provider that is created with it.',
    );
  });

  test('is not guessed where the inputs of the provider cannot be read', async () => {
    class Reference extends pulumi.ProviderResource {
      constructor() {
        super('kubernetes', 'reference', {});
      }
    }
    await expect(registeredBy(() => mesh({}, { provider: new Reference() }))).rejects.toThrow(
      'The inputs of its Kubernetes provider cannot be read, so its cluster is unknown; pass a provider that is created with a kubeconfig and new kubernetes.Provider(…) of @pulumi/kubernetes.',
    );
  });

  test('comes with a secret for what a Secret holds', async () => {
    const chart = meshChart();
    const metadata = { name: 'credentials', namespace: 'shop' };
    new ApiObject(chart, 'secret', { apiVersion: 'v1', kind: 'Secret', metadata, stringData: { password: 'p' } });
    const resources = await registeredBy(() => new MeshDeployment('mesh', { chart, kubeconfig: KUBECONFIG }));
    const { inputs, type } = resources.find(({ name }) => name === 'mesh/Secret/shop/credentials') ?? {};
    expect(type).toBe('kubernetes:core/v1:Secret');
    expect(inputs?.stringData).toMatchObject({ value: { password: 'p' } });
  });
});

describe('ambientInputs', () => {
  const config = {
    'kubernetes:kubeconfig': '/of-stack',
    'kubernetes:context': 'east',
    'kubernetes:cluster': 'blue',
    'kubernetes:namespace': 'apps',
    'other:context': 'none',
  };

  test.each([
    [{}, { kubeconfig: '/of-stack', context: 'east', cluster: 'blue', namespace: 'apps' }],
    [{ cluster: 'green' }, { kubeconfig: '/of-stack', context: 'east', cluster: 'green', namespace: 'apps' }],
    [{ context: 'west' }, { kubeconfig: '/of-stack', context: 'west', namespace: 'apps' }],
    [{ kubeconfig: '/own' }, { kubeconfig: '/own', namespace: 'apps' }],
    [
      { kubeconfig: '/own', context: 'west' },
      { kubeconfig: '/own', context: 'west', namespace: 'apps' },
    ],
  ])('of arguments %j are completed from the configuration of the stack', (args, expected) => {
    expect(ambientInputs(config, args)).toEqual(expected);
  });
});
