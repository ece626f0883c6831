import { wavesOf } from '../../../lib/engine/rollout/waves';

interface Place {
  readonly namespace?: string;
  readonly namespaceOrder?: number;
  readonly isGateway?: boolean;
}

const member = (
  name: string,
  order = 0,
  { namespace = 'shop', namespaceOrder = 0, isGateway = false }: Place = {},
) => ({
  ...{ name, order, namespace, namespaceOrder, isGateway },
});
const names = (members: readonly ReturnType<typeof member>[]) =>
  wavesOf(members).map((wave) => wave.map(({ name }) => name));

test('waves go by the order of namespaces, and gateways come after everything else', () => {
  expect(
    names([
      member('ingress', 0, { namespace: 'edge', namespaceOrder: -5, isGateway: true }),
      member('web'),
      member('db', 0, { namespace: 'data', namespaceOrder: -1 }),
      member('api', 0, { namespace: 'bank' }),
      member('egress', 0, { isGateway: true }),
      member('last', 0, { namespace: 'late', namespaceOrder: 10 }),
    ]),
  ).toEqual([['db'], ['web', 'api'], ['last'], ['ingress'], ['egress']]);
  expect(wavesOf([])).toEqual([]);
});

test('within a wave the workloads of a namespace are by their own order, and come before no other namespace by it', () => {
  const members = [
    member('cart', 1, { namespace: 'bank' }),
    member('db', -1, { namespace: 'bank' }),
    member('web', 0, { namespace: 'bank' }),
    member('pushy', -999_999_999, { namespace: 'evil' }),
    member('shy', 5, { namespace: 'evil' }),
    member('api', 0),
  ];
  expect(names(members)).toEqual([['db', 'web', 'cart', 'pushy', 'shy', 'api']]);
});
