import * as engine from '../../engine/index';
import type { RestartError, RestartOptions, RestartPlan, RestartReport, RunEvent } from '../../engine/index';
import { refuseUnknownNamespaces } from '../../engine/run/known-namespaces';
import { clusterOptions, type ClusterFlags } from '../cluster-flags';
import { ExitCode } from '../exit-code';
import { lastingLines, logLines, signOfLife } from '../live/log-lines';
import { afterEvent, STARTED, type LiveEvent, type LiveState } from '../live/live-state';
import { LiveView } from '../live/live-view';
import { asJson } from '../output/as-json';
import { asYaml } from '../output/as-yaml';
import { printable } from '../output/printable';
import { selectionText } from '../plan/next-step';
import { planTable } from '../plan/plan-table';
import type { CommandContext } from '../command-context';
import { selectionOptions, type SelectionFlags } from '../selection-flags';
import { ask } from './ask';
import { Interruption } from './interruption';
import { reportLines } from './report-lines';
import { rollOutOptions, type RollOutFlags } from './roll-out-flags';
import { stoppedLines } from './stopped-lines';

export type RestartFlags = ClusterFlags & SelectionFlags & RollOutFlags;

type Engine = Pick<typeof engine, 'restartWorkloads' | 'removeSidecars'>;

/** What `restart` and `remove` do not have in common. */
export interface RestartJob {
  readonly run: (engine: Engine, options: RestartOptions) => Promise<RestartReport>;
  /** Such as `Restart 12 workloads on staging?`. */
  readonly question: (due: Pick<RestartPlan['summary'], 'restart' | 'update'>, cluster: string) => string;
  /** Said when nothing was due; without a full stop. */
  readonly nothing: string;
}

/** Plans, asks, rolls under the eyes of the user, and reports. */
export async function runRestart(context: CommandContext, flags: RestartFlags, job: RestartJob): Promise<void> {
  const { terminal, end } = context;
  if (!flags.yes && !terminal.isInteractive) {
    throw new engine.RestartError('InvalidOption', 'There is nobody to ask here', {
      remedy: 'add --yes to restart without a question',
      done: { restarted: [], begun: [], notStarted: [] },
    });
  }
  const run = new WatchedRun(context, flags, job);
  try {
    const options = { ...clusterOptions(flags), ...selectionOptions(flags) };
    await refuseUnknownNamespaces({ ...options, signal: run.options.drain });
    const report = await job.run(engine, { ...options, ...rollOutOptions(flags), ...run.options });
    run.close();
    terminal.print(...(await printed(report, flags, job)));
    end(run.isStopped ? ExitCode.INTERRUPTED : ExitCode.OK);
  } catch (error) {
    run.close();
    if (run.isStopped && isStop(error)) {
      terminal.tell(...stoppedLines(run.state));
      end(ExitCode.INTERRUPTED);
    } else {
      throw error;
    }
  } finally {
    run.close();
  }
}

async function printed(report: RestartReport, { output }: RestartFlags, job: RestartJob): Promise<readonly string[]> {
  switch (output) {
    case 'json':
      return [asJson(report)];
    case 'yaml':
      return [await asYaml(report)];
    default:
      return reportLines(report, job.nothing);
  }
}

/** What a run ends with that its user has stopped; others have a reason of their own. */
function isStop(error: unknown): boolean {
  const { name, code } = error as Partial<RestartError>;
  return name === 'RestartError' && (code === 'Aborted' || code === 'RolloutFailed');
}

/** How long a log may be silent while rollouts are under way: CI systems end jobs that say nothing. */
const QUIET_MILLISECONDS = 10_000;

/** A run between the engine and the terminal: shows events, asks, and takes signals. */
class WatchedRun {
  state: LiveState = STARTED;
  private readonly view: LiveView | undefined;
  private readonly interruption: Interruption;
  private shown: RestartPlan | undefined;
  private readonly signs: NodeJS.Timeout | undefined;

  constructor(
    private readonly context: CommandContext,
    private readonly flags: RestartFlags,
    private readonly job: RestartJob,
  ) {
    const { terminal } = context;
    const canDraw = terminal.isWatched && terminal.env.TERM !== 'dumb';
    this.view = canDraw ? new LiveView(terminal.stderr, terminal.stderrCleaner) : undefined;
    this.interruption = new Interruption({ onDrain: this.onDrain, onLeave: this.close });
    // Ctrl-C ends the pager or the tee behind it as well; rollouts under way are waited for all the same.
    terminal.stdout.on('error', ignore);
    terminal.stderr.on('error', ignore);
    this.view?.show(this.state);
    this.signs = this.view ? undefined : setInterval(this.onQuiet, QUIET_MILLISECONDS).unref();
  }

  get options(): Pick<RestartOptions, 'signal' | 'drain' | 'onEvent' | 'confirm'> {
    const { signal, drain } = this.interruption;
    return { signal, drain, onEvent: this.onEvent, ...(this.flags.yes ? {} : { confirm: this.confirm }) };
  }

  get isStopped(): boolean {
    return this.interruption.drain.aborted;
  }

  /** Leaves the terminal and the signals as they were. */
  readonly close = () => {
    clearInterval(this.signs);
    this.view?.close();
    this.interruption.close();
  };

  private readonly onEvent = (event: RunEvent) => {
    if (event.type === 'planned' && !this.shown && isDue(event.plan)) {
      // With all that the plan notes.
      this.showPlan(event.plan);
      this.follow(event);
    } else {
      this.follow(event, ...(this.view ? lastingLines(this.state, event) : logLines(this.state, event)));
    }
  };

  private readonly onQuiet = () => {
    const line = signOfLife(this.state);
    this.tell(...(line === undefined ? [] : [line]));
  };

  private readonly confirm = async (plan: RestartPlan) => {
    if (this.shown !== plan) {
      this.showPlan(plan);
    }
    this.view?.close();
    const question = this.job.question(plan.summary, plan.cluster);
    const isConfirmed = await ask(this.context.terminal, question, this.interruption.drain);
    if (isConfirmed) {
      this.view?.show(this.state);
    }
    return isConfirmed;
  };

  private readonly onDrain = () => {
    const { underWay, due } = this.state;
    const waiting = `waiting for ${String(underWay.length)} under way; Ctrl-C again to leave at once`;
    this.follow({ type: 'draining' }, ...(due.length === 0 ? [] : [`no further rollouts are started; ${waiting}`]));
  };

  private showPlan(plan: RestartPlan): void {
    this.shown = plan;
    const lines = planTable(printable(plan), {
      ...this.context.terminal.stderrLook,
      selection: selectionText(this.flags),
      isWide: false,
      next: '',
    });
    this.tell(...lines);
  }

  private follow(event: LiveEvent, ...lines: readonly string[]): void {
    this.state = afterEvent(this.state, event);
    this.tell(...lines);
  }

  private tell(...lines: readonly string[]): void {
    if (this.view?.isOpen) {
      this.view.show(this.state, ...lines);
    } else if (lines.length > 0) {
      this.context.terminal.tell(...lines);
      this.signs?.refresh();
    }
  }
}

function isDue({ summary }: RestartPlan): boolean {
  return summary.restart + summary.update + summary.wait > 0;
}

function ignore(): void {
  // Nobody reads the output any more.
}
