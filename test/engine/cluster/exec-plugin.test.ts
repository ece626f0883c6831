import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubernetesApi } from '../../../lib/engine/cluster/api';
import { connect, type Connection } from '../../../lib/engine/cluster/connection';
import { FakeApiServer, kubeconfigFor, refusal } from '../fake-api-server';
import { isRunning } from '../../control-plane/process-tree';
import { Certificates, type Certified } from './certificates';

const VERSION = 'client.authentication.k8s.io/v1';

describe('the plugin of a kubeconfig', () => {
  const certificates = new Certificates();
  const authority = certificates.authority('authority');
  const server = certificates.server('server', authority, ['IP:127.0.0.1']);
  let directory: string;
  let connection: Connection | undefined;

  afterAll(() => {
    certificates.remove();
  });

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'plugin-'));
  });

  afterEach(() => {
    connection?.close();
    connection = undefined;
    rmSync(directory, { recursive: true });
  });

  const file = (name: string) => join(directory, name);
  const runs = () => (existsSync(file('runs')) ? readFileSync(file('runs'), 'utf8').length : 0);

  function prints(status: object): void {
    writeFileSync(file('credential'), JSON.stringify({ apiVersion: VERSION, kind: 'ExecCredential', status }));
  }

  /** A kubeconfig with a plugin that counts its runs, runs further commands, and prints a status from a file. */
  function kubeconfigOf(status: object, more: string, server: string): string {
    prints(status);
    writeFileSync(file('plugin'), `cd ${directory}\nprintf x >> runs\n${more}\ncat credential\n`);
    const exec = { apiVersion: VERSION, command: 'sh', args: [file('plugin')], interactiveMode: 'Never' };
    const user = `exec: ${JSON.stringify({ ...exec, env: [{ name: 'TENANT', value: 'shop' }] })}`;
    return kubeconfigFor(server).replace('token: a-token', user);
  }

  const headersOf = (connected: Connection) => async (signal?: AbortSignal) => (await connected.access(signal)).headers;

  async function connected(status: object, more = ''): Promise<Connection> {
    const kubeconfig = kubeconfigOf(status, more, 'https://127.0.0.1:1');
    connection = await connect({ kubeconfig });
    return connection;
  }

  test('runs once for all requests, where its token does not say when it expires', async () => {
    const headers = headersOf(await connected({ token: 'secret' }));
    const all = await Promise.all(Array.from({ length: 10 }, () => headers()));
    expect([...all, await headers()]).toEqual(Array.from({ length: 11 }, () => ({ Authorization: 'Bearer secret' })));
    expect(runs()).toBe(1);
  });

  test('runs again when its token has expired, once for requests at the same time', async () => {
    const headers = headersOf(await connected({ token: 'old', expirationTimestamp: '2020-01-01T00:00:00Z' }));
    expect(runs()).toBe(1);
    prints({ token: 'new', expirationTimestamp: '2999-01-01T00:00:00Z' });
    const all = await Promise.all([headers(), headers(), headers()]);
    expect(all).toEqual(all.map(() => ({ Authorization: 'Bearer new' })));
    expect(runs()).toBe(2);
  });

  test('runs again when the API server refuses its token, and once more is enough', async () => {
    const fake = await FakeApiServer.start(
      ({ headers, path }) =>
        path !== '/denied' && headers.authorization === 'Bearer new'
          ? { body: { ok: true } }
          : refusal(401, 'Unauthorized', 'Unauthorized'),
      server,
    );
    const api = await KubernetesApi.open({ kubeconfig: kubeconfigOf({ token: 'old' }, '', fake.url) });
    try {
      prints({ token: 'new' });
      // Without this pause, the request might have the same millisecond as the credentials.
      await api.pause(5);
      expect(await Promise.all([api.get('/one'), api.get('/two')])).toEqual([{ ok: true }, { ok: true }]);
      expect(runs()).toBe(2);
      await expect(api.get('/denied')).rejects.toMatchObject({ status: 401 });
    } finally {
      api.close();
      await fake.close();
    }
  });

  test('hands out another client certificate when the first one is refused, and connections are made with it', async () => {
    const status = ({ cert, key }: Certified) => ({ clientCertificateData: cert, clientKeyData: key });
    const [old, renewed] = [certificates.client('old', authority), certificates.client('renewed', authority)];
    let trouble = 1;
    const fake = await FakeApiServer.start(({ client }) => {
      if (trouble > 0) {
        trouble -= 1;
        return { status: 503, headers: { 'retry-after': '0' } };
      }
      return client === 'renewed' ? { body: { client } } : refusal(401, 'Unauthorized', 'Unauthorized');
    }, server);
    const api = await KubernetesApi.open({ kubeconfig: kubeconfigOf(status(old), '', fake.url) });
    try {
      prints(status(renewed));
      await api.pause(5);
      expect(await api.get('/version')).toEqual({ client: 'renewed' });
      expect(fake.requests.map(({ client }) => client)).toEqual(['old', 'old', 'renewed']);
      expect(runs()).toBe(2);
    } finally {
      api.close();
      await fake.close();
    }
  });

  test('has its environment, and no input to wait for', async () => {
    const headers = headersOf(
      await connected({ token: 'secret' }, 'read answer; printf %s "$TENANT-$answer-$KUBERNETES_EXEC_INFO" > seen'),
    );
    expect(await headers()).toEqual({ Authorization: 'Bearer secret' });
    expect(readFileSync(file('seen'), 'utf8')).toBe(
      'shop--{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","spec":{"interactive":false}}',
    );
  });

  test('that fails is reported in its own words, on one line', async () => {
    await expect(connected({}, 'printf "token expired\\nlog in again\\n" >&2; exit 1')).rejects.toMatchObject({
      code: 'KubeconfigInvalid',
      message:
        'The credentials of context "fake" cannot be used: sh failed: token expired log in again; check its user in the kubeconfig.',
    });
  });

  /** `exec` replaces the shell with sleep, so that killing the plugin kills sleep. */
  const WAITS = 'echo $$ > pid; exec sleep 60';

  async function isEnded(): Promise<void> {
    const pid = Number(readFileSync(file('pid'), 'utf8'));
    while (isRunning(pid)) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  test('that takes longer than a request may is ended and reported', async () => {
    const kubeconfig = kubeconfigOf({}, WAITS, 'https://127.0.0.1:1');
    await expect(KubernetesApi.open({ kubeconfig, requestTimeoutSeconds: 1 })).rejects.toMatchObject({
      code: 'KubeconfigInvalid',
      message:
        'The credentials of context "fake" cannot be used: sh was stopped: no answer within 1 s; check its user in the kubeconfig.',
    });
    await isEnded();
  });

  test('is ended when its caller stops, before a request or during one', async () => {
    const waiting = kubeconfigOf({}, WAITS, 'https://127.0.0.1:1');
    const stopping = { kubeconfig: waiting, signal: AbortSignal.timeout(1_000) };
    await expect(KubernetesApi.open(stopping)).rejects.toMatchObject({ code: 'Aborted' });
    await isEnded();

    const caller = new AbortController();
    const expired = { token: 'old', expirationTimestamp: '2020-01-01T00:00:00Z' };
    const kubeconfig = kubeconfigOf(expired, `[ ! -e again ] || { ${WAITS}; }; touch again`, 'https://127.0.0.1:1');
    const api = await KubernetesApi.open({ kubeconfig, signal: caller.signal });
    rmSync(file('pid'));
    const answer = api.get('/version');
    const stop = setInterval(() => {
      if (existsSync(file('pid'))) caller.abort();
    }, 10);
    await expect(answer).rejects.toMatchObject({ code: 'Aborted' });
    clearInterval(stop);
    api.close();
    await isEnded();
  });

  test('continues as long as one of several callers waits for it', async () => {
    const headers = headersOf(await connected({ token: 'old', expirationTimestamp: '2020-01-01T00:00:00Z' }));
    const caller = new AbortController();
    const given = headers(caller.signal);
    const other = headers();
    caller.abort(new Error('stopped'));
    await expect(given).rejects.toMatchObject({ code: 'KubeconfigInvalid' });
    expect(await other).toEqual({ Authorization: 'Bearer old' });
    expect(runs()).toBe(2);
  });
});
