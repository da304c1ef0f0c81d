// The panel that keeps what was trained: a model package, a run folder, which it opens again, and the model at once in a viewer.
import { make } from '../elements/nodes.ts';
import type { Panel, TrainerHost } from './host.ts';
import { keptModel } from './kept-model.ts';
import { openedRun } from './opened-run.ts';
import { choice, panelOf } from './panel.ts';

/** The panel. */
export function keepPanel(host: TrainerHost): Panel {
  const { say } = host;
  const status = make('p', { role: 'status' });
  let isBusy = false;
  /** One thing at a time, with errors shown. */
  const doing = (work: () => Promise<void>) => () => {
    if (isBusy) return;
    isBusy = true;
    status.textContent = '';
    work()
      .catch((error: unknown) => host.fail(error))
      .finally(() => (isBusy = false));
  };
  const saving = (name: string, made: () => Promise<Blob>): (() => void) =>
    doing(async () => {
      save(await made(), name);
      status.textContent = say('kept', name);
    });
  const model = choice(saving('model.zip', host.toPackage));
  const run = choice(saving('run.zip', host.toRun));
  const stage = make('div', { part: 'stage', hidden: '' });
  const play = choice(
    doing(async () => {
      const [src] = await Promise.all([keptModel(await host.toPackage()), import('../element.ts')]);
      const viewer = make('dcgan-viewer', { src, mode: 'walk', controls: '', part: 'viewer' });
      stage.replaceChildren(viewer);
      stage.hidden = false;
      viewer.play();
    }),
  );
  const input = make('input', { type: 'file', accept: '.zip,.safetensors' });
  input.addEventListener(
    'change',
    doing(async () => {
      const [file] = input.files ?? [];
      // The same file may be chosen again.
      input.value = '';
      if (file !== undefined) host.resume(await openedRun(file, host));
    }),
  );
  const openText = make('span', {});
  const openAbout = make('span', {});
  const open = make(
    'div',
    { class: 'choice' },
    make('label', { class: 'file', part: 'button' }, openText, input),
    openAbout,
  );
  const command = make('code', {}, 'npx dcgan train --resume FOLDER');
  const { node, title, about } = panelOf('keep', play.row, stage, model.row, run.row, open, status);
  return {
    node,
    update({ report }) {
      title.textContent = say('keepIt');
      about.textContent = say('keepAbout');
      play.button.textContent = say('playIt');
      play.about.textContent = say('playItAbout');
      model.button.textContent = say('keepModel');
      model.about.textContent = say('keepModelAbout');
      run.button.textContent = say('keepRun');
      run.about.replaceChildren(`${say('keepRunAbout')} `, command);
      openText.textContent = say('openRun');
      openAbout.textContent = say('openRunAbout');
      for (const { button } of [play, model, run]) button.disabled = report === null;
      if (report !== null || stage.hidden) return;
      stage.replaceChildren();
      stage.hidden = true;
    },
  };
}

function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  make('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
