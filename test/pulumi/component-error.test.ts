import { inspect } from 'node:util';
import * as pulumi from '@pulumi/pulumi';
import { ComponentError } from '../../lib/pulumi/component-error';

class Component extends pulumi.ComponentResource {
  readonly largeGraph = 'large graph';
}

test('an error of a component names it to Pulumi, and stays small when it is inspected', async () => {
  await pulumi.runtime.setMocks({ newResource: ({ name }) => ({ id: name, state: {} }), call: () => ({}) });
  const component = new Component('example:index:Component', 'component');
  const error = new ComponentError('No cluster.', component);
  expect(pulumi.ResourceError.isInstance(error) && error.resource).toBe(component);
  expect(inspect(new pulumi.ResourceError('No cluster.', component))).toContain('large graph');
  expect(inspect(error)).not.toContain('large graph');
});
