/** How a restart determines the expected sidecar of a workload. */
export enum RestartQuestions {
  /**
   * The restart creates pods as dry runs, which go through all admission webhooks. If the result differs from the
   * running pods, it also asks the injector alone. This distinguishes the changes of other webhooks from those of
   * Istio. It needs the permission to create pods, and so to run any workload.
   */
  DRY_RUNS = 'dryRuns',

  /**
   * The restart asks only the injector, and needs no permission to create pods. Differences that other webhooks may
   * have caused are undetermined, and cause no restart.
   */
  INJECTOR_ALONE = 'injectorAlone',
}
