import os from 'node:os';
import { parse } from 'yaml';
import { findIstioctl, kubeInject } from '../../../../lib/engine/plan/prediction/istioctl';
import { isRunning } from '../../../control-plane/process-tree';
import { configurationOf, FAKE_ISTIOCTL, Scratch, uninjectedPod } from './offline-mesh';

const REMEDY = 'pass another one with --istioctl or the environment variable ISTIOCTL.';
const VERSION = '\'{"clientVersion":{"version":"v1.31.1"}}\'';

let scratch: Scratch;
const { PATH, ISTIOCTL } = process.env;

beforeEach(async () => {
  scratch = await Scratch.make();
  Reflect.deleteProperty(process.env, 'ISTIOCTL');
});

afterEach(async () => {
  expect(await scratch.leftovers()).toEqual([]);
  jest.restoreAllMocks();
  process.env.PATH = PATH;
  if (ISTIOCTL !== undefined) process.env.ISTIOCTL = ISTIOCTL;
  await scratch.remove();
});

/** A time limit that expires when the test aborts it. */
function timeLimit(): AbortController {
  const limit = new AbortController();
  jest.spyOn(AbortSignal, 'timeout').mockReturnValue(limit.signal);
  return limit;
}

describe('findIstioctl', () => {
  test('takes the one that is named, then the variable’s, then the one on the PATH', async () => {
    const other = await scratch.program(`echo ${VERSION}`);
    process.env.PATH = `${scratch.path}:${PATH ?? ''}`;
    expect(await findIstioctl()).toEqual({ path: 'istioctl', version: '1.31.1' });
    process.env.ISTIOCTL = other;
    expect(await findIstioctl()).toEqual({ path: other, version: '1.31.1' });
    expect(await findIstioctl(FAKE_ISTIOCTL.path)).toEqual(FAKE_ISTIOCTL);
  });

  test('finds none where none is named and none is on the PATH', async () => {
    process.env.PATH = scratch.path;
    expect(await findIstioctl()).toBeUndefined();
  });

  test('refuses one that is named and is not there', async () => {
    await expect(findIstioctl('/no/such/istioctl')).rejects.toMatchObject({
      code: 'InvalidOption',
      message: `istioctl at /no/such/istioctl cannot be used: spawn /no/such/istioctl ENOENT; ${REMEDY}`,
    });
  });

  test('refuses one that may not be run', async () => {
    const path = await scratch.program('exit 0', 0o644);
    await expect(findIstioctl(path)).rejects.toMatchObject({
      code: 'InvalidOption',
      message: `istioctl at ${path} cannot be used: spawn ${path} EACCES; ${REMEDY}`,
    });
  });

  test.each([
    [
      'fails with a message',
      'echo >&2 warned; echo >&2 "Error: unknown flag: --remote"; exit 64',
      '"istioctl version" failed: unknown flag: --remote',
    ],
    ['fails without one', 'exit 3', '"istioctl version" failed: exit code 3, without a message'],
    ['is killed', 'kill -9 $$', '"istioctl version" failed: it was killed by SIGKILL, without a message'],
    ['says nothing', 'exit 0', '"istioctl version" does not print a version'],
    ['prints no JSON', 'echo "istioctl 1.31.1"', '"istioctl version" does not print a version'],
    ['prints other JSON', 'echo null', '"istioctl version" does not print a version'],
    [
      'has a version that is no text',
      'echo \'{"clientVersion":{"version":1.31}}\'',
      '"istioctl version" does not print a version',
    ],
    [
      'has an empty version',
      'echo \'{"clientVersion":{"version":""}}\'',
      '"istioctl version" does not print a version',
    ],
  ])('refuses one that %s', async (_, lines, why) => {
    const path = await scratch.program(lines);
    await expect(findIstioctl(path)).rejects.toMatchObject({
      code: 'InvalidOption',
      message: `istioctl at ${path} cannot be used: ${why}; ${REMEDY}`,
    });
  });

  test('refuses one on the PATH, and says that it is the one on the PATH', async () => {
    await scratch.program('exit 3');
    process.env.PATH = `${scratch.path}:${PATH ?? ''}`;
    await expect(findIstioctl()).rejects.toThrow(
      'istioctl on the PATH cannot be used: "istioctl version" failed: exit code 3, without a message; ',
    );
  });

  test('gives up on one that hangs, and ends what it has started as well', async () => {
    const path = await scratch.program(`sleep 30 & echo $! > ${scratch.log}`);
    const limit = timeLimit();
    const found = findIstioctl(path);
    const told = expect(found).rejects.toMatchObject({
      code: 'InvalidOption',
      message: `istioctl at ${path} cannot be used: it did not end within 20 s; ${REMEDY}`,
    });
    const [sleeper] = await Promise.all([started(), delayed(limit)]);
    await told;
    expect(await isGone(sleeper)).toBe(true);
  });

  test('ends one that prints without end', async () => {
    const path = await scratch.program('exec cat /dev/zero');
    await expect(findIstioctl(path)).rejects.toMatchObject({
      code: 'InvalidOption',
      message: `istioctl at ${path} cannot be used: it printed too much; ${REMEDY}`,
    });
  });

  test('stops on request', async () => {
    const path = await scratch.program('exec sleep 30');
    const stopped = { code: 'Aborted', message: 'Stopped on request; run again to continue.' };
    await expect(findIstioctl(path, AbortSignal.abort())).rejects.toMatchObject(stopped);
  });
});

