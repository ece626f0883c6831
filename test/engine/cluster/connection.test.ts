import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os, { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { connect } from '../../../lib/engine/cluster/connection';
import { kubeconfigFor } from '../fake-api-server';

const TWO_CONTEXTS = `apiVersion: v1
kind: Config
current-context: one
clusters:
  - { name: one, cluster: { server: "https://one.example:6443" } }
  - { name: two, cluster: { server: "http://two.example:8080", insecure-skip-tls-verify: true } }
users:
  - { name: someone, user: { username: me, password: pw } }
contexts:
  - { name: one, context: { cluster: one, user: someone } }
  - { name: two, context: { cluster: two, user: someone } }
  - { name: three, context: { cluster: nowhere, user: someone } }
`;

describe('connect', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'));
  const file = join(folder, 'config');
  writeFileSync(file, TWO_CONTEXTS);

  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test.each([
    ['the contents', TWO_CONTEXTS],
    ['the path', file],
  ])('takes %s of a kubeconfig, and its current context', async (_, kubeconfig) => {
    const connection = await connect({ kubeconfig });
    expect([connection.server.href, connection.context]).toEqual(['https://one.example:6443/', 'one']);
    connection.close();
  });

  test('uses the context it is given', async () => {
    const connection = await connect({ kubeconfig: file, context: 'two' });
    expect([connection.server.href, connection.context]).toEqual(['http://two.example:8080/', 'two']);
    connection.close();
  });

  test('uses the cluster it is given, whatever that of the context', async () => {
    const connection = await connect({ kubeconfig: file, context: 'three', cluster: 'two' });
    expect([connection.server.href, connection.context]).toEqual(['http://two.example:8080/', 'three']);
    connection.close();
  });

  test('takes a path below the home directory', async () => {
    const home = jest.spyOn(os, 'homedir').mockReturnValue(folder);
    const connection = await connect({ kubeconfig: '~/config' });
    expect(connection.server.href).toBe('https://one.example:6443/');
    connection.close();
    home.mockRestore();
  });

  test('lists the clusters there are when the one it is given is not among them', async () => {
    await expect(connect({ kubeconfig: file, cluster: 'four' })).rejects.toMatchObject({
      code: 'KubeconfigInvalid',
      message: 'The kubeconfig has no cluster "four"; it has "one", "two"; fix its name.',
    });
  });

  test('authenticates with a token, or with a name and a password', async () => {
    const token = await connect({ kubeconfig: kubeconfigFor('https://127.0.0.1:1') });
    expect((await token.access()).headers).toEqual({ Authorization: 'Bearer a-token' });
    const basic = await connect({ kubeconfig: file });
    const authorization = `Basic ${Buffer.from('me:pw').toString('base64')}`;
    expect((await basic.access()).headers).toEqual({ Authorization: authorization });
  });

  test('names the file that cannot be read', async () => {
    const missing = join(folder, 'missing');
    await expect(connect({ kubeconfig: missing })).rejects.toMatchObject({
      code: 'KubeconfigInvalid',
      message: expect.stringMatching(
        new RegExp(
          `^The kubeconfig ${missing} cannot be read: .*ENOENT: no such file or directory, open '${missing}'; pass the path or the contents of a valid kubeconfig\\.$`,
        ),
      ) as string,
    });
  });

  test.each(['', '\n'])('says that a file holds no kubeconfig: %j', async (content) => {
    const empty = join(folder, 'empty');
    writeFileSync(empty, content);
    await expect(connect({ kubeconfig: empty })).rejects.toMatchObject({
      code: 'KubeconfigInvalid',
      message: `The kubeconfig ${empty} cannot be read: it does not contain a kubeconfig; pass the path or the contents of a valid kubeconfig.`,
    });
  });

  test('says that there is no kubeconfig where there is none', async () => {
    const { HOME, KUBECONFIG } = process.env;
    process.env.HOME = join(folder, 'no-home');
    delete process.env.KUBECONFIG;
    try {
      await expect(connect()).rejects.toMatchObject({
        code: 'KubeconfigInvalid',
        message:
          'There is no kubeconfig: KUBECONFIG is not set, ~/.kube/config is missing or empty, and this process does not run in a pod with a service account; pass the path or the contents of a kubeconfig.',
      });
      await expect(connect({ context: 'prod' })).rejects.toMatchObject({
        code: 'KubeconfigInvalid',
        message:
          'There is no kubeconfig with the context "prod": KUBECONFIG is not set, ~/.kube/config is missing or empty; pass the path or the contents of a kubeconfig with this context.',
      });
    } finally {
      Object.assign(process.env, { HOME, ...(KUBECONFIG === undefined ? {} : { KUBECONFIG }) });
    }
  });

  test('reaches a server without TLS, such as kubectl proxy, without a further flag, and sends it no credentials', async () => {
    const kubeconfig = kubeconfigFor('http://127.0.0.1:8001').replace(', insecure-skip-tls-verify: true', '');
    const connection = await connect({ kubeconfig });
    expect((await connection.access()).headers).toEqual({});
    connection.close();
  });

  test('does not repeat the contents of a kubeconfig that it cannot read, but names the line', async () => {
    const kubeconfig = 'apiVersion: v1\nusers: [{ name: a, user: { token: abc-secret } }\ncontexts: "abc-secret';
    const error = await connect({ kubeconfig }).catch((reason: unknown) => reason);
    expect(inspect(error, { depth: 10 })).toMatch(
      /^RestartError: The kubeconfig that was passed in cannot be read: line \d is not YAML \([a-z ]+\); pass the path/,
    );
    expect(inspect(error, { depth: 10 })).not.toContain('abc-secret');
  });

  test('lists the contexts there are when the one it is given is not among them', async () => {
    await expect(connect({ kubeconfig: file, context: 'four' })).rejects.toMatchObject({
      code: 'KubeconfigInvalid',
      message: 'The kubeconfig has no context "four"; it has "one", "two", "three".',
    });
  });

  test('names the context that points at no cluster', async () => {
    await expect(connect({ kubeconfig: file, context: 'three' })).rejects.toMatchObject({
      code: 'KubeconfigInvalid',
      message: 'The kubeconfig has no cluster for its context "three"; fix the context in the kubeconfig.',
    });
  });

  test.each(['example.com:6443', 'https://two words'])('names the server that is not a URL: %s', async (server) => {
    await expect(connect({ kubeconfig: kubeconfigFor(server) })).rejects.toMatchObject({
      code: 'KubeconfigInvalid',
      message: `The server "${server}" of context "fake" is not a URL; write a URL such as https://127.0.0.1:6443.`,
    });
  });

  test('says at once that a client certificate is invalid', async () => {
    const data = Buffer.from('no certificate').toString('base64');
    const kubeconfig = kubeconfigFor('https://127.0.0.1:1').replace(
      'token: a-token',
      `client-certificate-data: ${data}, client-key-data: ${data}`,
    );
    await expect(connect({ kubeconfig })).rejects.toMatchObject({
      code: 'KubeconfigInvalid',
      message: expect.stringMatching(
        /^The credentials of context "fake" cannot be used: .*PEM routines.*; check its user in the kubeconfig\.$/,
      ) as string,
    });
  });

  test('says whose credentials cannot be used', async () => {
    const kubeconfig = kubeconfigFor('https://127.0.0.1:1').replace(
      'token: a-token',
      'exec: { apiVersion: client.authentication.k8s.io/v1, command: no-such-program-anywhere, interactiveMode: Never }',
    );
    await expect(connect({ kubeconfig })).rejects.toMatchObject({
      code: 'KubeconfigInvalid',
      message: expect.stringMatching(
        /^The credentials of context "fake" cannot be used: .*no-such-program-anywhere.*; check its user in the kubeconfig\.$/s,
      ) as string,
    });
  });
});
