import {
  AuthorizationAction,
  Condition,
  MutualTls,
  StrictPeerAuthentication,
  type AuthorizationOperation,
  type AuthorizationSource,
  type StrictPeerAuthenticationProps,
} from 'istio-module';
import { authorize, rule, type WrongInput } from '../wrong-input';
import type { Mended, MendedInputs } from './mended-input';

const action = AuthorizationAction.custom('a');
const from = (advice: string, source: AuthorizationSource): Mended => [advice, rule({ from: [source] })];
const to = (advice: string, operation: AuthorizationOperation): Mended => [advice, rule({ to: [operation] })];
const peers =
  (props: StrictPeerAuthenticationProps): WrongInput['construct'] =>
  (chart) =>
    new StrictPeerAuthentication(chart, 'one', { namespace: 'shop', ...props });
const workload = { app: 'a' };
const paths = ['/'];

/** What is advised instead of the mistakes in who may do what, and how. */
export const mendedSecurity: MendedInputs = {
  'a denial of nothing': [
    'write a rule, or rules: Requests.ALL',
    authorize({ action: AuthorizationAction.DENY, rules: [{ to: [{ paths }] }] }),
  ],
  'a question about nothing': [
    'write a rule, or rules: Requests.ALL',
    authorize({ action, rules: [{ to: [{ paths }] }] }),
  ],
  'a question to nobody': [
    "write its name in the mesh configuration's extensionProviders",
    authorize({ action, rules: [{ to: [{ paths }] }] }),
  ],
  'a question about an identity': [
    'leave it out, and let the provider check the source',
    authorize({ action, rules: [{ to: [{ paths }] }] }),
  ],
  'a question about a claim': ['let the provider check it', authorize({ action, rules: [{ to: [{ paths }] }] })],
  'a source that says nothing': from(
    "set a field of the source, such as principals, or, to match any, leave out the prop 'from'",
    { principals: ['cluster.local/ns/shop/sa/web'] },
  ),
  'an operation that says nothing': to(
    "set a field of the operation, such as paths, or, to match any, leave out the prop 'to'",
    { paths },
  ),
  'an identity without a name': from('write a value', { principals: ['cluster.local/ns/shop/sa/web'] }),
  'a namespace without a name': from('write a value', { notNamespaces: ['shop'] }),
  'an address of three parts': from("write one such as '203.0.113.4' or '10.0.0.0/8'", { ipBlocks: ['203.0.113.4'] }),
  'a block of 33 bits': from("write one such as '203.0.113.4' or '10.0.0.0/8'", { notIpBlocks: ['10.0.0.0/8'] }),
  'an address with a leading zero': from("write one such as '203.0.113.4' or '10.0.0.0/8'", {
    remoteIpBlocks: ['203.0.113.4'],
  }),
  'an address with a host': from("write one such as '203.0.113.4' or '10.0.0.0/8'", {
    notRemoteIpBlocks: ['203.0.113.4'],
  }),
  'accounts and namespaces': [
    'write two sources, or leave out one of them',
    rule({ from: [{ serviceAccounts: ['a/b'] }, { namespaces: ['a'] }] }),
  ],
  'an account in three parts': from("write NAMESPACE/NAME, such as 'shop/frontend'", {
    serviceAccounts: ['shop/frontend'],
  }),
  'an account that is all': from("write NAMESPACE/NAME, such as 'shop/frontend'", {
    serviceAccounts: ['shop/frontend'],
  }),
  'port 70000 of an operation': to('write a whole number from 1 to 65535', { ports: [65_535] }),
  'a method without a name': to('write a value', { methods: ['GET'] }),
  'a path without a text': to('write a value', { paths: ['/a'] }),
  'a template whose rest is not last': to(
    'use {*} and {**} only as whole segments, neither of them after {**}, and no other * or braces',
    { paths: ['/{*}/{**}'] },
  ),
  'a template within a segment': to(
    'use {*} and {**} only as whole segments, neither of them after {**}, and no other * or braces',
    { notPaths: ['/a/{*}'] },
  ),
  'braces that are no template': to(
    'use {*} and {**} only as whole segments, neither of them after {**}, and no other * or braces',
    { paths: ['/{*}'] },
  ),
  'a template beside a star': to(
    'use {*} and {**} only as whole segments, neither of them after {**}, and no other * or braces',
    { paths: ['/{*}/a'] },
  ),
  'a condition without values': [
    "write a value, or '*' for any non-empty value",
    rule({ when: [Condition.sni().values('a.b')] }),
  ],
  'a condition of nothing': [
    "write a value, or '*' for any non-empty value",
    authorize({ rules: [{ when: [Condition.audience().values('a')] }], tokensVerifiedElsewhere: true }),
  ],
  'a condition of a header without a name': [
    'write one that is not empty, without brackets or spaces',
    rule({ when: [Condition.header('x-a').values('a')] }),
  ],
  'a condition on an invalid address': [
    "write one such as '203.0.113.4' or '10.0.0.0/8'",
    rule({ when: [Condition.destinationIp().values('203.0.113.4')] }),
  ],
  'workloads by a pattern': [
    "write at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit",
    authorize({ workload, rules: [{ to: [{ paths }] }] }),
  ],
  'more rules than Istio takes': [
    'write at most 512 in each of several policies',
    authorize({ rules: Array.from({ length: 512 }, () => ({ to: [{ paths }] })) }),
  ],
  'ports without a workload': [
    'set the prop workload to the labels of the pods that listen on it',
    peers({ workload, ports: { 80: MutualTls.DISABLE } }),
  ],
  'mutual TLS on port 0': [
    'write a whole number from 1 to 65535',
    peers({ workload, ports: { 1: MutualTls.DISABLE } }),
  ],
  'mutual TLS on port 70000': [
    'write a whole number from 1 to 65535',
    peers({ workload, ports: { 65535: MutualTls.DISABLE } }),
  ],
  'peers by a pattern': [
    "write at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit",
    peers({ workload: { a: 'b' } }),
  ],
};
