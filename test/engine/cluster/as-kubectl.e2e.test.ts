import { CLUSTER_ROWS } from './as-kubectl/cluster-rows';
import { FILE_ROWS } from './as-kubectl/file-rows';
import { kubectl } from './as-kubectl/kubectl';
import { observeEngine, observeKubectl } from './as-kubectl/observe';
import { PLUGIN_ROWS } from './as-kubectl/plugin-rows';
import { PROXY_ROWS } from './as-kubectl/proxy-rows';
import { USER_ROWS } from './as-kubectl/user-rows';
import { World } from './as-kubectl/world';

describe('the engine sends what kubectl sends', () => {
  let world: World;
  let program: string;

  beforeAll(async () => {
    program = await kubectl();
    world = await new World().ready();
  }, 600_000);

  afterAll(async () => {
    await world.close();
  });

  describe.each([
    ['files', FILE_ROWS],
    ['clusters', CLUSTER_ROWS],
    ['proxies', PROXY_ROWS],
    ['users', USER_ROWS],
    ['plugins', PLUGIN_ROWS],
  ])('%s', (_, rows) => {
    test.each(
      rows.map(
        (row) => [row.differs ? `${row.name} (not as kubectl: ${row.differs.because})` : row.name, row] as const,
      ),
    )(
      '%s',
      async (_name, row) => {
        const ours = await observeEngine(world, row);
        const theirs = await observeKubectl(world, row, program);
        if (row.differs) {
          expect({ ...ours, said: '' }).not.toEqual({ ...theirs, said: '' });
          if ('sends' in row.differs) {
            expect(ours.arrivals.map(({ authorization }) => authorization)).toEqual(row.differs.sends);
            expect(theirs.told).toEqual(ours.told);
          } else {
            expect(ours.arrivals).toEqual([]);
            expect(ours.said).toMatch(row.differs.engine);
          }
          return;
        }
        expect({ ...ours, said: '' }).toEqual({ ...theirs, said: '' });
        expect(ours.succeeded).toBe(row.refused === undefined);
        expect(ours.said).toMatch(row.refused?.engine ?? /^$/);
        expect(theirs.said).toMatch(row.refused?.kubectl ?? /^$/);
        expect(ours.said).not.toMatch(/a-token|a-password/);
      },
      60_000,
    );
  });
});
