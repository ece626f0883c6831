export { type FluxOptions, type FluxSource } from './flux-options';
export { InstallationStage } from './installation-stage';
export { OrderedApp, type OrderedAppProps } from './ordered-app';
export { Ordering } from './ordering';
