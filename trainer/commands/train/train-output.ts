// The output of `train`: JSON lines for programs, or for people a progress bar (a line every 15 s where there is no terminal).
import { join } from 'node:path';
import { SingleBar } from 'cli-progress';
import { defaultConfig } from '../../config/fields.ts';
import type { LoopOutcome } from '../../run/loop.ts';
import { evaluationText, shownFrechet, type Evaluation } from '../../metrics/evaluation.ts';
import { changeText } from '../../run/config-history.ts';
import type { RunEvent, RunListener } from '../../run/events.ts';
import { formatDuration } from '../../run/duration.ts';
import type { StatsLine } from '../../run/stats.ts';
import type { CommandContext } from '../../command-line/context.ts';
import { shownPath } from '../../command-line/outputs.ts';
import type { RunPlan } from './dry-run.ts';
import { describePlan } from './plan-text.ts';

/** The outcome of a run, with its folder and its model. */
export interface TrainResult extends LoopOutcome {
  /** Null if it ended before anything was written. */
  readonly runDir: string | null;
  /** Null if none was exported. */
  readonly model: ModelOfRun | null;
  readonly patience: number | null;
}

/** The model that a run has exported. */
export interface ModelOfRun {
  /** The package's folder. */
  readonly path: string;
  /** Its step. */
  readonly step: number;
  /** Its figures if it is the best of the run's evaluations; null for the last step's model. */
  readonly evaluation: Evaluation | null;
}

/** Prints a run's events; closed when it ends, however it ends. */
export interface TrainOutput {
  readonly listen: RunListener;
  showPlan(plan: RunPlan, options: { readonly isWhole: boolean }): void;
  finish(result: TrainResult): void;
  fail(error: unknown, runDir: string | null): void;
  close(): void;
}

/** JSON lines on stdout: every event except single steps and decoding; warnings also go to stderr. */
export function jsonOutput({ print, warn }: CommandContext): TrainOutput {
  const say = (event: string, facts: object): void => print(JSON.stringify({ event, ...facts }));
  return {
    listen(event) {
      if (event.type === 'step' || event.type === 'decoding') return;
      if (event.type === 'warning') warn(`warning: ${event.message}`);
      if (event.type === 'report') return say('report', event.line);
      const { type, ...facts } = event;
      say(type, facts);
    },
    showPlan: (plan) => say('plan', plan),
    finish({
      isInterrupted,
      isOutOfPatience,
      runDir,
      model,
      step,
      images,
      imagesPerSecond,
      evaluationShare,
    }) {
      say(isInterrupted ? 'interrupted' : 'done', {
        runDir,
        model: model && model.path,
        ...(model && { modelStep: model.step, evaluation: model.evaluation }),
        ...{ step, images, imagesPerSecond, isOutOfPatience, evaluationShare },
      });
    },
    fail: (error, runDir) =>
      say('failed', { message: error instanceof Error ? error.message : String(error), runDir }),
    close() {},
  };
}

/** Text on stdout, progress and warnings on stderr. */
export function plainOutput(context: CommandContext): TrainOutput {
  const { print, warn, cwd, invocation } = context;
  const progress = context.isTerminal ? barProgress() : lineProgress(print);
  const show = (path: string): string => shownPath(cwd, path);
  const announceStop = (): void => {
    progress.clear();
    warn('stopping and saving; Ctrl-C again stops at once');
  };
  context.signal.addEventListener('abort', announceStop);
  let isDefault = false;
  return {
    listen(event) {
      if (event.type === 'warning') {
        progress.clear();
        warn(`warning: ${event.message}`);
      } else if (event.type === 'started') {
        const from = event.resumedFrom === null ? '' : `, continuing from step ${event.step}`;
        print(`run       ${show(event.runDir)}${from}`);
      } else if (event.type === 'watching') {
        print(`watch     ${event.url}`);
      } else if (event.type === 'changed') {
        print(`changed   ${event.changes.map(changeText).join(', ')}`);
      } else if (event.type === 'evaluating') {
        progress.clear();
        print(`evaluate  ${event.message}`);
      } else if (event.type === 'evaluation') {
        progress.clear();
        const best = event.isBest ? '; the best so far' : '';
        print(`evaluated step ${event.step}: ${evaluationText(event.evaluation)}${best}`);
      } else if (event.type === 'exporting') {
        progress.close();
        print(`export    ${event.message}`);
      } else {
        progress.show(event);
      }
    },
    showPlan(plan, { isWhole }) {
      progress.clear();
      isDefault =
        plan.config.data === defaultConfig.data && plan.config.imageSize === defaultConfig.imageSize;
      for (const line of describePlan(plan, { isWhole })) print(line);
    },
    finish(result) {
      const { isInterrupted, runDir, model, step, images, imagesPerSecond } = result;
      progress.close();
      const figures = `${count(step)} steps, ${count(images)} images, ${imagesPerSecond.toFixed(0)} images/s`;
      const call = invocation('train');
      if (runDir === null) return print('stopped   before the first step; nothing was written');
      if (isInterrupted) {
        print(`stopped   ${figures}; saved`);
        print(`model     ${invocation('export')} ${show(runDir)} makes one now`);
        return print(`go on     ${call} --resume ${show(runDir)}`);
      }
      print(`done      ${figures}`);
      if (result.isOutOfPatience) {
        print(
          `ended     after ${result.patience} ${result.patience === 1 ? 'evaluation' : 'evaluations'} without a lower distance (--patience)`,
        );
        print(`go on     ${call} --resume ${show(runDir)}`);
      }
      if (result.evaluationShare > 0) {
        print(`evaluated in ${(result.evaluationShare * 100).toFixed(1)}% of the run's time`);
      }
      print(`report    ${show(join(runDir, 'report.html'))}`);
      if (model !== null) {
        print(`model     ${show(model.path)}${whichStep(model)}`);
        print(`draw      ${invocation('sample')} ${show(model.path)} --seeds 0-63 --out grid.png`);
      }
      if (!isDefault) return;
      print(`next      ${call} --image-size 64 --minutes 60                 the same faces, larger`);
      print(`          ${call} --data FOLDER --image-size 64 --minutes 60   your own images`);
    },
    fail: () => progress.close(),
    close() {
      context.signal.removeEventListener('abort', announceStop);
      progress.close();
    },
  };
}

