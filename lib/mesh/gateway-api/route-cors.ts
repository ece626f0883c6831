import { definedFields } from '../fields';
import { corsPolicyProblems, type CorsPolicy, type Origin } from '../traffic/cors-policy';

const ORIGIN = /^https?:\/\/(((\*\.)?([a-zA-Z0-9-]+\.)*[a-zA-Z0-9-]+|\*)(:([0-9]{1,5}))?)$/;
const MAX_ENTRIES = 64;

/** The policy as the `cors` of a filter. */
export function renderRouteCors(policy: CorsPolicy): Readonly<Record<string, unknown>> {
  const { allowOrigins, allowMethods, allowHeaders, exposeHeaders, maxAge, allowCredentials } = policy;
  return definedFields({
    allowOrigins: allowOrigins.map(originOf),
    allowCredentials,
    allowMethods,
    allowHeaders,
    exposeHeaders,
    maxAge: maxAge?.toSeconds(),
  });
}

/** The problems with a CORS policy of a rule, one sentence each. */
export function routeCorsProblems(at: string, policy: CorsPolicy): string[] {
  const { allowOrigins, allowMethods = [], allowHeaders = [], exposeHeaders = [] } = policy;
  const origins = allowOrigins.map(originOf);
  const lists = { allowOrigins: origins, allowMethods, allowHeaders };
  return [
    ...corsPolicyProblems(at, policy, true),
    ...origins.flatMap((origin, index) =>
      origin !== undefined && (origin === '*' || ORIGIN.test(origin))
        ? []
        : [
            `${at}.allowOrigins[${String(index)}] is not an origin that the Gateway API supports: write Origin.ANY, or Origin.exact with 'http://' or 'https://' and a host`,
          ],
    ),
    ...Object.entries(lists)
      .filter(([, entries]) => entries.length > 1 && entries.includes('*'))
      .map(([list]) => `${at}.${list} has '*' together with others, which '*' includes: write either '*' or others`),
    ...Object.entries({ ...lists, exposeHeaders })
      .filter(([, entries]) => entries.length > MAX_ENTRIES)
      .map(([list]) => `${at}.${list} has more than ${String(MAX_ENTRIES)} entries: write fewer`),
  ];
}

/** An origin in the format of the Gateway API; undefined if the Gateway API does not support it. */
function originOf(origin: Origin): string | undefined {
  const { exact, regex } = origin.render();
  return regex === '.*' ? '*' : exact;
}
