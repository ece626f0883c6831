import { Duration } from 'cdk8s';
import { Origin } from 'istio-module';
import { http, route, untyped, wrong, type WrongInput } from './wrong-input';

const header = (name: string, value: string) => http({ headers: { request: { set: { [name]: value } } } });
const cors = (fields: object) => http({ corsPolicy: { allowOrigins: [{ exact: 'https://a.b' }], ...fields } });
const ORIGINS = [Origin.exact('https://a.b')];

/** Mistakes in the headers of requests and answers, those of CORS included. */
export const headers: readonly WrongInput[] = [
  wrong('a header without a name', header('', 'a'), route({ headers: { request: { set: { '': 'a' } } } }), "names ''"),
  wrong('a pseudo-header', header(':path', 'a'), route({ headers: { request: { set: { ':path': 'a' } } } }), "':path'"),
  wrong(
    'the host taken off',
    http({ headers: { request: { remove: ['host'] } } }),
    route({ headers: { request: { remove: ['host'] } } }),
    "names 'host'",
  ),
  wrong(
    'the host of a response',
    http({ headers: { response: { set: { Host: 'a' } } } }),
    route({ headers: { response: { set: { Host: 'a' } } } }),
    "names 'Host'",
  ),
  wrong('half a variable', header('a', '100%'), route({ headers: { request: { set: { a: '100%' } } } }), 'write %%'),
  wrong(
    'an empty variable',
    header('a', '%A( )%'),
    route({ headers: { request: { set: { a: '%A( )%' } } } }),
    'write %%',
  ),
  wrong(
    'a line break',
    header('a', 'a\nb'),
    route({ headers: { request: { set: { a: 'a\nb' } } } }),
    'control character',
  ),
  wrong(
    'two hosts',
    http({ rewrite: { authority: 'a' }, headers: { request: { set: { host: 'b' } } } }),
    route({ rewrite: { authority: 'a' }, headers: { request: { set: { host: 'b' } } } }),
    'sets the host 2 times',
  ),
  wrong(
    'an empty origin',
    cors({ allowOrigins: [{ exact: '' }] }),
    route({ cors: { allowOrigins: [Origin.exact('')] } }),
    'empty',
  ),
  wrong(
    'half an origin',
    cors({ allowOrigins: [{ regex: '(' }] }),
    route({ cors: { allowOrigins: [Origin.regex('(')] } }),
    "'('",
  ),
  untyped(
    'a method in lower case',
    cors({ allowMethods: ['get'] }),
    // @ts-expect-error: upper case
    route({ cors: { allowOrigins: ORIGINS, allowMethods: ['get'] } }),
    'is not an HTTP method',
  ),
  wrong(
    'an invalid header of pages',
    cors({ allowHeaders: ['x a'] }),
    route({ cors: { allowOrigins: ORIGINS, allowHeaders: ['x a'] } }),
    'is not a valid header name',
  ),
  wrong(
    'an age in fractions',
    cors({ maxAge: '1.5s' }),
    route({ cors: { allowOrigins: ORIGINS, maxAge: Duration.millis(1500) } }),
    'whole number of seconds',
  ),
];
