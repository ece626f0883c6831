import type { Sidecar } from './sidecar';

/** One thing in which two sidecars differ: the reason for a restart, as a person reads it. */
export interface Difference {
  /** Where, such as `istio-proxy.image` or `istio-proxy.env.PROXY_CONFIG.concurrency`. */
  readonly path: string;
  /** What the pod has; `(none)` when the injector adds it. */
  readonly old: string;
  /** What the injector gives today; `(none)` when it no longer does. */
  readonly new: string;
}

const NONE = '(none)';
const REDACTED = '(not shown)';
const SECRET = /(token|secret|passw|credential|private.?key|api.?key)/i;
/** Istio's own names that look secret and hold paths or ports only. */
const NOT_SECRET = /^(istio-token|istio-envoy|istiod-ca-cert|JWT_POLICY|CREDENTIAL_|serviceAccountToken)/;

/**
 * How the sidecar in a pod differs from the one it would get, path by path; empty when they are the same.
 * Values of environment variables with a name that suggests a secret are never shown.
 */
export function differences(running: Sidecar | undefined, current: Sidecar | undefined): Difference[] {
  if (!running || !current) {
    return running === current
      ? []
      : [{ path: 'sidecar', old: running ? imageOf(running) : NONE, new: current ? imageOf(current) : NONE }];
  }
  const found: Difference[] = [];
  compare('istio.io/rev', running.revision, current.revision, found);
  for (const name of union(running.containers, current.containers)) {
    const old = running.containers[name];
    const now = current.containers[name];
    if (!old || !now) {
      found.push({ path: name, old: old ? old.placement : NONE, new: now ? now.placement : NONE });
      continue;
    }
    compare(`${name}.placement`, old.placement, now.placement, found);
    compare(name, old.fields, now.fields, found);
  }
  compare('volumes', running.volumes, current.volumes, found);
  return found;
}

function compare(path: string, old: unknown, now: unknown, found: Difference[]): void {
  if (same(old, now)) {
    return;
  }
  const [oldObject, newObject] = [asObject(old), asObject(now)];
  if (oldObject && newObject) {
    for (const key of union(oldObject, newObject)) {
      compare(`${path}.${key}`, oldObject[key], newObject[key], found);
    }
    return;
  }
  found.push({ path, old: show(path, old), new: show(path, now) });
}

/** Objects, and the JSON texts of objects that Istio keeps in environment variables, are compared field by field. */
function asObject(value: unknown): Record<string, unknown> | undefined {
  if (typeof value === 'string' && value.trimStart().startsWith('{')) {
    try {
      return asObject(JSON.parse(value));
    } catch {
      return undefined;
    }
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** Whether two values of the API server's JSON are equal, whatever the order of their keys. */
export function same(left: unknown, right: unknown): boolean {
  if (left === right) {
    return true;
  }
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => same(item, right[index]));
  }
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) {
    return false;
  }
  if (Array.isArray(left) || Array.isArray(right)) {
    return false;
  }
  const [a, b] = [left as Record<string, unknown>, right as Record<string, unknown>];
  return union(a, b).every((key) => same(a[key], b[key]));
}

function show(path: string, value: unknown): string {
  if (value === undefined) {
    return NONE;
  }
  if (path.split('.').some(isSecret)) {
    return REDACTED;
  }
  const whole = asObject(value) ?? value;
  return typeof whole === 'string' ? whole.trim() : JSON.stringify(whole, redacted);
}

/** An object that is new or gone is shown whole, and its secrets are within it, or within the JSON texts in it. */
function redacted(key: string, value: unknown): unknown {
  return isSecret(key) && typeof value !== 'object' ? REDACTED : (asObject(value) ?? value);
}

function isSecret(name: string): boolean {
  return SECRET.test(name) && !NOT_SECRET.test(name);
}

function imageOf(sidecar: Sidecar): string {
  const image = sidecar.containers['istio-proxy']?.fields.image;
  return typeof image === 'string' ? image : 'istio-proxy';
}

function union(left: object, right: object): string[] {
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].sort();
}
