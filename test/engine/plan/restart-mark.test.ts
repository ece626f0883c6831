import type { PodTemplate } from '../../../lib/engine/cluster/objects';
import { argoRollout } from '../../../lib/engine/kinds/argo-rollout';
import { deployment } from '../../../lib/engine/kinds/deployment';
import type { RollableWorkload } from '../../../lib/engine/snapshot/snapshot';
import {
  isTried,
  MARK_ANNOTATION,
  markOf,
  markOfOthers,
  markText,
  markWithoutEffect,
  restartMark,
  untilNextRollout,
} from '../../../lib/engine/plan/restart-mark';

const AT = '2026-11-24T12:00:00.000Z';
const change = (old: unknown, now: unknown, path = 'containers.istio-proxy.fields.image') => ({ path, old, now });
const workload = (annotation?: string) =>
  ({
    object: { metadata: { annotations: annotation === undefined ? {} : { [MARK_ANNOTATION]: annotation } } },
  }) as RollableWorkload;

describe('the mark of what a restart was for', () => {
  const mark = restartMark([change('1', '2')], AT);

  test('is read as it was written, and no value shows in it', () => {
    const secret = restartMark([change(undefined, 'hunter2-hunter2', 'env.PASSWORD')], AT);
    expect(markText(secret)).not.toContain('hunter2');
    expect(markOf(workload(markText(secret)))).toEqual(secret);
  });

  test.each([
    ...[undefined, '', '{', 'null', '[]', '1', '{}', '{"at":"2026-11-24T12:00:00Z"}'],
    ...['{"at":1,"values":{"a":"1"}}', '{"at":"x","values":{"a":"1"}}', '{"values":{"a":"1"}}'],
    ...['{"at":"2026-11-24T12:00:00Z","values":["a"]}', '{"at":"2026-11-24T12:00:00Z","values":{"a":1}}'],
    '{"version":2,"restarts":[{"at":"2026-11-24T12:00:00Z","paths":{"a":"1"}}]}',
  ])('that is %j is ignored', (text) => {
    expect(markOf(workload(text))).toBeUndefined();
  });

  test('of a newer version is read as far as this version understands it', () => {
    const { values } = mark;
    const newer = {
      ...mark,
      version: 2,
      by: { name: 'restarter' },
      values: { ...values, other: { sha512: '1' }, more: 7 },
    };
    expect(markOf(workload(JSON.stringify(newer)))).toEqual(mark);
    expect(isTried(markOf(workload(JSON.stringify(newer))) ?? mark, [change('1', '2')])).toBe(true);
    expect(isTried(mark, [change('1', '2'), change('1', '2', 'other')])).toBe(false);
  });

  test('ignores a time that is not a time', () => {
    const at = (text: string) => markOf(workload(JSON.stringify({ ...mark, at: text })))?.at;
    expect(at('2026-11-24T14:00:00+02:00')).toBe(AT);
    expect(at('2026-11-24T12:00:00Z; kubectl delete')).toBeUndefined();
  });

  test('says that the same was tried, and that another value or place was not', () => {
    expect(isTried(mark, [change('1', '2')])).toBe(true);
    expect(isTried(mark, [change('2', '3')])).toBe(false);
    expect(isTried(mark, [change('1', '2'), change('1', '2', 'revision')])).toBe(false);
    expect(isTried(mark, [])).toBe(false);
  });

  test('of this run also says so where the new pods got another value than expected', () => {
    const ofRun = { ...mark, isOfRun: true } as const;
    expect(isTried(ofRun, [change('7', '8')])).toBe(true);
    expect(isTried(ofRun, [change('2', '3')])).toBe(false);
  });

  test('of a restart without effect holds for what is never the same twice', () => {
    const later = markWithoutEffect(mark, [change('7', '8')]);
    expect(isTried(later, [change('9', '10')])).toBe(true);
    expect(markWithoutEffect(mark, [change('1', '2')])).toEqual(mark);
  });

  describe('of a restart that may have had an effect', () => {
    const template = (image: string, annotations: Record<string, string> = {}): PodTemplate => ({
      metadata: { annotations },
      spec: { containers: [{ name: 'app', image }] },
    });
    const restartedAt = (at: string) => ({ 'kubectl.kubernetes.io/restartedAt': at });
    const owned = (owner: object, written: PodTemplate, spec: object, text?: string) =>
      ({
        ...{ type: 'rollable', owner, template: written, templateSource: 'owner' },
        object: { ...workload(text).object, spec },
      }) as unknown as RollableWorkload;
    const cart = (written: PodTemplate, text?: string) => owned(deployment, written, { template: written }, text);
    const text = markText(untilNextRollout(mark, cart(template('app:1'))));

    test('holds for the pods of this restart', () => {
      expect(markOf(cart(template('app:1', restartedAt(AT)), text))).toMatchObject(mark);
    });

    test.each([
      ['has been restarted since', template('app:1', restartedAt('2026-11-25T12:00:00.000Z'))],
      ['has been changed since', template('app:2', restartedAt(AT))],
      ['is as it was before', template('app:1')],
    ])('holds no longer once its template %s', (_, changed) => {
      expect(markOf(cart(changed, text))).toBeUndefined();
    });

    test('holds for a Rollout until its next restart', () => {
      const rollout = (restartAt: string) => owned(argoRollout, template('app:1'), { restartAt }, text);
      expect(markOf(rollout('2026-11-24T12:00:00Z'))).toMatchObject(mark);
      expect(markOf(rollout('2026-11-25T12:00:00Z'))).toBeUndefined();
    });

    test('holds whatever the restart of its kind sets in the template', () => {
      const setting = (at: string) => ({ 'fleets.example/refit': at });
      const fleet = { restart: (at: string) => ({ spec: { template: { metadata: { annotations: setting(at) } } } }) };
      const taxi = (written: PodTemplate, known?: string) => owned(fleet, written, { template: written }, known);
      const noted = markText(untilNextRollout(mark, taxi(template('app:1'))));
      expect(markOf(taxi(template('app:1', setting(AT)), noted))).toMatchObject(mark);
      expect(markOf(taxi(template('app:2', setting(AT)), noted))).toBeUndefined();
    });

    test('holds for later rollouts, too, once it is known to have had none', () => {
      const known = markOf(cart(template('app:1', restartedAt(AT)), text)) ?? mark;
      const later = markText(markWithoutEffect(known, [change('1', '2')]));
      expect(markOf(cart(template('app:2'), later))).toEqual(mark);
    });
  });

  test('leaves out images and missing sidecars from what others may revert', () => {
    const of = (...paths: string[]) =>
      markOfOthers(
        restartMark(
          paths.map((path) => change('1', '2', path)),
          AT,
        ),
      );
    const resources = 'containers.istio-proxy.fields.resources.requests.cpu';
    expect(Object.keys(of('containers.istio-proxy.fields.image', resources, '')?.values ?? {})).toEqual([resources]);
    expect(of('', 'containers.istio-proxy', 'revision')).toBeUndefined();
  });

  test('stays small, whatever the restart is for', () => {
    const many = Array.from({ length: 5000 }, (_, index) => change('1', '2', `env.V${String(index)}`));
    const found = restartMark(many, AT);
    expect(markText(found).length).toBeLessThan(10_000);
    expect(isTried(found, many)).toBe(true);
  });
});
