import { changedPaths, driftedInputs, type Json, restrict } from './field-shape';

describe('restrict', () => {
  it('keeps of the live object what the inputs speak of', () => {
    const live = { data: { a: '1', other: 'x' }, status: { ready: true } };
    expect(restrict(live, { data: { a: '0' } })).toEqual({ data: { a: '1' } });
  });

  it('finds named items among those of others', () => {
    const live: Json = [
      { name: 'istio-proxy', image: 'proxy' },
      { name: 'app', image: 'app:2', imagePullPolicy: 'Always' },
    ];
    expect(restrict(live, [{ name: 'app', image: 'app:1' }])).toEqual([{ name: 'app', image: 'app:2' }]);
  });

  it('leaves out what is gone', () => {
    expect(restrict({ data: {} }, { data: { a: '1' } })).toEqual({ data: {} });
  });
});

describe('driftedInputs', () => {
  it('keeps inputs as they were written when only the notation differs', () => {
    expect(driftedInputs({ cpu: '1000m' }, { cpu: '1' }, { cpu: '1' })).toEqual({ cpu: '1000m' });
  });

  it('takes the live value where it changed, and only there', () => {
    const inputs = { cpu: '1000m', memory: '1Gi' };
    expect(driftedInputs(inputs, { cpu: '1', memory: '1Gi' }, { cpu: '1', memory: '2Gi' })).toEqual({
      cpu: '1000m',
      memory: '2Gi',
    });
  });
});

describe('changedPaths', () => {
  it('names every changed leaf in the notation of Pulumi', () => {
    const before = { data: { 'a.b': '1', same: 'x' }, list: [1, 2] };
    const after = { data: { 'a.b': '2', same: 'x', more: 'y' }, list: [1] };
    expect(changedPaths(before, after)).toEqual([
      { path: 'data["a.b"]', change: 'update' },
      { path: 'data.more', change: 'add' },
      { path: 'list[1]', change: 'delete' },
    ]);
  });
});
