/** How a restart finds out what sidecars should be. */
export enum RestartQuestions {
  /**
   * All of admission is asked, by dry runs of pods, and the injector alone where that differs. It tells what other webhooks
   * do from what Istio does, and takes the right to create pods, which is the right to run anything.
   */
  DRY_RUNS = 'dryRuns',

  /**
   * Only the injector is asked, and no pod may be created. What other webhooks may have made of a sidecar is then
   * undetermined, and no reason for a restart.
   */
  INJECTOR_ALONE = 'injectorAlone',
}
