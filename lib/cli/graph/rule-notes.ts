import { fieldsAt, textAt } from '../../mesh/checks/spec-fields';
import { percentText } from './percent-text';
import { scalarText } from './scalar-text';

type Fields = Readonly<Record<string, unknown>>;

/** What an HTTP rule does to requests besides routing them, in words. */
export function ruleNotes(rule: Fields): readonly string[] {
  const timeout = textAt(rule, 'timeout');
  const { uri, authority, uriRegexRewrite } = fieldsAt(rule, 'rewrite');
  const rewrites = [uri, authority, fieldsAt({ uriRegexRewrite }, 'uriRegexRewrite').rewrite].filter(
    (one) => typeof one === 'string' && one !== '',
  );
  return [
    ...(timeout === undefined ? [] : [/^0[a-z]*$/.test(timeout) ? 'no timeout' : `timeout ${timeout}`]),
    ...(rule.retries === undefined ? [] : [retriesText(fieldsAt(rule, 'retries'))]),
    ...(rewrites.length === 0 ? [] : [`rewritten to ${rewrites.join(' at ')}`]),
  ];
}

/** The faults that an HTTP rule injects, in words. */
export function faultNotes(rule: Fields): readonly string[] {
  const { delay, abort } = fieldsAt(rule, 'fault');
  return [
    ...(delay === undefined ? [] : [delayText(fieldsAt({ delay }, 'delay'))]),
    ...(abort === undefined ? [] : [abortText(fieldsAt({ abort }, 'abort'))]),
  ];
}

function retriesText(retries: Fields): string {
  const { attempts, perTryTimeout, retryOn } = retries;
  if (attempts === 0) return 'no retries';
  return [
    typeof attempts === 'number' ? (attempts === 1 ? '1 retry' : `${String(attempts)} retries`) : 'retries',
    ...(typeof perTryTimeout === 'string' ? [`of ${perTryTimeout}`] : []),
    ...(typeof retryOn === 'string' && retryOn !== '' ? [`on ${retryOn.split(',').join(', ')}`] : []),
  ].join(' ');
}

function delayText(delay: Fields): string {
  return `delay ${textAt(delay, 'fixedDelay') ?? textAt(delay, 'exponentialDelay') ?? ''} for ${share(delay)}`;
}

function abortText(abort: Fields): string {
  const { httpStatus, grpcStatus, http2Error } = abort;
  const [status = ''] = [httpStatus, grpcStatus, http2Error].map(scalarText).filter(Boolean);
  return `abort ${status} for ${share(abort)}`;
}

/** The percentage of affected requests. By default, a fault affects none. */
function share(fault: Fields): string {
  const { value = fault.percent } = fieldsAt(fault, 'percentage');
  return percentText(typeof value === 'number' ? value : 0);
}
