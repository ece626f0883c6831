import { faultNotes, ruleNotes } from '../../../lib/cli/graph/rule-notes';

describe('ruleNotes', () => {
  test.each<[Record<string, unknown>, string[]]>([
    [{}, []],
    [{ timeout: '3s' }, ['timeout 3s']],
    [{ timeout: '0s' }, ['no timeout']],
    [{ timeout: '0.5s' }, ['timeout 0.5s']],
    [{ retries: { attempts: 0 } }, ['no retries']],
    [{ retries: { attempts: 1 } }, ['1 retry']],
    [{ retries: { attempts: 3, perTryTimeout: '1s', retryOn: '5xx,reset' } }, ['3 retries of 1s on 5xx, reset']],
    [{ retries: { retryOn: '5xx' } }, ['retries on 5xx']],
    [{ rewrite: { uri: '/new' } }, ['rewritten to /new']],
    [{ rewrite: { uri: '/new', authority: 'a.example' } }, ['rewritten to /new at a.example']],
    [{ rewrite: { uriRegexRewrite: { match: 'a', rewrite: 'b' } } }, ['rewritten to b']],
    [{ timeout: 3, retries: 'three', rewrite: [] }, ['retries']],
  ])('describes the rule %j', (rule, notes) => {
    expect(ruleNotes(rule)).toEqual(notes);
  });
});

describe('faultNotes', () => {
  test.each<[Record<string, unknown>, string[]]>([
    [{ delay: { fixedDelay: '7s', percentage: { value: 0.1 } } }, ['delay 7s for 0.1 %']],
    [{ delay: { fixedDelay: '7s', percent: 50 } }, ['delay 7s for 50 %']],
    [{ delay: { fixedDelay: '7s' } }, ['delay 7s for 0 %']],
    [{ abort: { httpStatus: 503, percentage: { value: 100 } } }, ['abort 503 for 100 %']],
    [{ abort: { grpcStatus: 'UNAVAILABLE', percentage: { value: 33.3333 } } }, ['abort UNAVAILABLE for 33.3 %']],
  ])('describes the fault %j', (fault, notes) => {
    expect(faultNotes({ fault })).toEqual(notes);
  });

  test('is empty without a fault', () => {
    expect(faultNotes({})).toEqual([]);
  });
});
