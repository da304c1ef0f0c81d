// The panel that keeps what was trained: a model package, a run folder, and the model at once in a viewer.
import { make } from '../elements/nodes.ts';
import type { Panel, TrainerHost } from './host.ts';
import { choice, panelOf } from './panel.ts';

/** The panel. */
export function keepPanel(host: TrainerHost): Panel {
  const { say } = host;
  const status = make('p', { role: 'status' });
  const saving = (name: string, made: () => Promise<Blob>) => () =>
    void (async () => {
      try {
        save(await made(), name);
        status.textContent = say('kept', name);
      } catch (error) {
        host.fail(error);
      }
    })();
  const model = choice(saving('model.zip', host.toPackage));
  const run = choice(saving('run.zip', host.toRun));
  const command = make('code', {}, 'npx dcgan train --resume FOLDER');
  const { node, title, about } = panelOf('keep', model.row, run.row, status);
  return {
    node,
    update({ report }) {
      title.textContent = say('keepIt');
      about.textContent = say('keepAbout');
      model.button.textContent = say('keepModel');
      model.about.textContent = say('keepModelAbout');
      run.button.textContent = say('keepRun');
      run.about.replaceChildren(`${say('keepRunAbout')} `, command);
      model.button.disabled = run.button.disabled = report === null;
    },
  };
}

function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  make('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
