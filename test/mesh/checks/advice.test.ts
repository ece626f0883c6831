import { ADVICE } from './advice';
import { problemsOf } from './problems-of';

describe('a mistake between objects is refused, and what the message advises is accepted:', () => {
  test.each(ADVICE)('%s', (_, wrong, message, ...advised) => {
    expect(problemsOf(wrong)).toEqual([message]);
    for (const right of advised) expect(problemsOf(right)).toEqual([]);
  });
});
