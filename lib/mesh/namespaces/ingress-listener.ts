import { definedFields } from '../fields';
import { listenerProblems, renderListener, type SidecarListener } from './sidecar-port';

/**
 * A listener for what arrives at pods.
 *
 * @see https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioIngressListener
 */
export interface IngressListener extends SidecarListener {
  /**
   * Where it goes: `127.0.0.1:PORT` or `[::1]:PORT` for the loopback interface, `0.0.0.0:PORT` or `[::]:PORT` for the
   * pod's address, `unix:///PATH` for a socket.
   *
   * @default - the port of the pod's address that it arrived at
   */
  readonly defaultEndpoint?: string;
}

const ENDPOINT = /^(127\.0\.0\.1|0\.0\.0\.0|\[::1\]|\[::\]):([1-9]\d{0,4})$/;

/** A listener as an entry of a Sidecar's `ingress`. */
export function renderIngressListener(listener: IngressListener): Record<string, unknown> {
  return { ...renderListener(listener), ...definedFields({ defaultEndpoint: listener.defaultEndpoint }) };
}

/** What is wrong with listeners, one sentence each. */
export function ingressProblems(listeners: readonly IngressListener[]): string[] {
  return [
    ...(listeners.length === 0 ? ['ingress is empty: add a listener, or leave it out'] : []),
    ...listenerProblems('ingress', listeners),
    ...listeners.flatMap(({ defaultEndpoint }, index) =>
      defaultEndpoint === undefined || isEndpoint(defaultEndpoint)
        ? []
        : [
            `ingress[${String(index)}].defaultEndpoint '${defaultEndpoint}' is not an endpoint: write 127.0.0.1:PORT, [::1]:PORT, 0.0.0.0:PORT, [::]:PORT or unix:///PATH`,
          ],
    ),
  ];
}

function isEndpoint(text: string): boolean {
  const [, , port] = ENDPOINT.exec(text) ?? [];
  return (port !== undefined && Number(port) <= 65535) || /^unix:\/\/\/[^\s\0]+$/.test(text);
}
