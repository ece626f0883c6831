import { ADVISED_INPUTS } from './advised-inputs';
import { saidOf } from './said-of';

describe('a construct that follows the advice of a message has no message:', () => {
  test.each(ADVISED_INPUTS.map((input, index) => [`${String(index)}: ${input.advice}`, input] as const))(
    '%s',
    (_, { advice, wrong, mended }) => {
      expect(saidOf(wrong).join('\n')).toContain(`: ${advice}`);
      for (const fill of mended) {
        expect(saidOf(fill)).toEqual([]);
      }
      expect(mended.length).toBeGreaterThan(0);
    },
  );
});
