import { failureIn } from '../../../lib/engine/cluster/failure-in';

const CAUSES = [{ reason: 'NamespaceTerminating', message: 'namespace shop is being terminated' }];
const failure = (status: number, message: string) =>
  failureIn({ status, body: JSON.stringify({ message, details: { causes: CAUSES } }) }, 'PATCH /some/path');

describe('failureIn', () => {
  const BY_WEBHOOK = 'admission webhook "policies.example.com" denied the request: ';

  test.each([
    [401, `${BY_WEBHOOK}Unauthorized`],
    [404, `${BY_WEBHOOK}namespaces "shop" not found`],
    [409, `${BY_WEBHOOK}the object has been modified`],
    [429, `${BY_WEBHOOK}slow down`],
    [503, `${BY_WEBHOOK}try again`],
    [403, `${BY_WEBHOOK}forbidden: User "me" cannot get resource "secrets" in API group ""`],
  ])('treats status %d of an admission webhook as a denial: %s', (status, message) => {
    const denial = { status: 403, message, deniedByRbac: false, isOfServer: false, isOfGoneNamespace: false };
    expect(failure(status, message)).toMatchObject({ ...denial, isOfAdmission: true, answeredStatus: status });
  });

  test('treats status 401 of a ValidatingAdmissionPolicy as a denial', () => {
    const message = `pods "x" is forbidden: ValidatingAdmissionPolicy 'owners' with binding 'shop' denied request: no`;
    expect(failure(401, message)).toMatchObject({
      ...{ status: 403, deniedByRbac: false, isOfAdmission: true, answeredStatus: 401 },
    });
  });

  test('does not confuse a missing permission with a refusal by admission', () => {
    const message = 'pods "x" is forbidden: User "ci" cannot patch resource "pods" in API group ""';
    expect(failure(403, message)).toMatchObject({ status: 403, deniedByRbac: true, isOfAdmission: false });
  });

  test.each([
    [401, 'Unauthorized'],
    [404, 'pods "x" not found'],
    [409, 'Operation cannot be fulfilled on pods "x": the object has been modified'],
    [500, 'Internal error occurred: failed calling webhook "policies.example.com": connection refused'],
  ])('keeps status %d of the API server itself: %s', (status, message) => {
    expect(failure(status, message)).toMatchObject({ status, message, isOfAdmission: false, answeredStatus: status });
  });
});
