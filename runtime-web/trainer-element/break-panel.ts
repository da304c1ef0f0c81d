// The panel with ways to break a training.
import { breaks, type BreakName } from './breaks.ts';
import type { Panel, TrainerHost } from './host.ts';
import { choice, panelOf } from './panel.ts';

/** The panel. Ways that need other networks are there where the page names a folder of them. */
export function breakPanel({ say, breakIt }: TrainerHost): Panel {
  const ways = (Object.keys(breaks) as BreakName[]).map((name) => ({ name, ...choice(() => breakIt(name)) }));
  const mend = choice(() => breakIt(null));
  const { node, title, about } = panelOf('break', ...ways.map(({ row }) => row), mend.row);
  return {
    node,
    update({ broken, hasNetworks }) {
      title.textContent = say('breakIt');
      about.textContent = say('breakAbout');
      for (const { name, row, button, about: beside } of ways) {
        const way = breaks[name];
        row.hidden = way.network !== undefined && !hasNetworks;
        button.textContent = say(way.text);
        button.setAttribute('aria-pressed', `${broken === name}`);
        beside.textContent = say(way.about);
      }
      mend.row.hidden = broken === null;
      mend.button.textContent = say('mend');
    },
  };
}
