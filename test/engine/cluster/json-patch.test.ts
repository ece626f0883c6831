import { withPatch } from '../../../lib/engine/cluster/json-patch';

const pod = { metadata: { annotations: { 'a/b': '1' } }, spec: { containers: [{ name: 'app' }] } };

describe('a JSON patch', () => {
  test('adds, replaces and removes, and leaves the document as it was', () => {
    const patched = withPatch(pod, [
      { op: 'add', path: '/spec/initContainers', value: [{ name: 'istio-proxy' }] },
      { op: 'add', path: '/spec/containers/0/lifecycle', value: { preStop: {} } },
      { op: 'add', path: '/spec/containers/-', value: { name: 'last' } },
      { op: 'add', path: '/spec/containers/0', value: { name: 'first' } },
      { op: 'replace', path: '/metadata/annotations/a~1b', value: '2' },
      { op: 'add', path: '/metadata/annotations/c~0d', value: '3' },
      { op: 'remove', path: '/spec/containers/1/name' },
    ]);
    expect(patched).toEqual({
      metadata: { annotations: { 'a/b': '2', 'c~d': '3' } },
      spec: {
        containers: [{ name: 'first' }, { lifecycle: { preStop: {} } }, { name: 'last' }],
        initContainers: [{ name: 'istio-proxy' }],
      },
    });
    expect(pod.spec.containers).toEqual([{ name: 'app' }]);
  });

  test('replaces the whole document, and removes an item of a list', () => {
    expect(withPatch<unknown>(pod, [{ op: 'replace', path: '', value: { list: [1, 2, 3] } }])).toEqual({
      list: [1, 2, 3],
    });
    expect(withPatch({ list: [1, 2, 3] }, [{ op: 'remove', path: '/list/1' }])).toEqual({ list: [1, 3] });
  });

  test.each([
    [{ op: 'replace', path: '/spec/nodeName', value: 'x' }, 'there is nothing at /spec/nodeName to replace'],
    [{ op: 'add', path: '/status/phase', value: 'x' }, 'there is nothing at /status that add could change'],
    [{ op: 'add', path: '/spec/containers/7', value: {} }, '7 is not an index in a list of 1'],
    [{ op: 'add', path: '/spec/containers/length', value: 0 }, 'length is not an index in a list of 1'],
    [{ op: 'move', path: '/spec/containers' }, 'operation move is not one of add, replace and remove'],
    [{ op: 'add', path: '/constructor/prototype/polluted', value: 1 }, 'there is nothing at /constructor/prototype'],
  ])('refuses %o', (operation, message) => {
    expect(() => withPatch(pod, [operation])).toThrow(message);
  });

  test('has __proto__ as a key like any other', () => {
    const patched = withPatch({}, [{ op: 'add', path: '/__proto__', value: { polluted: true } }]);
    expect(Object.keys(patched)).toEqual(['__proto__']);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
