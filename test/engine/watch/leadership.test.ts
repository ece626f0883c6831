import { setTimeout as sleep } from 'node:timers/promises';
import { whileLeading } from '../../../lib/engine/watch/leadership';
import { FakeApiServer, refusal, type FakeAnswer, type FakeRequest } from '../fake-api-server';

const COLLECTION = '/apis/coordination.k8s.io/v1/namespaces/istio-system/leases';
/** Short, but long enough to renew a Lease in time on a busy machine. */
const durationSeconds = 3;
const TIMEOUT = 30_000;

interface Lease {
  readonly metadata: { readonly resourceVersion?: string };
  readonly spec: { readonly holderIdentity: string; readonly leaseTransitions: number };
}

/** The Leases of an API server, with its optimistic locking. */
class Leases {
  lease: Lease | undefined;
  isDown = false;
  private version = 0;

  readonly answer = ({ method, path, body }: FakeRequest): FakeAnswer => {
    if (this.isDown) {
      return refusal(503, 'ServiceUnavailable', 'down');
    }
    if (method === 'GET') {
      return this.lease ? { body: this.lease } : refusal(404, 'NotFound', 'leases "restarter" not found');
    }
    const given = body as Lease;
    const isCreated = method === 'POST' && path === COLLECTION && this.lease === undefined;
    const isUpdated = method === 'PUT' && given.metadata.resourceVersion === this.lease?.metadata.resourceVersion;
    if (!isCreated && !isUpdated) {
      return refusal(409, 'Conflict', 'the object has been modified');
    }
    this.lease = { ...given, metadata: { ...given.metadata, resourceVersion: String(++this.version) } };
    return { body: this.lease };
  };
}

describe('leadership', () => {
  const leases = { current: new Leases() };
  let server: FakeApiServer;
  let ending: AbortController;

  beforeEach(async () => {
    leases.current = new Leases();
    server = await FakeApiServer.start((request) => leases.current.answer(request));
    ending = new AbortController();
  });

  afterEach(async () => {
    ending.abort();
    await server.close();
  });

  interface Process {
    readonly begun: Promise<void>;
    readonly ended: Promise<void>;
    readonly end: () => void;
    readonly waitsFor: string[];
    readonly told: string[];
    lost: number;
  }

  /** Starts a process that works until it is asked to end. */
  async function start(identity: string): Promise<Process> {
    const api = await server.api();
    let [begin, end]: (() => void)[] = [];
    const told = new Promise<void>((resolve) => (end = resolve));
    const process: { -readonly [K in keyof Process]: Process[K] } = {
      begun: new Promise((resolve) => (begin = resolve)),
      ended: Promise.resolve(),
      end: () => end?.(),
      waitsFor: [],
      told: [],
      lost: 0,
    };
    const work = async (lost: AbortSignal) => {
      begin?.();
      const isLost = new Promise<void>((resolve) => {
        lost.addEventListener('abort', () => {
          process.lost += 1;
          resolve();
        });
      });
      await Promise.race([told, isLost]);
    };
    const onWait = (holder: string) => process.waitsFor.push(holder);
    const onLoss = () => process.told.push('lost');
    const onTrouble = (message: string) => process.told.push(message);
    const lease = { namespace: 'istio-system', name: 'restarter', identity, durationSeconds };
    process.ended = whileLeading(api, lease, { work, onWait, onLoss, onTrouble, until: ending.signal });
    return process;
  }

  test(
    'is one process at a time, renewed, and left to the next one at the end',
    async () => {
      const first = await start('first');
      await first.begun;
      const second = await start('second');
      await sleep(durationSeconds * 2_000);
      expect(second.waitsFor).toEqual(['first']);
      expect(first.lost).toBe(0);
      first.end();
      await first.ended;
      await second.begun;
      expect(leases.current.lease?.spec).toMatchObject({ holderIdentity: 'second', leaseTransitions: 1 });
      second.end();
      await second.ended;
      expect(leases.current.lease?.spec.holderIdentity).toBe('');
    },
    TIMEOUT,
  );

  test(
    'is lost when it cannot be renewed, and taken up again',
    async () => {
      const first = await start('first');
      await first.begun;
      leases.current.isDown = true;
      while (first.told.length < 2) await sleep(100);
      expect(first.told).toEqual(['lost', 'down']);
      expect(first.lost).toBe(1);
      leases.current.isDown = false;
      await sleep(durationSeconds * 1_000);
      expect(leases.current.lease?.spec.holderIdentity).toBe('first');
      first.end();
      await first.ended;
    },
    TIMEOUT,
  );

  test(
    'goes to another process when the leader is gone without a word',
    async () => {
      leases.current.answer({
        ...{ method: 'POST', path: COLLECTION, query: new URLSearchParams(), headers: {} },
        body: {
          metadata: {},
          spec: { holderIdentity: 'gone', leaseDurationSeconds: durationSeconds, leaseTransitions: 3 },
        },
      });
      const next = await start('next');
      await next.begun;
      expect(next.waitsFor).toEqual(['gone']);
      expect(leases.current.lease?.spec).toMatchObject({ holderIdentity: 'next', leaseTransitions: 4 });
      next.end();
      await next.ended;
    },
    TIMEOUT,
  );

  test(
    'leaves in the Lease what a newer version has written there',
    async () => {
      const others = {
        metadata: { annotations: { 'istio-module/version': '99.0.0' }, labels: { app: 'restarter' } },
        spec: { strategy: 'OldestEmulationVersion', preferredHolder: 'newer' },
      };
      leases.current.answer({
        ...{ method: 'POST', path: COLLECTION, query: new URLSearchParams(), headers: {} },
        body: { ...others, spec: { ...others.spec, holderIdentity: '', leaseDurationSeconds: 1 } },
      });
      const next = await start('next');
      await next.begun;
      expect(leases.current.lease).toMatchObject({ ...others, spec: { ...others.spec, holderIdentity: 'next' } });
      next.end();
      await next.ended;
      expect(leases.current.lease).toMatchObject({ ...others, spec: { ...others.spec, holderIdentity: '' } });
    },
    TIMEOUT,
  );

  test.each([{}, { spec: {} }, { spec: { holderIdentity: 'gone' } }, { spec: { renewTime: 'yesterday' } }])(
    'is taken where the Lease %j has no holder, or no valid times',
    async (lease) => {
      leases.current.answer({
        ...{ method: 'POST', path: COLLECTION, query: new URLSearchParams(), headers: {} },
        body: { metadata: {}, ...lease },
      });
      const next = await start('next');
      await next.begun;
      expect(leases.current.lease?.spec).toMatchObject({ holderIdentity: 'next', leaseTransitions: 1 });
      next.end();
      await next.ended;
    },
    TIMEOUT,
  );

  test(
    'is no longer waited for when the process is asked to end',
    async () => {
      const first = await start('first');
      await first.begun;
      const second = await start('second');
      ending.abort();
      await second.ended;
      expect(second.lost).toBe(0);
      first.end();
      await first.ended;
    },
    TIMEOUT,
  );

  test(
    'fails without the permission to read Leases',
    async () => {
      const message =
        'leases.coordination.k8s.io "restarter" is forbidden: User "ci" cannot get resource "leases" in API group "coordination.k8s.io"';
      Object.assign(leases.current, { answer: () => refusal(403, 'Forbidden', message) });
      await expect((await start('first')).ended).rejects.toMatchObject({ status: 403 });
    },
    TIMEOUT,
  );
});
