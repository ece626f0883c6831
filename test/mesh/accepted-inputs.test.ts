import { App, Chart } from 'cdk8s';
import { ClientTls, ExistingIstio, type ServerIdentity } from 'istio-module';
import { ACCEPTED_INPUTS, clientTls } from './accepted-inputs';
import { synthesized, type Manifest } from './synthesis';

function specs(fill: (chart: Chart) => unknown): unknown[] {
  const chart = new Chart(new App(), 'mesh');
  new ExistingIstio(chart, 'istio');
  fill(chart);
  return synthesized(chart).map(({ spec }: Manifest) => spec);
}

describe('what Istio accepts is accepted:', () => {
  test.each(ACCEPTED_INPUTS)('%s', (_, fill, expected) => {
    expect(specs(fill)).toContainEqual(expect.objectContaining(matching(expected)));
  });
});

test.each<[string, ServerIdentity & Record<string, unknown>, string]>([
  ['names of the server', { subjectAltNames: ['a.b'] }, 'subjectAltNames'],
  ['authorities', { caCertificates: '/ca' }, 'caCertificates'],
  ['authorities of a Secret', { credentialName: 'ca' }, 'credentialName'],
])('a server that is not verified has no %s', (_, options, prop) => {
  const tls = () =>
    clientTls(new Chart(new App(), 'mesh'), ClientTls.simple({ insecureSkipVerify: true, ...options } as never));
  expect(tls).toThrow(
    `TrafficPolicy mesh/p: clientTls has both insecureSkipVerify and ${prop}, which requires verification: leave out one of them`,
  );
});

/** A matcher for the value, whose objects and lists may contain more. */
function matching(value: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, matchingValue(inner)]));
}

function matchingValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(matchingValue);
  return typeof value === 'object' && value !== null ? expect.objectContaining(matching(value)) : value;
}