/** The model's step, and why it is that one; nothing for a run without evaluations. */
function whichStep({ step, evaluation }: ModelOfRun): string {
  if (evaluation === null) return '';
  const { frechet, network } = evaluation;
  return ` (step ${step}, the best: Fréchet distance ${shownFrechet(frechet)} by ${network}; --export last for the last step)`;
}

/** Progress of a run. */
interface Progress {
  show(event: RunEvent): void;
  /** Leaves the cursor on an empty line. */
  clear(): void;
  close(): void;
}

/** Min time between two lines without a terminal; the first comes sooner. */
const lineEveryMs = 15_000;
const firstLineMs = 2000;

function lineProgress(print: (line: string) => void): Progress {
  let lastAt = Date.now() - lineEveryMs + firstLineMs;
  let time = '';
  const isDue = (): boolean => {
    if (Date.now() - lastAt < lineEveryMs) return false;
    lastAt = Date.now();
    return true;
  };
  return {
    show(event) {
      if (event.type === 'step') {
        const left = event.secondsLeft === null ? '' : `, ${formatDuration(event.secondsLeft)} left`;
        time = `${event.imagesPerSecond.toFixed(0)} images/s${left}`;
      } else if (event.type === 'report' && isDue()) {
        print(`step ${event.line.step}: ${describeLosses(event.line)}, ${time}`);
      } else if (event.type === 'decoding' && event.done < event.total && isDue()) {
        print(`reading images: ${count(event.done)} of ${count(event.total)}`);
      }
    },
    clear() {},
    close() {},
  };
}

function barProgress(): Progress {
  const bar = new SingleBar({
    format: '{bar} {percentage}% · step {step} · {rate} images/s · {left} left · {losses}',
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 18,
    hideCursor: true,
    stream: process.stderr,
    gracefulExit: false,
  });
  let losses = '…';
  const clear = (): void => void process.stderr.write('\r\u001b[K');
  return {
    show(event) {
      if (event.type === 'decoding') {
        if (event.done < event.total) {
          process.stderr.write(`\r\u001b[Kreading images: ${count(event.done)} of ${count(event.total)}`);
        } else clear();
      } else if (event.type === 'report') {
        losses = describeLosses(event.line);
      } else if (event.type === 'step') {
        const shown = {
          step: count(event.step),
          rate: event.imagesPerSecond.toFixed(0),
          left: event.secondsLeft === null ? '…' : formatDuration(event.secondsLeft),
          losses,
        };
        const permille = Math.round(Math.min(1, event.done) * 1000);
        if (bar.isActive) bar.update(permille, shown);
        else bar.start(1000, permille, shown);
      }
    },
    clear,
    close() {
      if (bar.isActive) bar.stop();
    },
  };
}

function describeLosses({ dLoss, gLoss }: StatsLine): string {
  const show = (loss: number | null): string => loss?.toFixed(2) ?? '–';
  return `D ${show(dLoss)}, G ${show(gLoss)}`;
}

function count(value: number): string {
  return value.toLocaleString('en');
}
