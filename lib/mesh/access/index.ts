export { RestartQuestions } from './restart-questions';
export { type RestartSubject, type RestartSubjectConfiguration } from './restart-subject';
export {
  SidecarRestartAccess,
  type RestartWatchAccess,
  type SidecarRestartAccessProps,
} from './sidecar-restart-access';
