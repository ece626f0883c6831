import { onRealNode } from '../control-plane/real-node/on-real-node';
import { OnlineShop, SERVICES } from './online-shop';

const MINUTES = 60_000;
const older = 'docker.io/istio/proxyv2:1.30.2-distroless';
const current = 'docker.io/istio/proxyv2:1.31.1-distroless';
/** Factor of the clients' rates, since two cores have other tests to run, too. */
const scale = 0.3;

onRealNode('a mesh of ten services under constant load', () => {
  let onlineShop: OnlineShop;
  let requests = 0;

  beforeAll(async () => {
    onlineShop = await OnlineShop.start();
    await onlineShop.install({ version: 'older' });
    expect(await onlineShop.proxies()).toEqual([older]);
  }, 15 * MINUTES);

  afterAll(async () => {
    await (onlineShop as OnlineShop | undefined)?.stop();
  }, MINUTES);

  async function withoutFailure(work: () => Promise<unknown>): Promise<void> {
    const { total, failures } = await onlineShop.underLoad(work, { scale });
    expect(failures).toEqual({});
    requests += total.withCalls;
  }

  async function restart(selector?: string): Promise<string[]> {
    const { restarted } = await onlineShop.restart(selector);
    return restarted.map(({ name }) => name).sort();
  }

  const tier = ['api', 'mobile', 'web'];
  const everything = [...Object.keys(SERVICES), 'ingress'].sort();

  test(
    'goes half-way from Istio 1.30 to 1.31, and back, without one failed request',
    async () => {
      await withoutFailure(async () => {
        await onlineShop.apply({ version: 'current' });
        expect(await restart(`app in (${tier.join(',')})`)).toEqual(tier);
        expect(await onlineShop.proxies()).toEqual([older, current]);
        await onlineShop.apply({ version: 'older' });
        await restart();
      });
      expect(await onlineShop.proxies()).toEqual([older]);
    },
    10 * MINUTES,
  );

  test(
    'goes from Istio 1.30 to 1.31, and back, without one failed request',
    async () => {
      await withoutFailure(async () => {
        await onlineShop.apply({ version: 'current' });
        expect(everything).toEqual(expect.arrayContaining(await restart()));
      });
      expect(await onlineShop.proxies()).toEqual([current]);
      await withoutFailure(async () => {
        await onlineShop.apply({ version: 'older' });
        await restart();
      });
      expect(await onlineShop.proxies()).toEqual([older]);
      expect(requests).toBeGreaterThan(5_000);
      process.stdout.write(`${String(requests)} requests, none of which failed\n`);
    },
    15 * MINUTES,
  );
});
