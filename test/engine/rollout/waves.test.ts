import { wavesOf } from '../../../lib/engine/rollout/waves';

test('waves go by order, and gateways come after everything else', () => {
  const member = (name: string, order: number, isGateway = false) => ({ name, order, isGateway });
  const waves = wavesOf([
    member('ingress', -5, true),
    member('web', 0),
    member('db', -1),
    member('api', 0),
    member('egress', 0, true),
    member('last', 10),
  ]);
  expect(waves.map((wave) => wave.map(({ name }) => name))).toEqual([
    ['db'],
    ['web', 'api'],
    ['last'],
    ['ingress'],
    ['egress'],
  ]);
  expect(wavesOf([])).toEqual([]);
});
