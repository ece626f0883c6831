import { matches, matchingLabels, parseSelector } from '../../../lib/engine/cluster/label-selector';
import type { LabelSelector } from '../../../lib/engine/cluster/objects';

const on = (key: string, operator: string, ...values: string[]): LabelSelector => ({
  matchExpressions: [{ key, operator, values }],
});

describe('matches', () => {
  test.each<[string, LabelSelector | undefined, boolean]>([
    ['no selector', undefined, true],
    ['an empty selector', {}, true],
    ['an equal label', { matchLabels: { app: 'a' } }, true],
    ['another value', { matchLabels: { app: 'b' } }, false],
    ['a missing label', { matchLabels: { tier: 'a' } }, false],
    ['In with its value', on('app', 'In', 'b', 'a'), true],
    ['In without its value', on('app', 'In', 'b'), false],
    ['In on a missing label', on('tier', 'In', 'a'), false],
    ['NotIn with its value', on('app', 'NotIn', 'a'), false],
    ['NotIn on a missing label', on('tier', 'NotIn', 'a'), true],
    ['Exists', on('app', 'Exists'), true],
    ['Exists on a missing label', on('tier', 'Exists'), false],
    ['DoesNotExist', on('app', 'DoesNotExist'), false],
    ['DoesNotExist on a missing label', on('tier', 'DoesNotExist'), true],
  ])('%s', (_, selector, expected) => {
    expect(matches(selector, { app: 'a' })).toBe(expected);
  });
});

describe('matchingLabels', () => {
  test.each<LabelSelector>([
    { matchLabels: { app: 'a' } },
    on('app', 'In', 'a', 'b'),
    on('app', 'Exists'),
    on('app', 'DoesNotExist'),
    on('app', 'NotIn', 'a'),
    { matchLabels: { app: 'b' }, ...on('app', 'In', 'a', 'b') },
  ])('match %j', (selector) => {
    expect(matches(selector, matchingLabels(selector))).toBe(true);
  });
});

describe('parseSelector', () => {
  const CART = { app: 'cart', 'example.com/tier': 'front', empty: '' };

  test.each<[string, boolean]>([
    ['', true],
    ['  ', true],
    ['app=cart', true],
    ['app==cart', true],
    [' app = cart ', true],
    ['app=basket', false],
    ['app!=cart', false],
    ['app!=basket', true],
    ['zone!=a', true],
    ['empty=', true],
    ['app=', false],
    ['zone=', false],
    ['app', true],
    ['zone', false],
    ['!app', false],
    ['! zone', true],
    ['app in (basket, cart)', true],
    ['app in(cart)', true],
    ['app in (basket)', false],
    ['empty in ()', true],
    ['app notin (basket,cart)', false],
    ['zone notin (a)', true],
    ['in in (in)', false],
    ['app=cart,example.com/tier in (front,back),!zone', true],
    ['app=cart,app!=cart', false],
    ['app in (basket,cart),zone', false],
  ])('%j', (text, expected) => {
    expect(matches(parseSelector(text), CART)).toBe(expected);
  });

  test('keeps what its user wrote', () => {
    expect(parseSelector(' app=cart, !legacy ').text).toBe('app=cart, !legacy');
  });

  const PARTS = 'write parts such as app=cart, tier!=test, env in (dev,qa), zone notin (a,b), owned or !legacy.';
  const NAME = "write up to 63 letters, digits, '-', '_' and '.', the first and the last a letter or digit";
  test.each([
    ['app=cart,', `there is nothing before or after one of its commas; remove that comma.`],
    ['app=cart,,!b', `there is nothing before or after one of its commas; remove that comma.`],
    ['app=cart,b c', `its part 'b c' is not a requirement on a label; ${PARTS}`],
    ['app=cart,!', `its part '!' is not a requirement on a label; ${PARTS}`],
    ['!app=cart', `its part '!app=cart' is not a requirement on a label; ${PARTS}`],
    ['=cart', `its part '=cart' is not a requirement on a label; ${PARTS}`],
    ['app===cart', `its part 'app===cart' is not a requirement on a label; ${PARTS}`],
    ['app in cart', `its part 'app in cart' is not a requirement on a label; ${PARTS}`],
    ['app in (cart', `its part 'app in (cart' is not a requirement on a label; ${PARTS}`],
    ['app in (cart))', `its part 'app in (cart))' is not a requirement on a label; ${PARTS}`],
    [
      'replicas>5',
      `'replicas>5' in its part 'replicas>5' is not a valid label key; ${NAME}, optionally with a DNS name and '/' in front.`,
    ],
    [
      'a/b/c',
      `'a/b/c' in its part 'a/b/c' is not a valid label key; ${NAME}, optionally with a DNS name and '/' in front.`,
    ],
    [
      'A_b/c=d',
      `'A_b/c' in its part 'A_b/c=d' is not a valid label key; ${NAME}, optionally with a DNS name and '/' in front.`,
    ],
    ['app=my cart', `'my cart' in its part 'app=my cart' is not a valid label value; ${NAME}.`],
    ['app in (a,-b)', `'-b' in its part 'app in (a,-b)' is not a valid label value; ${NAME}.`],
    [
      `app=${'a'.repeat(64)}`,
      `'${'a'.repeat(64)}' in its part 'app=${'a'.repeat(64)}' is not a valid label value; ${NAME}.`,
    ],
  ])('refuses %j', (text, problem) => {
    expect(() => parseSelector(text)).toThrow(
      expect.objectContaining({
        code: 'InvalidOption',
        message: `The selector '${text}' cannot be read: ${problem}`,
      }) as Error,
    );
  });
});
