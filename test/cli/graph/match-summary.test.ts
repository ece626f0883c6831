import { matchSummary } from '../../../lib/cli/graph/match-summary';

describe('matchSummary', () => {
  test.each<[Record<string, unknown>, string]>([
    [{}, ''],
    [{ name: 'own', statPrefix: 'own' }, ''],
    [{ headers: { 'end-user': { exact: 'jason' } } }, 'end-user = jason'],
    [{ headers: { 'x-a': { prefix: 'b' }, 'x-c': { regex: 'd.*' } } }, 'x-a starts with b and x-c ~ d.*'],
    [{ headers: { cookie: {} } }, 'cookie present'],
    [{ headers: { cookie: null } }, 'cookie present'],
    [{ withoutHeaders: { cookie: {} } }, 'no cookie'],
    [{ withoutHeaders: { cookie: { exact: 'a' } } }, 'not cookie = a'],
    [{ uri: { prefix: '/API' }, ignoreUriCase: true }, 'path starts with /API (case-insensitive)'],
    [{ uri: { exact: '/a' }, method: { exact: 'GET' } }, 'path = /a and method = GET'],
    [{ scheme: { exact: 'https' }, authority: { exact: 'a.example' } }, 'scheme = https and authority = a.example'],
    [{ queryParams: { q: { exact: '1' } } }, '?q = 1'],
    [{ port: 8080 }, 'port 8080'],
    [{ sniHosts: ['a.example', 'b.example'] }, 'SNI = a.example or b.example'],
    [{ destinationSubnets: ['10.0.0.0/8'] }, 'to 10.0.0.0/8'],
    [{ sourceLabels: { app: 'a', tier: 'b' }, sourceNamespace: 'shop' }, 'from app=a,tier=b and from namespace shop'],
    [{ gateways: ['mesh', 'ingress/public'] }, 'at the mesh or gateway ingress/public'],
    [{ uri: 'not a match', headers: [], port: '80' }, 'path present'],
  ])('summarizes the match %j', (match, summary) => {
    expect(matchSummary(match)).toBe(summary);
  });
});
