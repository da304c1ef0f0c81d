#!/usr/bin/env node
// The program `dcgan`: argv, usage and exit codes. 0: done, 1: a bug (with its stack), 2: an error that the user can fix (one line),
// 130: interrupted.
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError } from 'commander';
import { addArithmeticCommand } from './commands/arithmetic/arithmetic.ts';
import { addAuditCommand } from './commands/audit.ts';
import type { CommandContext } from './command-line/context.ts';
import { interruptedExitCode, isAbort } from './command-line/context.ts';
import { addCardCommand } from './commands/card.ts';
import { addDataCommand } from './commands/data.ts';
import { addDedupeCommand } from './commands/dedupe.ts';
import { addDemoCommand } from './commands/demo.ts';
import { addDirectionsCommand } from './commands/directions.ts';
import { addDoctorCommand } from './commands/doctor.ts';
import { addEvaluateCommand } from './commands/evaluate.ts';
import { addExportCommand } from './commands/export.ts';
import { addFacesCommand } from './commands/faces/faces.ts';
import { addFeaturesCommand } from './commands/features.ts';
import { addImportCommand } from './commands/import/index.ts';
import { addPublishCommand } from './commands/publish.ts';
import { addRestoreCommand } from './commands/restore/restore.ts';
import { addSampleCommand } from './commands/sample/sample.ts';
import { addSetupTensorflowCommand } from './commands/setup-tensorflow.ts';
import { addStatsCommand } from './commands/stats.ts';
import { addSteerCommand } from './commands/steer.ts';
import { addSynthesizeCommand } from './commands/synthesize.ts';
import { addTrainCommand } from './commands/train/train.ts';
import { addVisualiseCommand } from './commands/visualise.ts';
import { addWalkCommand } from './commands/walk.ts';
import { abortOnSignals, abortWithoutReader } from './command-line/interruption.ts';
import { withoutControls } from './command-line/without-controls.ts';
import { invocationFrom, programVersion, viewerFilesFrom } from './command-line/invocation.ts';
import { jobProgress } from './command-line/job-progress.ts';
import { EngineUnavailableError } from './engine/engine.ts';
import { UserError } from './errors.ts';

const interrupt = new AbortController();
const programFile = fileURLToPath(import.meta.url);
const context: CommandContext = {
  cwd: process.cwd(),
  invocation: invocationFrom(programFile, process.cwd()),
  viewerFiles: viewerFilesFrom(programFile, process.cwd()),
  print: (line) => process.stdout.write(`${withoutControls(line)}\n`),
  warn: (line) => process.stderr.write(`${withoutControls(line)}\n`),
  isTerminal: process.stderr.isTTY === true,
  progress: (unit) => jobProgress(context, unit),
  signal: interrupt.signal,
  exitCode: 0,
};

abortOnSignals(interrupt);
abortWithoutReader(interrupt);

/** Joins Commander's lines: `error: unknown option '--bach' (did you mean --batch?); see --help`. */
function inOneLine(message: string): string {
  const text = message
    .trim()
    .replace(/\.$/, '')
    .replaceAll('\n', ' ')
    .replace('(Did you mean', '(did you mean');
  return `${text}; see --help\n`;
}

const program = new Command('dcgan')
  .description('DCGAN: from a folder of images to a generator that runs in a browser.')
  .version(programVersion, '--version', 'print the version')
  .helpOption('-h, --help', 'print this help')
  .helpCommand('help [command]', "print a command's help")
  .exitOverride()
  .configureOutput({ outputError: (message, write) => write(withoutControls(inOneLine(message))) })
  .configureHelp({
    helpWidth: Math.min(process.stdout.columns ?? 100, 110),
    commandUsage: (command) => {
      const name = command.parent === null ? '' : command.name();
      return `${context.invocation(name).trim()} ${command.usage()}`;
    },
  })
  .addHelpText(
    'after',
    `\nStart with \`train\`: it needs no options and no images. \`COMMAND --help\` lists a command's options.`,
  );
for (const addCommand of [
  addDataCommand,
  addTrainCommand,
  addSampleCommand,
  addExportCommand,
  addImportCommand,
  addWalkCommand,
  addArithmeticCommand,
  addDirectionsCommand,
  addRestoreCommand,
  addSteerCommand,
  addSynthesizeCommand,
  addEvaluateCommand,
  addAuditCommand,
  addStatsCommand,
  addFeaturesCommand,
  addVisualiseCommand,
  addCardCommand,
  addPublishCommand,
  addFacesCommand,
  addDedupeCommand,
  addDoctorCommand,
  addSetupTensorflowCommand,
  addDemoCommand,
]) {
  addCommand(program, context);
}

try {
  if (process.argv.length <= 2) program.help();
  await program.parseAsync();
  process.exitCode = context.exitCode;
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

/** Returns the error's exit code and prints the error, unless Commander has done so. */
function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (interrupt.signal.aborted && isAbort(error)) return interruptedExitCode;
  if (error instanceof UserError || error instanceof EngineUnavailableError) {
    context.warn(`error: ${error.message}`);
    return 2;
  }
  context.warn(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return 1;
}
