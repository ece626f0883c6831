import { definedFields, fieldOf } from '../fields';
import { inboundPoolProblems, renderInboundPool, type InboundConnectionPool } from './inbound-connection-pool';
import { ingressTlsProblems, type IngressTls } from './ingress-tls';
import { isSocket, listenerProblems, renderListener, type SidecarListener } from './sidecar-port';

/**
 * A listener for inbound traffic of pods.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioIngressListener
 */
export interface IngressListener extends SidecarListener {
  /**
   * Endpoint of the traffic: `127.0.0.1:PORT` or `[::1]:PORT` for the loopback interface, `0.0.0.0:PORT` or `[::]:PORT`
   * for the pod's address, `unix:///PATH` for a socket.
   *
   * @default - the same port at the pod's address
   */
  readonly defaultEndpoint?: string;

  /**
   * TLS settings for clients outside the mesh, with which the sidecar terminates TLS. For HTTPS and TLS, on ports where
   * mutual TLS of the mesh is disabled.
   *
   * @default - none
   */
  readonly tls?: IngressTls;

  /**
   * Limits of the connections to the application.
   *
   * @default - the limits of the whole sidecar
   */
  readonly connectionPool?: InboundConnectionPool;
}

const ENDPOINT = /^(127\.0\.0\.1|0\.0\.0\.0|\[::1\]|\[::\]|):([1-9]\d{0,4})$/;
const UNIX = 'unix://';

/** A listener as an entry of a Sidecar's `ingress`. */
export function renderIngressListener(listener: IngressListener): Record<string, unknown> {
  const { defaultEndpoint, tls, connectionPool } = listener;
  return {
    ...renderListener(listener),
    ...definedFields({ defaultEndpoint, tls }),
    ...fieldOf('connectionPool', renderInboundPool(connectionPool ?? {})),
  };
}

/** The problems with listeners, one sentence each. */
export function ingressProblems(listeners: readonly IngressListener[]): string[] {
  return [
    ...(listeners.length === 0 ? ['ingress is empty: add a listener, or leave it out'] : []),
    ...listenerProblems('ingress', listeners),
    ...listeners.flatMap(({ port, defaultEndpoint, tls, connectionPool }, index) => {
      const at = `ingress[${String(index)}]`;
      return [
        ...((port.number as number | undefined) === undefined
          ? [`${at}.port has no number: write one from 1 to 65535`]
          : []),
        ...(defaultEndpoint === undefined || isEndpoint(defaultEndpoint)
          ? []
          : [
              `${at}.defaultEndpoint '${defaultEndpoint}' is not an endpoint: write 127.0.0.1:PORT, [::1]:PORT, 0.0.0.0:PORT, [::]:PORT or unix:///PATH`,
            ]),
        ...(tls ? ingressTlsProblems(`${at}.tls`, tls, port.protocol) : []),
        ...(connectionPool ? inboundPoolProblems(`${at}.connectionPool`, connectionPool) : []),
      ];
    }),
  ];
}

function isEndpoint(text: string): boolean {
  const [, , port] = ENDPOINT.exec(text) ?? [];
  return (port !== undefined && Number(port) <= 65535) || (text.startsWith(UNIX) && isSocket(text.slice(UNIX.length)));
}
