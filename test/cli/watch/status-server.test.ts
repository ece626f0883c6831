import { StatusServer } from '../../../lib/cli/watch/status-server';
import type { RestartReport } from 'istio-module/engine';

describe('the status of a watch', () => {
  let server: StatusServer;

  beforeEach(async () => {
    server = await StatusServer.listen({ host: '127.0.0.1', port: 0 }, false);
  });

  afterEach(async () => {
    await server.close();
  });

  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${String(server.port)}${path}`);
    return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
  };

  test('is alive from the beginning, and ready when the first run is complete', async () => {
    expect((await get('/healthz')).status).toBe(200);
    expect(await get('/readyz')).toMatchObject({ status: 503, text: 'the first run is not complete\n' });
    server.onEvent({ type: 'leading' });
    expect((await get('/readyz')).status).toBe(503);
    server.onEvent({ type: 'runEnded', report: {} as RestartReport });
    expect((await get('/readyz')).status).toBe(200);
  });

  test('is ready at once while another process restarts', async () => {
    server.onEvent({ type: 'standingBy', holder: 'other' });
    expect((await get('/readyz')).status).toBe(200);
    // The other process may have ended during its first run.
    server.onEvent({ type: 'leading' });
    expect((await get('/readyz')).status).toBe(503);
    server.onEvent({ type: 'runEnded', report: {} as RestartReport });
    expect((await get('/readyz')).status).toBe(200);
  });

  test('serves metrics in the format of Prometheus, and no other page', async () => {
    expect(await get('/metrics?name=x')).toMatchObject({
      status: 200,
      type: expect.stringMatching(/^text\/plain;/) as string,
    });
    expect(await get('/')).toMatchObject({ status: 404, text: 'Not found. Paths: /metrics, /healthz and /readyz.\n' });
  });

  test('fails if its address is in use', async () => {
    await expect(StatusServer.listen({ host: '127.0.0.1', port: server.port }, false)).rejects.toMatchObject({
      code: 'InvalidOption',
      message: expect.stringMatching(
        /^Cannot listen on 127\.0\.0\.1:\d+: .*; choose another address with --listen\.$/,
      ) as string,
    });
  });
});