/** The id of the process that the program has written to the log. */
async function started(): Promise<number> {
  for (;;) {
    const [pid] = await scratch.calls();
    if (pid !== undefined) return Number(pid);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function delayed(limit: AbortController): Promise<void> {
  await started();
  limit.abort();
}

describe('kubeInject', () => {
  const pods = [uninjectedPod('a'), uninjectedPod('b')];

  test('returns the pods in their order, by the configuration', async () => {
    const configuration = configurationOf({ name: 'canary' }, { cluster: 'east', nativeSidecars: true });
    const result = await kubeInject(FAKE_ISTIOCTL, configuration, pods);
    const documents = 'documents' in result ? result.documents.map((text) => parse(text) as (typeof pods)[0]) : [];
    expect(documents.map(({ metadata }) => metadata)).toMatchObject([{ name: 'a' }, { name: 'b' }]);
    expect(documents[0]?.spec.initContainers?.[0]).toMatchObject({
      image: 'registry.example/proxyv2:1.31.1',
      restartPolicy: 'Always',
      env: expect.arrayContaining([{ name: 'ISTIO_META_CLUSTER_ID', value: 'east' }]) as unknown,
    });
    expect(documents[0]?.metadata.annotations['sidecar.istio.io/status']).toContain('"revision":"canary"');
  });

  test('lets nobody else read what it injects by', async () => {
    await kubeInject(FAKE_ISTIOCTL, configurationOf({ env: { ISTIO_FAKE_LOG: scratch.log } }), pods);
    const [call] = await scratch.calls();
    expect(call?.modes).toEqual([0o700, 0o600]);
  });

  test('passes on only Istio’s own variables of istiod’s environment, and only what a process needs of the caller’s', async () => {
    const ofIstio = {
      ISTIO_FAKE_LOG: scratch.log,
      PILOT_X: '1',
      CLUSTER_ID: 'east',
      TOKEN_ISSUER: 'me',
      REVISION: 'a',
    };
    const others = {
      ...{ KUBECONFIG: '/cluster', HOME: '/istiod', PATH: '/evil', TMPDIR: '/evil', LANG: 'evil' },
      ...{ LD_PRELOAD: 'evil.so', BASH_ENV: 'evil', GODEBUG: 'x', GOMAXPROCS: '1', NODE_OPTIONS: '--require evil' },
      ...{ SSL_CERT_FILE: '/evil', HTTPS_PROXY: 'http://evil', KUBERNETES_SERVICE_HOST: 'evil' },
      ...{ ISTIOCTL_XDS_ADDRESS: 'evil', ISTIOCONFIG: '/evil', 'PILOT_X()': 'evil', pilot_y: '1', XPILOT_Z: '1' },
    };
    const caller = { ...process.env };
    process.env.KUBECONFIG = '/mine';
    process.env.LD_LIBRARY_PATH = '/mine';
    process.env.LANG = 'C.UTF-8';
    try {
      await kubeInject(FAKE_ISTIOCTL, configurationOf({ env: { ...others, ...ofIstio } }), pods);
    } finally {
      for (const name of ['KUBECONFIG', 'LD_LIBRARY_PATH', 'LANG']) {
        Reflect.deleteProperty(process.env, name);
        if (caller[name] !== undefined) process.env[name] = caller[name];
      }
    }
    const [call] = await scratch.calls();
    const { HOME, TMPDIR, ...rest } = call?.env ?? {};
    expect(rest).toEqual({
      ...ofIstio,
      ...{ ENABLE_NATIVE_SIDECARS: 'false', KUBECONFIG: '/dev/null', LANG: 'C.UTF-8', PATH: process.env.PATH },
    });
    expect([HOME, TMPDIR]).toEqual([expect.stringMatching(/istio-module-/), process.env.TMPDIR]);
  });

  test('says why the pods could not be injected', async () => {
    const refused = await kubeInject(FAKE_ISTIOCTL, configurationOf({ config: '{"fails":"no such template"}' }), pods);
    expect(refused).toEqual({ refused: 'no such template' });
  });

  test('refuses an answer with too few pods', async () => {
    const path = await scratch.program('echo one; cat > /dev/null');
    expect(await kubeInject({ path, version: '1.31.1' }, configurationOf(), pods)).toEqual({
      refused: 'it returned 1 of 2 pods',
    });
  });

  test('sends pods of any size, even to a program that does not read them', async () => {
    const path = await scratch.program('exit 0');
    const large = uninjectedPod('large', { text: 'x'.repeat(2 ** 20) });
    expect(await kubeInject({ path, version: '1.31.1' }, configurationOf(), [large])).toEqual({
      refused: 'it returned 0 of 1 pods',
    });
  });

  test('fails where istioctl is gone, or there is no place for its files', async () => {
    const gone = { path: '/no/such/istioctl', version: '1.31.1' };
    await expect(kubeInject(gone, configurationOf(), pods)).rejects.toMatchObject({
      code: 'UnexpectedAnswer',
      message: `istioctl at /no/such/istioctl cannot inject: spawn /no/such/istioctl ENOENT; ${REMEDY}`,
    });
    jest.spyOn(os, 'tmpdir').mockReturnValueOnce('/no/such/place');
    await expect(kubeInject(FAKE_ISTIOCTL, configurationOf(), pods)).rejects.toMatchObject({
      code: 'UnexpectedAnswer',
      message: expect.stringMatching(
        /^Cannot write the files for istioctl: ENOENT.*; set the environment variable TMPDIR to a writable directory\.$/,
      ) as unknown,
    });
  });

  test('ends istioctl on request', async () => {
    const stop = new AbortController();
    const env = { ISTIO_FAKE_LOG: scratch.log, ISTIO_FAKE_HANGS: '1' };
    const injection = kubeInject(FAKE_ISTIOCTL, configurationOf({ env }), pods, stop.signal);
    const told = expect(injection).rejects.toMatchObject({
      code: 'Aborted',
      message: 'Stopped on request; run again to continue.',
    });
    const { pid } = await scratch.firstCall();
    stop.abort();
    await told;
    expect(await isGone(pid)).toBe(true);
  });

  test('ends istioctl when it takes too long', async () => {
    const limit = timeLimit();
    const env = { ISTIO_FAKE_LOG: scratch.log, ISTIO_FAKE_HANGS: '1' };
    const told = expect(kubeInject(FAKE_ISTIOCTL, configurationOf({ env }), pods)).rejects.toMatchObject({
      code: 'UnexpectedAnswer',
      message: `istioctl at ${FAKE_ISTIOCTL.path} cannot inject: it did not end within 120 s; ${REMEDY}`,
    });
    const { pid } = await scratch.firstCall();
    limit.abort();
    await told;
    expect(await isGone(pid)).toBe(true);
  });
});

/** Waits until a process has ended, a moment after the signal. If it does not end, the test times out. */
async function isGone(pid: number): Promise<boolean> {
  while (isRunning(pid)) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return true;
}
