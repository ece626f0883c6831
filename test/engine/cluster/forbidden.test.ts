import { forbidden } from '../../../lib/engine/cluster/forbidden';
import { ApiFailure } from '../../../lib/engine/cluster/api-failure';

const REQUEST = 'GET /some/path';

describe('forbidden', () => {
  test.each([
    [
      'pods is forbidden: User "me" cannot list resource "pods" in API group "" at the cluster scope',
      'grant the verb list on pods, as a SidecarRestartAccess does (see Permissions in the README)',
    ],
    [
      'deployments.apps "cart" is forbidden: User "me" cannot patch resource "deployments" in API group "apps" in the namespace "shop"',
      'grant the verb patch on deployments.apps, as a SidecarRestartAccess does (see Permissions in the README)',
    ],
    [
      'pods is forbidden: User "me" cannot list resource "pods" in API group "" at the cluster scope: requires one of ["container.pods.list"] permission(s).',
      'grant the verb list on pods, as a SidecarRestartAccess does (see Permissions in the README)',
    ],
    [
      'pods "cart-0" is forbidden: User "a \\"b\\" c" cannot create resource "pods/eviction" in API group "" in the namespace "shop"',
      'grant the verb create on pods/eviction, as a SidecarRestartAccess does (see Permissions in the README)',
    ],
    [
      'forbidden: User "me" cannot get path "/version"',
      'grant the verb get on /version, as a SidecarRestartAccess does (see Permissions in the README)',
    ],
    [
      'pods "x" is forbidden: violates PodSecurity "baseline": must not include "User "me" cannot get resource "secrets" in API group """',
      'grant that permission, as a SidecarRestartAccess does (see Permissions in the README)',
    ],
  ])('names what is lacking: %s', (message, remedy) => {
    const cause = new ApiFailure(403, 'Forbidden', message, REQUEST);
    expect(forbidden(cause)).toMatchObject({
      code: 'Forbidden',
      message: `The cluster refuses ${REQUEST}: ${message}; ${remedy}.`,
      cause,
    });
  });

  test('names what grants it', () => {
    const message =
      'services is forbidden: User "me" cannot list resource "services" in API group "" at the cluster scope';
    expect(forbidden(new ApiFailure(403, 'Forbidden', message, REQUEST), 'as the page says').remedy).toBe(
      'grant the verb list on services, as the page says',
    );
  });

  test('is about the credentials where the cluster does not take them', () => {
    expect(forbidden(new ApiFailure(401, 'Unauthorized', 'Unauthorized', REQUEST)).message).toBe(
      "The cluster refuses GET /some/path: Unauthorized; renew the kubeconfig's credentials, for example by logging in again.",
    );
  });
});
