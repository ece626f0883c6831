import { requirePackages } from './require-packages';

requirePackages('istio-module', ['cdk8s', 'constructs']);
