import type { Duration } from 'cdk8s';
import { definedFields } from '../fields';
import { isHeaderName } from '../http-header-name';
import { durationProblem, istioDuration, milliseconds } from '../istio-duration';
import { wholeNumberProblem } from '../number-range';

/** Options of {@link HashKey.cookie}. */
export interface HashCookieOptions {
  /**
   * Lifetime of the cookie that the proxy creates for a client without one; `Duration.seconds(0)` creates a session
   * cookie.
   *
   * @default - the proxy creates no cookie; clients must send one
   */
  readonly ttl?: Duration;

  /**
   * Path of the cookie that the proxy creates.
   *
   * @default - none
   */
  readonly path?: string;
}

/** The part of a request that determines its pod, as long as the set of pods does not change. */
export class HashKey {
  /** The client's address. */
  static readonly SOURCE_IP = new HashKey({ useSourceIp: true }, []);

  /** A request header. */
  static header(name: string): HashKey {
    return new HashKey(
      { httpHeaderName: name },
      isHeaderName(name) ? [] : [`header '${name}' is not a valid header name: write another`],
    );
  }

  /** A cookie. */
  static cookie(name: string, { ttl, path }: HashCookieOptions = {}): HashKey {
    return new HashKey({ httpCookie: definedFields({ name, path, ttl: ttl && istioDuration(ttl) }) }, [
      ...(isHeaderName(name) ? [] : [`cookie '${name}' is not a valid cookie name: write another`]),
      ...(ttl && milliseconds(ttl) === 0 ? [] : durationProblem('cookie ttl', ttl)),
    ]);
  }

  /** A query parameter. */
  static queryParameter(name: string): HashKey {
    return new HashKey(
      { httpQueryParameterName: name },
      name === '' ? ['query parameter has an empty name: write its name'] : [],
    );
  }

  private constructor(
    /** @internal */
    readonly fields: Readonly<Record<string, unknown>>,
    /** @internal */
    readonly problems: readonly string[],
  ) {}
}

/** Options of {@link LoadBalancingAlgorithm.ringHash}. */
export interface RingHashOptions {
  /**
   * Minimum number of entries on the ring. A larger ring distributes requests more evenly.
   *
   * @default - Istio's: 1024
   */
  readonly minimumRingSize?: number;
}

/** Options of {@link LoadBalancingAlgorithm.maglev}. */
export interface MaglevOptions {
  /**
   * Number of entries in the table: a prime number below 5000011, well above the number of pods.
   *
   * @default 65537
   */
  readonly tableSize?: number;
}

const MAX_RING_SIZE = 8 * 1024 * 1024;
const MAX_TABLE_SIZE = 5_000_010;

/**
 * The algorithm that chooses the pod for a request.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/destination-rule/#LoadBalancerSettings-SimpleLB
 */
export class LoadBalancingAlgorithm {
  /** Of two pods picked at random, the one with fewer requests in flight. */
  static readonly LEAST_REQUEST = LoadBalancingAlgorithm.simple('LEAST_REQUEST', true);

  /** Each pod in turn. */
  static readonly ROUND_ROBIN = LoadBalancingAlgorithm.simple('ROUND_ROBIN', true);

  /** Any healthy pod. */
  static readonly RANDOM = LoadBalancingAlgorithm.simple('RANDOM', false);

  /** The address that the client requested, without load balancing. */
  static readonly PASSTHROUGH = LoadBalancingAlgorithm.simple('PASSTHROUGH', false);

  /** Consistent hashing on a ring: the same key leads to the same pod as long as the set of pods does not change. */
  static ringHash(key: HashKey, { minimumRingSize }: RingHashOptions = {}): LoadBalancingAlgorithm {
    const ring = minimumRingSize === undefined ? {} : { ringHash: { minimumRingSize } };
    return new LoadBalancingAlgorithm('ringHash', { consistentHash: { ...key.fields, ...ring } }, false, (at) => [
      ...key.problems.map((problem) => `${at} ${problem}`),
      ...wholeNumberProblem(`${at} minimumRingSize`, minimumRingSize, 1, MAX_RING_SIZE),
    ]);
  }

  /** Consistent hashing with a Maglev table: faster than a ring, but more keys move when pods are added or removed. */
  static maglev(key: HashKey, { tableSize = 65537 }: MaglevOptions = {}): LoadBalancingAlgorithm {
    const consistentHash = { ...key.fields, maglev: { tableSize } };
    return new LoadBalancingAlgorithm('maglev', { consistentHash }, false, (at) => [
      ...key.problems.map((problem) => `${at} ${problem}`),
      ...(isPrime(tableSize) && tableSize <= MAX_TABLE_SIZE
        ? []
        : [`${at} tableSize ${String(tableSize)} is not a prime number below 5000011: write one, such as 65537`]),
    ]);
  }

  private static simple(name: string, warmsUp: boolean): LoadBalancingAlgorithm {
    return new LoadBalancingAlgorithm(name, { simple: name }, warmsUp, () => []);
  }

  private constructor(
    /** Name of the algorithm, for messages. */
    readonly name: string,
    private readonly fields: Readonly<Record<string, unknown>>,
    /** Whether the algorithm supports a warmup. */
    readonly warmsUp: boolean,
    private readonly check: (at: string) => string[],
  ) {}

  /** The algorithm as fields of a DestinationRule's `trafficPolicy.loadBalancer`. */
  render(): Readonly<Record<string, unknown>> {
    return this.fields;
  }

  /** The problems with the algorithm, one sentence each. */
  problems(at: string): string[] {
    return this.check(at);
  }
}

function isPrime(number: number): boolean {
  if (!Number.isInteger(number) || number < 2) return false;
  for (let factor = 2; factor * factor <= number; factor++) if (number % factor === 0) return false;
  return true;
}
