import * as engine from '../../engine/index';
import type { RestartError, RestartOptions, RestartPlan, RestartReport, RunEvent } from '../../engine/index';
import { refuseUnknownNamespaces } from '../../engine/run/known-namespaces';
import { clusterOptions, type ClusterFlags } from '../cluster-flags';
import { ExitCode } from '../exit-code';
import { lastingLines, logLines, signOfLife } from '../live/log-lines';
import { failedRecord, finishedRecord, logRecords, recordLine, type LogRecord } from '../live/log-records';
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

/** The differences between `restart` and `remove`. */
export interface RestartJob {
  readonly run: (engine: Engine, options: RestartOptions) => Promise<RestartReport>;
  /** For example `Restart 12 workloads on staging?`. */
  readonly question: (due: Pick<RestartPlan['summary'], 'restart' | 'update'>, cluster: string) => string;
  /** The message if nothing was due; without a period. */
  readonly nothing: string;
}

/** Plans, asks for confirmation, restarts with visible progress, and reports. */
export async function runRestart(context: CommandContext, flags: RestartFlags, job: RestartJob): Promise<void> {
  const { terminal, end } = context;
  if (!flags.yes && flags.logFormat === 'json') {
    throw new engine.RestartError('InvalidOption', '--log-format json cannot ask for confirmation', {
      remedy: 'add --yes to restart without confirmation',
      done: { restarted: [], begun: [], notStarted: [] },
    });
  }
  if (!flags.yes && !terminal.isInteractive) {
    throw new engine.RestartError('InvalidOption', 'Cannot ask for confirmation without a terminal, or if CI is set', {
      remedy: 'add --yes to restart without confirmation',
      done: { restarted: [], begun: [], notStarted: [] },
    });
  }
  const run = new WatchedRun(context, flags, job);
  try {
    const options = { ...clusterOptions(flags), ...selectionOptions(flags) };
    await refuseUnknownNamespaces({ ...options, signal: run.options.drain });
    const report = await job.run(engine, { ...options, ...rollOutOptions(flags), ...run.options });
    run.close();
    run.record(finishedRecord(report, job.nothing));
    terminal.print(...(await printed(report, flags, job)));
    end(run.isStopped ? ExitCode.INTERRUPTED : ExitCode.OK);
  } catch (error) {
    run.close();
    if (run.isStopped && isStop(error)) {
      run.tellStop();
      end(ExitCode.INTERRUPTED);
    } else if (run.record(failedRecord(error))) {
      end(ExitCode.ERROR);
    } else {
      throw error;
    }
  } finally {
    run.close();
  }
}

async function printed(
  report: RestartReport,
  { output, logFormat }: RestartFlags,
  job: RestartJob,
): Promise<readonly string[]> {
  switch (output) {
    case 'json':
      return [asJson(report)];
    case 'yaml':
      return [await asYaml(report)];
    default:
      return logFormat === 'json' ? [] : reportLines(report, job.nothing);
  }
}

/** Whether the error means that the user stopped the run. */
function isStop(error: unknown): boolean {
  const { name, code } = error as Partial<RestartError>;
  return name === 'RestartError' && (code === 'Aborted' || code === 'RolloutFailed');
}

/** The maximum time between log lines while rollouts are under way, since CI systems end silent jobs. */
const QUIET_MILLISECONDS = 10_000;

/** A run between the engine and the terminal: shows events, asks for confirmation, and handles signals. */
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
    this.view =
      terminal.canDraw && flags.logFormat !== 'json'
        ? new LiveView(terminal.stderr, terminal.stderrCleaner)
        : undefined;
    this.interruption = new Interruption({ onDrain: this.onDrain, onLeave: this.close });
    // Ctrl-C also ends a pager or tee that reads the output. The run still waits for rollouts under way.
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

  /** Restores the terminal and the signal handlers. */
  readonly close = () => {
    clearInterval(this.signs);
    this.view?.close();
    this.interruption.close();
  };

  /**
   * Writes a record if the log is JSON.
   *
   * @returns whether the log is JSON
   */
  record(record: LogRecord): boolean {
    if (this.flags.logFormat !== 'json') {
      return false;
    }
    this.tell(recordLine(record, new Date()));
    return true;
  }

  /** Reports what a stopped run has done and left. */
  tellStop(): void {
    const lines = stoppedLines(this.state);
    if (!this.record({ level: 'warn', event: 'stopped', message: lines.join('\n') })) {
      this.context.terminal.tell(...lines);
    }
  }

  private readonly onEvent = (event: RunEvent) => {
    if (this.flags.logFormat === 'json') {
      logRecords(this.state, event).forEach((record) => this.record(record));
      this.follow(event);
    } else if (event.type === 'planned' && !this.shown && isDue(event.plan)) {
      // Includes the notes of the plan.
      this.showPlan(event.plan);
      this.follow(event);
    } else {
      this.follow(event, ...(this.view ? lastingLines(this.state, event) : logLines(this.state, event)));
    }
  };

  private readonly onQuiet = () => {
    const line = signOfLife(this.state);
    if (line !== undefined && !this.record({ level: 'info', event: 'underWay', message: line })) {
      this.tell(line);
    }
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
    const rollouts = underWay.length === 1 ? '1 rollout' : `${String(underWay.length)} rollouts`;
    const waiting = `waiting for ${rollouts} under way; Ctrl-C again to exit immediately`;
    const lines = due.length === 0 ? [] : [`no further rollouts are started; ${waiting}`];
    const isRecorded = this.record({ level: 'warn', event: 'draining', message: lines.join('') || 'stopping' });
    this.follow({ type: 'draining' }, ...(isRecorded ? [] : lines));
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
  // The reader of the output has ended.
}
