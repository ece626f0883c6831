import { watchCollection } from '../../../lib/engine/cluster/watch-collection';
import { FakeApiServer, refusal, type FakeAnswer, type FakeRequest } from '../fake-api-server';

const PATH = '/api/v1/namespaces';

describe('the watch of a collection', () => {
  let server: FakeApiServer;
  let ending: AbortController;

  beforeEach(() => {
    ending = new AbortController();
  });

  afterEach(async () => {
    ending.abort();
    await server.close();
  });

  const event = (type: string, name: string, resourceVersion: string) =>
    JSON.stringify({ type, object: { metadata: { name, uid: name, resourceVersion } } });
  const lines = (...events: readonly string[]): FakeAnswer => ({ body: events.map((one) => `${one}\n`).join('') });
  const status = (code: number, message: string) =>
    JSON.stringify({ type: 'ERROR', object: { kind: 'Status', code, message } });
  const isWatch = ({ query }: FakeRequest) => query.get('watch') === 'true';

  /** Answers the watches in turn, and leaves the next one open. Returns what was reported by then. */
  async function heard(versions: readonly string[], watches: readonly FakeAnswer[]): Promise<readonly string[]> {
    const said: string[] = [];
    let [lists, watched] = [0, 0];
    const isQuiet = new Promise<void>((resolve) => {
      server = undefined as never;
      void FakeApiServer.start((request) => {
        if (!isWatch(request)) {
          return { body: { metadata: { resourceVersion: versions[lists++] }, items: [] } };
        }
        const answer = watches[watched++];
        if (answer === undefined) {
          resolve();
        }
        return answer ?? { silent: true };
      }).then((started) => {
        server = started;
        void started.api({ signal: ending.signal }).then((api) =>
          watchCollection(api, PATH, '1', {
            onChange: ({ name }, isDeleted) => said.push(`${name} ${isDeleted ? 'deleted' : 'changed'}`),
            onGap: () => said.push('gap'),
          }).catch((error: unknown) => {
            said.push(String(error));
            resolve();
          }),
        );
      });
    });
    await isQuiet;
    return said;
  }

  const versionsWatched = () => server.requests.filter(isWatch).map(({ query }) => query.get('resourceVersion'));

  test('begins at the current version, passes on changes but no bookmarks, and resumes where it stopped', async () => {
    const said = await heard(
      [],
      [lines(event('ADDED', 'a', '2'), event('BOOKMARK', '', '7')), lines(event('DELETED', 'b', '9'))],
    );
    expect(said).toEqual(['a changed', 'b deleted']);
    expect(versionsWatched()).toEqual(['1', '7', '9']);
    expect(server.requests.find(isWatch)?.headers.accept).toBe(
      'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
    );
  });

  test('says that something may have been missed when its version has expired', async () => {
    const said = await heard(
      ['20'],
      [lines(status(410, 'too old resource version')), lines(event('ADDED', 'a', '21'))],
    );
    expect(said).toEqual(['gap', 'a changed']);
    expect(versionsWatched()).toEqual(['1', '20', '21']);
  });

  test('goes on after a lost connection and a failure of the API server', async () => {
    const said = await heard(
      [],
      [
        { ...lines(event('ADDED', 'a', '2'), event('ADDED', 'b', '3')), cut: true },
        refusal(503, 'ServiceUnavailable', 'starting'),
        lines(event('MODIFIED', 'b', '4')),
      ],
    );
    expect(said.slice(-1)).toEqual(['b changed']);
    expect(said).not.toContain('gap');
    expect(versionsWatched().slice(-1)).toEqual(['4']);
  });

  test('ends where it is not permitted', async () => {
    const forbidden = refusal(
      403,
      'Forbidden',
      'namespaces is forbidden: User "ci" cannot watch resource "namespaces"',
    );
    expect(await heard([], [forbidden])).toEqual([
      'ApiFailure: namespaces is forbidden: User "ci" cannot watch resource "namespaces"',
    ]);
  });
});
