import { matches, matchingLabels } from '../../lib/restart/label-selector';
import type { LabelSelector } from '../../lib/restart/kubernetes/objects';

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
