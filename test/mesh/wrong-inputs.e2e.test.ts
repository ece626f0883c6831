import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyChart, synthesized } from './synthesis';
import { ValidatingCluster } from './validating-cluster';
import { WRONG_INPUTS } from './wrong-inputs';
import { MENDED_INPUTS } from './wrong-inputs/mended-inputs';
import type { WrongInput } from './wrong-inputs/wrong-input';

const CHECKS = join(__dirname, '..', '..', 'docs', 'checks.md');

/** The wrong inputs that the documentation says synthesis does not notice: `- _name_: why`. */
function documented(): string[] {
  const section = /(?:^|\n)## Not caught at synthesis\n([^]*?)(?=\n## |$)/.exec(
    existsSync(CHECKS) ? readFileSync(CHECKS, 'utf8') : '',
  );
  return [...(section?.[1] ?? '').matchAll(/^- _([^_\n]+)_:/gm)].map(([, name = '']) => name);
}

function problemOf({ construct }: WrongInput): string | undefined {
  try {
    construct(emptyChart());
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

describe('a wrong input', () => {
  let cluster: ValidatingCluster;
  beforeAll(async () => {
    cluster = await ValidatingCluster.start();
  }, 1_800_000);
  afterAll(async () => {
    await cluster.stop();
  });

  test('has a name of its own', () => {
    const names = WRONG_INPUTS.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
    expect(names.length).toBeGreaterThanOrEqual(60);
  });

  test.each(WRONG_INPUTS.map((input) => [input.name, input] as const))(
    'is refused by the API server or istiod: %s',
    async (_, { manifest }) => {
      expect(await cluster.refusal(manifest)).toEqual(expect.any(String));
    },
  );

  test.each(
    WRONG_INPUTS.flatMap((input) => (input.says === undefined ? [] : [[input.name, input.says, input] as const])),
  )('is refused by the construct: %s', (_, says, input) => {
    const problem = problemOf(input);
    expect(problem).toMatch(/^\w+ mesh\/one: /);
    expect(problem).toContain(says);
  });

  test.each(Object.entries(MENDED_INPUTS))('is accepted once it is mended as advised: %s', async (_, [, mended]) => {
    const chart = emptyChart();
    mended(chart);
    for (const manifest of synthesized(chart)) {
      expect(await cluster.refusal(manifest)).toBeUndefined();
    }
  });

  test('that neither the construct nor the compiler notices is documented, and no other is', () => {
    const unnoticed = WRONG_INPUTS.filter(({ says, type }) => says === undefined && type === undefined);
    expect(unnoticed.filter((input) => problemOf(input) !== undefined).map(({ name }) => name)).toEqual([]);
    expect(documented().sort()).toEqual(unnoticed.map(({ name }) => name).sort());
  });
});
