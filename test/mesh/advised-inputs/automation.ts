import { Duration } from 'cdk8s';
import {
  ExistingIstio,
  OrderedApp,
  Ordering,
  RestarterMode,
  SidecarRestarter,
  type OrderedAppProps,
  type RestarterOptions,
  type SidecarRestarterProps,
} from 'istio-module';
import { advice, anyProps, type AdvisedInput } from './advised-input';

const restarter = advice((props: Partial<SidecarRestarterProps>) => (chart) => {
  const istio = new ExistingIstio(chart, 'istio');
  const [mode, image] = [RestarterMode.afterSync(), 'registry.example.com/istio-module:0.1.0'];
  new SidecarRestarter(chart, 'restarter', { istio, mode, image, ...props });
});
const options = (text: string, wrong: RestarterOptions, ...mended: readonly RestarterOptions[]): AdvisedInput =>
  restarter(text, { options: wrong }, ...mended.map((one) => ({ options: one })));
const schedule = (text: string, wrong: string, ...mended: readonly string[]): AdvisedInput =>
  restarter(
    text,
    { mode: RestarterMode.schedule(wrong) },
    ...mended.map((cron) => ({ mode: RestarterMode.schedule(cron) })),
  );
const app = advice((props: OrderedAppProps) => () => new OrderedApp({ outdir: 'dist', ...props }));

/** Advice about what runs automatically, and about the order in which manifests are applied. */
export const automation: readonly AdvisedInput[] = [
  restarter(
    'write at most 52 characters, because the names of Jobs start with it',
    { name: 'a'.repeat(53) },
    { name: 'a'.repeat(52) },
  ),
  restarter('name the control plane', { istio: [] }, {}),
  restarter(
    "write registry, path and tag, such as 'registry.example.com/istio-module:0.1.0'",
    { image: 'no image' },
    { image: 'registry.example.com/istio-module:0.1.0' },
  ),
  restarter(
    'name a version as the tag, or a digest',
    { image: 'istio-module' },
    { image: 'istio-module:0.1.0' },
    { image: `istio-module@sha256:${'a'.repeat(64)}` },
  ),
  restarter(
    'name addresses, or leave the prop out to allow any',
    { networkPolicy: { apiServer: [] } },
    { networkPolicy: { apiServer: ['192.0.2.1'] } },
    { networkPolicy: {} },
  ),
  restarter(
    'name ports, or leave the prop out',
    { networkPolicy: { apiServerPorts: [] } },
    { networkPolicy: { apiServerPorts: [443] } },
    { networkPolicy: {} },
  ),
  restarter(
    'use RestarterMode.watch(), or leave it out',
    { monitoring: true },
    { monitoring: true, mode: RestarterMode.watch() },
    {},
  ),
  restarter(
    'write whole seconds, at least 1',
    { mode: RestarterMode.watch(), monitoring: { outdatedFor: Duration.millis(1500) } },
    { mode: RestarterMode.watch(), monitoring: { outdatedFor: Duration.seconds(1) } },
  ),
  restarter(
    'write whole seconds, from 10 to 1998000',
    { mode: RestarterMode.watch({ resync: Duration.seconds(9) }) },
    { mode: RestarterMode.watch({ resync: Duration.seconds(10) }) },
  ),
  schedule(
    "write minute, hour, day of the month, month and day of the week, such as '0 2 * * sat', or @daily",
    'nightly',
    '0 2 * * sat',
    '@daily',
  ),
  schedule(
    'write * or 0 to 23, also as a range (1-5), a list (1,3) or with steps (*/2)',
    '0 25 * * *',
    '0 * * * *',
    '0 23 * * *',
    '0 1-5 * * *',
    '0 1,3 * * *',
    '0 */2 * * *',
  ),
  restarter(
    'write it as timeZone',
    { mode: RestarterMode.schedule('TZ=Europe/Berlin 0 2 * * *') },
    { mode: RestarterMode.schedule('0 2 * * *', { timeZone: 'Europe/Berlin' }) },
  ),
  restarter(
    "write a name of the tz database, such as 'Europe/Berlin'",
    { mode: RestarterMode.schedule('@daily', { timeZone: 'Mars' }) },
    { mode: RestarterMode.schedule('@daily', { timeZone: 'Europe/Berlin' }) },
  ),
  restarter(
    'write whole seconds, from 60 to 2147483647',
    { mode: RestarterMode.afterSync({ keepFor: Duration.seconds(59) }) },
    { mode: RestarterMode.afterSync({ keepFor: Duration.seconds(60) }) },
  ),
  options(
    'name at least one, or leave the prop out to restart in all',
    { namespaces: [] },
    { namespaces: ['shop'] },
    {},
  ),
  options('write labels such as app=cart, or leave the prop out', { selector: ' ' }, { selector: 'app=cart' }, {}),
  options(
    'write 1 s to 555 h',
    { deadline: Duration.hours(556) },
    { deadline: Duration.seconds(1) },
    { deadline: Duration.hours(555) },
  ),
  app(
    'write Ordering.argoCd(), Ordering.flux() or Ordering.kubectl()',
    anyProps({}),
    ...[Ordering.argoCd(), Ordering.flux(), Ordering.kubectl()].map((ordering) => ({ ordering })),
  ),
  app(
    'set the option path of Ordering.flux',
    { ordering: Ordering.flux(), outdir: '/manifests' },
    { ordering: Ordering.flux({ path: './mesh/dist' }), outdir: '/manifests' },
  ),
  app(
    "write a path such as './mesh/dist'",
    { ordering: Ordering.flux({ path: '/mesh' }) },
    { ordering: Ordering.flux({ path: './mesh/dist' }) },
  ),
];
