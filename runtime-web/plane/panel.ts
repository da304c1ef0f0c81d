// One method of the comparison: its choice, its part of the plane, and its figures in words.
import type { ModeCount } from '../format/plane/modes.ts';
import type { PointsTrainer } from '../train/points-trainer.ts';
import { drawPlane, sharesOf, themeOf, type Scene } from './draw-plane.ts';
import { make } from '../elements/nodes.ts';
import type { PlaneChoice } from './packages.ts';
import { filled, type Words } from '../elements/words.ts';
import type { PlaneString } from './strings.ts';

/** Places of the heat map in each direction, G's points, and those with an arrow. */
const [places, sampled, withArrows] = [40, 1024, 40];

/** The figures of a panel. */
export interface PanelFigures extends Pick<ModeCount, 'covered' | 'total' | 'onModes'> {
  readonly method: string;
  readonly step: number;
  readonly dLoss: number;
  readonly gLoss: number;
}

/** The contents of a panel beside the data. */
export interface Layers {
  readonly heat: boolean;
  readonly arrows: boolean;
}

/** One method. */
export class Panel {
  readonly element: HTMLElement;
  readonly #select: HTMLSelectElement;
  readonly #canvas: HTMLCanvasElement;
  readonly #caption: HTMLElement;
  #scene: Scene = { real: new Float32Array(0), samples: null, heat: null, slopes: null };
  #figures: PanelFigures | null = null;
  /** The training; null before it is loaded. */
  trainer: PointsTrainer | null = null;
  /** The state at its begin, for a reset. */
  begin: Uint8Array<ArrayBuffer> | null = null;
  /** True after a number that is not finite, until a reset. */
  isDiverged = false;

  /** `onChoice` is called when the visitor chooses another method. */
  constructor(choices: readonly PlaneChoice[], method: string, onChoice: (panel: Panel) => void) {
    this.#select = make(
      'select',
      { part: 'method' },
      ...choices.map(({ name, title }) => make('option', { value: name }, title)),
    );
    this.#select.value = method;
    this.#select.addEventListener('change', () => onChoice(this));
    this.#canvas = make('canvas', { part: 'canvas', role: 'img', width: '640', height: '640' });
    this.#caption = make('figcaption', { part: 'caption' });
    this.element = make('figure', { part: 'panel' }, this.#select, this.#canvas, this.#caption);
  }

  /** The name of the method's package. */
  get method(): string {
    return this.#select.value;
  }

  get title(): string {
    return this.#select.selectedOptions[0]?.text ?? this.method;
  }

  get figures(): PanelFigures | null {
    return this.#figures;
  }

  /** Ends the training, and shows the data alone. */
  clear(real: Float32Array): void {
    this.trainer?.dispose();
    this.trainer = this.begin = this.#figures = null;
    this.isDiverged = false;
    this.#scene = { real, samples: null, heat: null, slopes: null };
  }

  /** Goes back to the state at the begin. */
  async reset(): Promise<void> {
    if (this.trainer === null || this.begin === null) return;
    await this.trainer.load(this.begin.slice());
    this.isDiverged = false;
  }

  /** Asks the training for everything on the canvas, and the figures. */
  async look(layers: Layers): Promise<void> {
    const trainer = this.trainer;
    if (trainer === null) return;
    const samples = await trainer.sample(sampled);
    const heat = layers.heat
      ? sharesOf(await trainer.field({ columns: places, rows: places }), trainer.package.logit)
      : null;
    const slopes = layers.arrows ? await trainer.slopes(samples.slice(0, 2 * withArrows)) : null;
    const { covered, total, onModes } = await trainer.modes(samples);
    if (trainer !== this.trainer) return;
    const { step, dLoss, gLoss } = trainer.report;
    this.#scene = { ...this.#scene, samples, heat, slopes };
    this.#figures = { method: this.method, step, covered, total, onModes, dLoss, gLoss };
  }

  /** The figures in words, each a sentence. */
  sentences(words: Words<PlaneString>): readonly string[] {
    if (this.isDiverged) return [words.say('diverged')];
    if (this.#figures === null) return [];
    const { covered, total, onModes, dLoss, gLoss } = this.#figures;
    const loss = (value: number): string => value.toFixed(2);
    return [
      filled(words.say('modes'), { covered, total, share: Math.round(100 * onModes) }),
      ...(Number.isNaN(dLoss)
        ? []
        : [filled(words.say('losses'), { dLoss: loss(dLoss), gLoss: loss(gLoss) })]),
    ];
  }

  draw(words: Words<PlaneString>, index: number): void {
    const sentences = this.sentences(words);
    this.#select.setAttribute('aria-label', words.say('method', index + 1));
    this.#canvas.setAttribute('aria-label', [this.title, ...sentences].join('. '));
    const [first = '', ...more] = sentences;
    this.#caption.replaceChildren(make('b', {}, first), make('br', {}), more.join(' '));
    drawPlane(this.#canvas, this.#scene, themeOf(this.#canvas));
  }
}
