import type { ServerResponse } from 'node:http';

/** The API server's answer to a request. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/** What is known about a request before it is answered. */
export interface ApiRequest {
  readonly method: string;
  /** Whether it asks for another page of a list. */
  readonly isContinued: boolean;
}

/** Something that goes wrong on the way to the API server and back. */
export interface ApiFault {
  readonly name: string;
  /** Whether the API server nevertheless receives the request and carries it out. */
  readonly forwards: boolean;
  /** Whether the fault also happens to every later request. */
  readonly lasts: boolean;
  /** Which requests it can happen to. */
  happensTo(request: ApiRequest): boolean;
  /** @param answer the API server's own answer; empty unless the request was forwarded */
  answer(response: ServerResponse, answer: ApiAnswer): void;
}

/** All faults. Each can happen to any request, unless its `happensTo` restricts it. */
export const API_FAULTS: readonly ApiFault[] = [
  fault('429 with Retry-After', refuse(429, 'TooManyRequests', 'the server has received too many requests', '1')),
  fault('500', refuse(500, 'InternalError', 'etcdserver: leader changed')),
  fault('500 after the work was done', refuse(500, 'InternalError', 'etcdserver: request timed out'), {
    forwards: true,
  }),
  fault('503', refuse(503, 'ServiceUnavailable', 'apiserver not ready')),
  fault('409 on PATCH', refuse(409, 'Conflict', 'the object has been modified'), {
    happensTo: ({ method }) => method === 'PATCH',
  }),
  fault('410 on a continued LIST', refuse(410, 'Expired', 'The provided continue parameter is too old'), {
    happensTo: ({ isContinued }) => isContinued,
  }),
  fault('no answer in time', () => undefined, { forwards: true }),
  fault('cut before the request', cut),
  fault('cut before the answer', cut, { forwards: true }),
  fault(
    'cut in the middle of the answer',
    (response, { status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length });
      response.write(half(body), () => {
        cut(response);
      });
    },
    { forwards: true },
  ),
  fault(
    'half a page',
    (response, { status, body }) => {
      send(response, { status, body: half(body) });
    },
    { forwards: true },
  ),
  fault('unreachable from there on', cut, { lasts: true }),
  fault('500 from there on', refuse(500, 'InternalError', 'etcdserver: no leader'), { lasts: true }),
];

/** Answers with JSON. */
export function send(
  response: ServerResponse,
  { status, body }: ApiAnswer,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length, ...headers });
  response.end(body);
}

function fault(
  name: string,
  answer: ApiFault['answer'],
  rest: Partial<Pick<ApiFault, 'forwards' | 'lasts' | 'happensTo'>> = {},
): ApiFault {
  return { name, answer, forwards: false, lasts: false, happensTo: () => true, ...rest };
}

function refuse(code: number, reason: string, message: string, retryAfter?: string): ApiFault['answer'] {
  const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, code };
  return (response) => {
    send(
      response,
      { status: code, body: Buffer.from(JSON.stringify(status)) },
      retryAfter === undefined ? {} : { 'retry-after': retryAfter },
    );
  };
}

function cut(response: ServerResponse): void {
  response.socket?.destroy();
}

function half(body: Buffer): Buffer {
  return body.subarray(0, Math.floor(body.length / 2));
}
