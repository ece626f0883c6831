import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubernetesApi } from '../../../lib/engine/cluster/api';
import { connect, type Connection } from '../../../lib/engine/cluster/connection';
import { FakeApiServer, kubeconfigFor, refusal } from '../fake-api-server';
import { Certificates, type Certified } from './certificates';

describe('credentials in files', () => {
  const certificates = new Certificates();
  const authority = certificates.authority('authority');
  const server = certificates.server('server', authority, ['IP:127.0.0.1']);
  const [first, second] = [certificates.client('first', authority), certificates.client('second', authority)];
  const folder = mkdtempSync(join(tmpdir(), 'renewal-'));
  const file = (name: string) => join(folder, name);
  let connection: Connection | undefined;

  afterEach(() => {
    connection?.close();
    jest.restoreAllMocks();
  });

  afterAll(() => {
    certificates.remove();
    rmSync(folder, { recursive: true });
  });

  const withUser = (url: string, user: string) => kubeconfigFor(url).replace('token: a-token', user);
  const CERTIFICATE = `client-certificate: ${file('cert')}, client-key: ${file('key')}`;

  function store({ cert, key }: Certified): void {
    writeFileSync(file('cert'), cert);
    writeFileSync(file('key'), key);
  }

  function later(seconds: number): void {
    const now = Date.now();
    jest.spyOn(Date, 'now').mockReturnValue(now + seconds * 1000);
  }

  async function authorization(): Promise<unknown> {
    return (await connection?.access())?.headers.Authorization;
  }

  test('a token is read again after about a minute, not for each request', async () => {
    writeFileSync(file('token'), 'old\n');
    connection = await connect({ kubeconfig: withUser('https://127.0.0.1:1', `tokenFile: ${file('token')}`) });
    writeFileSync(file('token'), 'new\n');
    expect(await authorization()).toBe('Bearer old');
    later(60);
    expect(await authorization()).toBe('Bearer new');
  });

  test('a token that can no longer be read stays in use', async () => {
    writeFileSync(file('token'), 'old\n');
    connection = await connect({ kubeconfig: withUser('https://127.0.0.1:1', `tokenFile: ${file('token')}`) });
    rmSync(file('token'));
    later(60);
    expect(await authorization()).toBe('Bearer old');
  });

  test('a client certificate is read again when it is refused, and connections are made with the new one', async () => {
    store(first);
    const fake = await FakeApiServer.start(
      ({ client }) => (client === 'second' ? { body: { client } } : refusal(401, 'Unauthorized', 'Unauthorized')),
      server,
    );
    const api = await KubernetesApi.open({ kubeconfig: withUser(fake.url, CERTIFICATE) });
    try {
      store(second);
      await api.pause(5);
      expect(await api.get('/version')).toEqual({ client: 'second' });
      expect(fake.requests.map(({ client }) => client)).toEqual(['first', 'second']);
    } finally {
      api.close();
      await fake.close();
    }
  });

  test('a client certificate is not used before its key exists', async () => {
    store(first);
    connection = await connect({ kubeconfig: withUser('https://127.0.0.1:1', CERTIFICATE) });
    const { agent } = await connection.access();
    writeFileSync(file('cert'), second.cert);
    later(60);
    expect((await connection.access()).agent).toBe(agent);
    store(second);
    later(60);
    expect((await connection.access()).agent).not.toBe(agent);
  });
});
