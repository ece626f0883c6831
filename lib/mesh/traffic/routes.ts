import { Destination } from './destination';
import { Match } from './match';
import { Mirror } from './mirror';
import type { ForwardingRoute } from './traffic-route';

/** Options that apply to every route that {@link Routes} creates. */
export type RouteOptions = Pick<ForwardingRoute, 'timeout' | 'retries' | 'headers' | 'cors' | 'rewrite' | 'fault'>;

/** Options of {@link Routes.canary}. */
export interface CanaryOptions extends RouteOptions {
  /** Subset with the stable version. */
  readonly stable: string;

  /** Subset with the new version. */
  readonly canary: string;

  /** Share of the requests that the canary gets, in percent, from 0 to 100; fractions down to 0.0001 are possible. */
  readonly percent: number;
}

/** Options of {@link Routes.abTest}. */
export interface AbTestOptions extends RouteOptions {
  /** The request header, in lower case, whose value selects the variant. */
  readonly header: string;

  /** The subset for each value of the header. */
  readonly variants: Readonly<Record<string, string>>;

  /** The subset for requests without the header, or with another value. */
  readonly otherwise: string;
}

/** Options of {@link Routes.blueGreen}. */
export interface BlueGreenOptions extends RouteOptions {
  /** Subset that gets all other requests. */
  readonly live: string;

  /** The other subset. Only requests that match `preview` reach it. */
  readonly idle: string;

  /** Match for the requests that go to the idle subset. */
  readonly preview: Match;
}

/** Options of {@link Routes.darkLaunch}. */
export interface DarkLaunchOptions extends RouteOptions {
  /** Subset that answers requests. */
  readonly live: string;

  /** Subset that gets copies of requests. Clients never see its responses. */
  readonly dark: string;

  /**
   * Share of the requests that are copied, in percent, from 0 to 100; fractions down to 0.0001 are possible.
   *
   * @default 100
   */
  readonly percent?: number;
}

/** Routes for common use cases of a {@link TrafficPolicy} that defines the subsets. */
export class Routes {
  /** Sends a share of the requests to a new version. */
  static canary({ stable, canary, percent, ...options }: CanaryOptions): ForwardingRoute[] {
    const [rest, share] = wholeShares(percent);
    return [
      { to: [Destination.subset(stable, { weight: rest }), Destination.subset(canary, { weight: share })], ...options },
    ];
  }

  /** Selects the version by the value of a header. */
  static abTest({ header, variants, otherwise, ...options }: AbTestOptions): ForwardingRoute[] {
    const chosen = Object.entries(variants).map(([value, subset]) => ({
      match: [Match.header(header).exact(value)],
      to: [Destination.subset(subset)],
      ...options,
    }));
    return [...chosen, { to: [Destination.subset(otherwise)], ...options }];
  }

  /**
   * Sends preview requests to the idle subset, and all other requests to the live one. To switch, swap their names.
   */
  static blueGreen({ live, idle, preview, ...options }: BlueGreenOptions): ForwardingRoute[] {
    return [
      { match: [preview], to: [Destination.subset(idle)], ...options },
      { to: [Destination.subset(live)], ...options },
    ];
  }

  /** Sends copies of requests to a new version, while the old one answers. */
  static darkLaunch({ live, dark, percent, ...options }: DarkLaunchOptions): ForwardingRoute[] {
    return [{ to: [Destination.subset(live)], mirror: Mirror.to(dark, { percent }), ...options }];
  }
}

/**
 * The weights 100 - percent and percent, scaled to whole numbers in the same proportion; unscaled if no scale makes
 * them whole.
 */
function wholeShares(percent: number): readonly [number, number] {
  for (const scale of [1, 10, 100, 1_000, 10_000]) {
    const share = Math.round(percent * scale);
    if (Math.abs(share - percent * scale) < 1e-6) return [100 * scale - share, share];
  }
  return [100 - percent, percent];
}
