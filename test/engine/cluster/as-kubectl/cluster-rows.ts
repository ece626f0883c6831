import type { Row } from './row';
import { base64, type World } from './world';

const secure = (world: World, fields: object) => ({ server: world.secureUrl(), ...fields });
const UNVERIFIED = /x509|tls/;

/** Where the server is, and how it is authenticated. */
export const CLUSTER_ROWS: readonly Row[] = [
  {
    name: 'certificate-authority',
    files: (world) => ({ 'conf/ca.pem': world.authority.cert }),
    cluster: (world) => secure(world, { 'certificate-authority': 'ca.pem' }),
  },
  {
    name: 'certificate-authority-data, with one among others',
    cluster: (world) =>
      secure(world, { 'certificate-authority-data': base64(world.other.cert + world.authority.cert) }),
  },
  {
    name: 'an intermediate authority without its root is trusted',
    cluster: (world) => secure(world, { 'certificate-authority-data': base64(world.authority.cert) }),
  },
  {
    name: 'the root of an intermediate authority',
    cluster: (world) => secure(world, { 'certificate-authority-data': base64(world.root.cert) }),
  },
  {
    name: 'another authority',
    cluster: (world) => secure(world, { 'certificate-authority-data': base64(world.other.cert) }),
    refused: { engine: /cannot be reached: .*certificate/, kubectl: UNVERIFIED },
  },
  {
    name: 'no authority',
    cluster: (world) => secure(world, {}),
    refused: { engine: /cannot be reached: .*certificate/, kubectl: UNVERIFIED },
  },
  {
    name: "no authority where it is among the machine's",
    files: (world) => ({ 'ca.pem': world.authority.cert }),
    cluster: (world) => secure(world, {}),
    env: () => ({ SSL_CERT_FILE: 'ca.pem' }),
  },
  {
    name: 'an invalid authority',
    cluster: (world) => secure(world, { 'certificate-authority-data': base64('hello') }),
    refused: { engine: /certificate-authority contains no certificate/, kubectl: /unable to load root certificates/ },
  },
  {
    name: 'an authority that is not base64',
    cluster: (world) => secure(world, { 'certificate-authority-data': '***' }),
    refused: { engine: /certificate-authority-data is not base64/, kubectl: /illegal base64/ },
  },
  {
    name: 'an authority that is not there',
    cluster: (world) => secure(world, { 'certificate-authority': 'missing' }),
    refused: {
      engine: /certificate-authority cannot be read: ENOENT/,
      kubectl: /unable to read certificate-authority/,
    },
  },
  {
    name: 'an authority that is not there, of a server without TLS',
    cluster: (world) => ({ server: world.plainUrl(), 'certificate-authority': 'missing' }),
    refused: {
      engine: /certificate-authority cannot be read: ENOENT/,
      kubectl: /unable to read certificate-authority/,
    },
  },
  {
    name: 'both the file and the data of an authority',
    files: (world) => ({ 'conf/ca.pem': world.authority.cert }),
    cluster: (world) => ({ ...world.trusted(), 'certificate-authority': 'ca.pem' }),
    refused: { engine: /certificate-authority and certificate-authority-data/, kubectl: /are both specified/ },
  },
  {
    name: 'insecure-skip-tls-verify',
    cluster: (world) => secure(world, { 'insecure-skip-tls-verify': true }),
  },
  {
    name: 'insecure-skip-tls-verify with an authority',
    cluster: (world) => ({ ...world.trusted(), 'insecure-skip-tls-verify': true }),
    refused: {
      engine: /insecure-skip-tls-verify and a certificate-authority/,
      kubectl: /insecure flag is not allowed/,
    },
  },
  {
    name: 'tls-server-name, which the server is told and has to be called',
    cluster: (world) => ({ ...world.trusted(), 'tls-server-name': 'other.example' }),
  },
  {
    name: 'a tls-server-name that the server is not called',
    cluster: (world) => ({ ...world.trusted(), 'tls-server-name': 'wrong.example' }),
    refused: { engine: /wrong\.example/, kubectl: /wrong\.example/ },
  },
  {
    name: 'a certificate with a common name alone',
    cluster: (world) => ({
      ...world.trusted(),
      server: `https://127.0.0.1:${world.port(world.unnamed)}`,
      'tls-server-name': 'api.example',
    }),
    refused: { engine: /no subject alternative name/, kubectl: /x509/ },
  },
  { name: 'a path of the server', cluster: (world) => ({ ...world.trusted(), server: `${world.secureUrl()}/k8s/x` }) },
  { name: 'a path with a slash', cluster: (world) => ({ ...world.trusted(), server: `${world.secureUrl()}/k8s/x/` }) },
  { name: 'disable-compression', cluster: (world) => ({ ...world.trusted(), 'disable-compression': true }) },
  {
    name: 'a username and a password in the URL',
    cluster: (world) => ({ ...world.trusted(), server: world.secureUrl().replace('//', '//me:p%20w@') }),
  },
  {
    name: 'a username and a password in the URL of a server without TLS',
    cluster: (world) => ({ server: world.plainUrl().replace('//', '//me:p%20w@') }),
  },
  {
    name: 'a server without a scheme',
    cluster: (world) => ({ server: world.plainUrl().replace('http://', '') }),
    differs: {
      because: 'kubectl speaks to it without TLS, which is hardly what was meant',
      engine: /is not a URL; write a URL such as https:/,
    },
  },
];
