import { Destination } from './destination';
import { Match } from './match';
import { Mirror } from './mirror';
import type { ForwardingRoute } from './traffic-route';

/** What else the routes of {@link Routes} do, each of them. */
export type RouteOptions = Pick<ForwardingRoute, 'timeout' | 'retries' | 'headers' | 'cors' | 'rewrite' | 'fault'>;

/** What {@link Routes.canary} takes. */
export interface CanaryOptions extends RouteOptions {
  /** The subset that is live. */
  readonly stable: string;

  /** The subset that is tried. */
  readonly canary: string;

  /** Share of the requests that the canary gets, in percent, from 0 to 100; fractions down to 0.0001 are possible. */
  readonly percent: number;
}

/** What {@link Routes.abTest} takes. */
export interface AbTestOptions extends RouteOptions {
  /** The request header, in lower case, that says which variant a request belongs to. */
  readonly header: string;

  /** The subset of each variant, by the header's value. */
  readonly variants: Readonly<Record<string, string>>;

  /** The subset for requests without the header, or with another value. */
  readonly otherwise: string;
}

/** What {@link Routes.blueGreen} takes. */
export interface BlueGreenOptions extends RouteOptions {
  /** The subset that gets the requests. */
  readonly live: string;

  /** The other subset. Only requests that select it reach it. */
  readonly idle: string;

  /** The requests that select the idle subset. */
  readonly preview: Match;
}

/** What {@link Routes.darkLaunch} takes. */
export interface DarkLaunchOptions extends RouteOptions {
  /** The subset that answers. */
  readonly live: string;

  /** The subset that gets copies, whose responses no client sees. */
  readonly dark: string;

  /**
   * Share of the requests that is copied, in percent, from 0 to 100; fractions down to 0.0001 are possible.
   *
   * @default 100
   */
  readonly percent?: number;
}

/** Routes for common goals, to be given to a {@link TrafficPolicy} whose subsets they name. */
export class Routes {
  /** A share of the requests tries a new version. */
  static canary({ stable, canary, percent, ...options }: CanaryOptions): ForwardingRoute[] {
    const [rest, share] = wholeShares(percent);
    return [
      { to: [Destination.subset(stable, { weight: rest }), Destination.subset(canary, { weight: share })], ...options },
    ];
  }

  /** A header's value decides between versions. */
  static abTest({ header, variants, otherwise, ...options }: AbTestOptions): ForwardingRoute[] {
    const chosen = Object.entries(variants).map(([value, subset]) => ({
      match: [Match.header(header).exact(value)],
      to: [Destination.subset(subset)],
      ...options,
    }));
    return [...chosen, { to: [Destination.subset(otherwise)], ...options }];
  }

  /** One of two versions is live, the other one is there to be looked at; exchange their names to switch. */
  static blueGreen({ live, idle, preview, ...options }: BlueGreenOptions): ForwardingRoute[] {
    return [
      { match: [preview], to: [Destination.subset(idle)], ...options },
      { to: [Destination.subset(live)], ...options },
    ];
  }

  /** A new version gets copies of requests, while the old one answers. */
  static darkLaunch({ live, dark, percent, ...options }: DarkLaunchOptions): ForwardingRoute[] {
    return [{ to: [Destination.subset(live)], mirror: Mirror.to(dark, { percent }), ...options }];
  }
}

/** A share in percent, and the rest, as whole numbers in the same proportion; as they are where there are none. */
function wholeShares(percent: number): readonly [number, number] {
  for (const scale of [1, 10, 100, 1_000, 10_000]) {
    const share = Math.round(percent * scale);
    if (Math.abs(share - percent * scale) < 1e-6) return [100 * scale - share, share];
  }
  return [100 - percent, percent];
}
