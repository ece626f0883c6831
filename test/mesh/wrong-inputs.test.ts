import { saidOf } from './said-of';
import { WRONG_INPUTS } from './wrong-inputs';
import { MENDED_INPUTS } from './wrong-inputs/mended-inputs';

describe('a construct that follows the advice about a wrong input is accepted:', () => {
  test.each(Object.entries(MENDED_INPUTS))('%s', (name, [advice, mended]) => {
    const wrong = WRONG_INPUTS.find((input) => input.name === name);
    expect(wrong && saidOf(wrong.construct).join('\n')).toContain(`: ${advice}`);
    expect(saidOf(mended)).toEqual([]);
  });

  test('every wrong input with a message has a row', () => {
    const said = WRONG_INPUTS.filter(({ says }) => says !== undefined).map(({ name }) => name);
    expect(Object.keys(MENDED_INPUTS).sort()).toEqual(said.sort());
    expect(Object.entries(MENDED_INPUTS).filter(([, [advice]]) => advice === '')).toEqual([]);
  });
});
