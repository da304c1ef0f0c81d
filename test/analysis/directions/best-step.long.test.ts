// A model of a run's best step is refined from the checkpoint of that step.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseModel } from '../../../runtime-web/format/parse-model.ts';
import { dcgan, jsonLines, smallRun } from '../../shared/command-line.ts';
import { temporaryFolder } from '../../shared/temporary-folder.ts';

const test = suite('directions of the best step');

test('directions of the best step are refined from its checkpoint; without one, the reason is said', async () => {
  const evaluated = ['--evaluate-every', '4', '--evaluate-count', '300'];
  const trained = await dcgan(...smallRun('avatars', temporaryFolder(), 12), ...evaluated);
  assert.is(trained.code, 0, trained.stderr);
  const folder = String(jsonLines(trained.stdout).at(-1)!['model']);
  const file = join(folder, 'model.json');
  const { training } = parseModel(JSON.parse(readFileSync(file, 'utf8')), file);
  const checkpoints = join(folder, '..', 'checkpoints');
  // As if pruned: the best step's own file is older than those that are kept.
  rmSync(join(checkpoints, `step-${String(training!.steps).padStart(6, '0')}.safetensors`));
  const few = ['directions', folder, '--samples', '1000', '--steps', '4', '--refine', '2', '--only', 'hat'];
  const best = await dcgan(...few, '--json');
  assert.is(best.code, 0, best.stderr);
  assert.not.match(best.stderr, /not refined/);
  rmSync(join(checkpoints, 'best.safetensors'));
  const none = await dcgan(...few, '--json');
  assert.is(none.code, 0, none.stderr);
  assert.match(
    none.stderr,
    /differences of means, not refined: its checkpoint, step \d+, is in no run around it; give/,
  );
});

test.run();
