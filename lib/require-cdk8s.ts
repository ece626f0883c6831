import { requirePackages } from './require-packages';

requirePackages('istio-module', ['cdk8s', 'cdk8s-plus-27', 'constructs']);
