// `dcgan doctor`: tries every engine on this machine and prints its speed on a small step, or how to install it. Each engine runs in
// its own process, because a process can load only one TensorFlow, and a bad driver crashes it.
import { lengthOf } from '../../runtime-web/format/image-shape.ts';
import { imageShape } from '../config/image-size.ts';
import { spawn } from 'node:child_process';
import type { Command } from 'commander';
import { Random } from '../../runtime-web/format/random.ts';
import { EngineUnavailableError, engineNames, type EngineName } from '../engine/engine.ts';
import { selectEngine } from '../engine/select-engine.ts';
import { hasDriver } from '../engine/tensorflow/cuda-device.ts';
import { setupCommand, setupWith } from '../engine/tensorflow/installation.ts';
import { defaultConfig } from '../config/fields.ts';
import { held } from '../held.ts';
import { planTraining } from '../training/plan.ts';
import type { CommandContext } from '../command-line/context.ts';
import { jsonOption } from '../command-line/common-options.ts';
import { addOptions, option, type FlagsOf } from '../command-line/options.ts';
import { oneOf } from '../config/rules.ts';

/** The result of trying one engine. */
export interface Finding {
  readonly engine: EngineName;
  /** Null if it does not work. */
  readonly device: string | null;
  /** Real images per second of the default preset's step; null if it does not work. */
  readonly imagesPerSecond: number | null;
  /** Why it does not work; null if it works. */
  readonly reason: string | null;
  /** The fix; null if it works or none is known. */
  readonly mend: string | null;
}

const measuredMs = 2000;
const trialTimeoutMs = 180_000;

const tryOption = option('--try <engine>', 'try this engine only, in this process', oneOf(...engineNames));
tryOption.option.hideHelp();
const options = [jsonOption, tryOption];

/** Adds `doctor` to the program. */
export function addDoctorCommand(program: Command, context: CommandContext): void {
  const command = program
    .command('doctor')
    .description('Try every engine on this machine, and print its device and speed, or how to install it.');
  addOptions(command, options).action(async ({ json, try: only }: FlagsOf<typeof options>) => {
    if (only !== null) return context.print(JSON.stringify(await tryEngine(only)));
    const findings: Finding[] = [];
    for (const engine of engineNames) {
      if (context.signal.aborted) break;
      const finding = await tryInChild(engine, context.signal);
      findings.push(finding);
      if (!json) for (const line of describe(finding)) context.print(line);
    }
    if (json) context.print(JSON.stringify({ engines: findings }));
  });
}

function describe({ engine, device, imagesPerSecond, reason, mend }: Finding): string[] {
  const name = engine.padEnd(16);
  if (device !== null) return [`${name} works    ${Math.round(imagesPerSecond!)} images/s on ${device}`];
  return [`${name} missing  ${reason}`, ...(mend === null ? [] : [`${' '.repeat(16)} mend     ${mend}`])];
}

/** Starts the engine and trains the default networks on noise for two seconds. */
async function tryEngine(name: EngineName): Promise<Finding> {
  const config = { ...defaultConfig, engine: name };
  try {
    await using engine = held((await selectEngine(config)).engine);
    const plan = planTraining(config);
    const phase = plan.phases.at(-1)!;
    const random = new Random(0);
    await engine.writeState(plan.initialState(random));
    const step = await engine.compile(phase.update, phase.inputs);
    const { batch } = config;
    const images = random.fillLatent(new Float32Array(batch * lengthOf(imageShape(config))), 'uniform');
    const run = async (number: number, fetch: readonly string[]): Promise<void> => {
      await step.run(phase.makeInputs(random, { images, labels: null }, number, 0), { fetch });
    };
    await run(1, ['dLoss']);
    const started = performance.now();
    let steps = 0;
    while (performance.now() - started < measuredMs) await run(++steps + 1, []);
    // Reading a loss waits for the device to finish its queue.
    await run(++steps + 1, ['dLoss']);
    const imagesPerSecond = (steps * batch * 1000) / (performance.now() - started);
    return { engine: name, device: engine.device, imagesPerSecond, reason: null, mend: null };
  } catch (error) {
    const reason =
      error instanceof EngineUnavailableError
        ? (error.reasons[name] ?? error.message)
        : error instanceof Error
          ? error.message
          : String(error);
    return missing(name, reason);
  }
}

/** The finding of an engine that does not work. A set-up command in the reason moves to `mend`. */
function missing(engine: EngineName, reason: string): Finding {
  const at = reason.indexOf(`; ${setupCommand}`);
  const flag = engine === 'tensorflow-cuda' ? '--gpu' : '--cpu';
  const setup = at < 0 ? null : setupWith(flag);
  const mends: Readonly<Record<EngineName, string | null>> = {
    'tensorflow-cuda': hasDriver() ? setup : `an NVIDIA GPU and its driver; then ${setupWith('--gpu')}`,
    'tensorflow-cpu': setup,
    'onnx-webgpu': 'a GPU and its Vulkan driver; on Debian and Ubuntu also apt-get install libvulkan1',
    'onnx-cpu': 'npm ci',
  };
  return {
    engine,
    device: null,
    imagesPerSecond: null,
    reason: at < 0 ? reason : reason.slice(0, at),
    mend: mends[engine],
  };
}

function tryInChild(engine: EngineName, signal: AbortSignal): Promise<Finding> {
  return new Promise((resolve) => {
    const args = ['--enable-source-maps', process.argv[1]!, 'doctor', '--try', engine];
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: trialTimeoutMs,
      signal,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('error', (error) => resolve(missing(engine, error.message)));
    child.on('close', (code, ended) => {
      const line = stdout.trim().split('\n').at(-1) ?? '';
      if (line.startsWith('{')) return resolve(JSON.parse(line) as Finding);
      const lastLine = stderr.trim().split('\n').at(-1) ?? '';
      resolve(
        missing(
          engine,
          `its trial ended with ${ended ?? `exit code ${code}`}${lastLine && ` (${lastLine})`}`,
        ),
      );
    });
  });
}
