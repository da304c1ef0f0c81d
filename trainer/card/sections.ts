// A card as sections of plain blocks, which the Markdown and the page draw alike. The order is that of Mitchell et al. 2019, section 4, with
// the samples first.
import type { ConditionField } from '../../runtime-web/format/condition-fields.ts';
import { conditionText } from '../../runtime-web/format/condition-text.ts';
import { sizeText, type Channels } from '../../runtime-web/format/image-shape.ts';
import type { Metric } from '../../runtime-web/format/model.ts';
import { packageFiles } from '../../runtime-web/format/package-files.ts';
import { formatDuration } from '../run/duration.ts';
import { isOfAudit, type Card, type CardFinding } from './card.ts';
import { notStated, statedTexts } from './statements.ts';

/** Terms, each with its value. */
export type Facts = readonly (readonly [term: string, value: string])[];

/** A part of a section. */
export type Block =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'facts'; readonly facts: Facts }
  | {
      readonly kind: 'table';
      readonly caption: string;
      readonly columns: readonly string[];
      readonly rows: readonly (readonly string[])[];
    }
  | { readonly kind: 'code'; readonly language: 'sh' | 'html'; readonly lines: readonly string[] }
  | { readonly kind: 'picture'; readonly file: string; readonly alt: string };

/** A section under its heading. */
export interface Section {
  readonly title: string;
  readonly blocks: readonly Block[];
}

const text = (line: string): Block => ({ kind: 'text', text: line });
const list = (items: readonly string[]): Block => ({ kind: 'list', items });
const facts = (pairs: Facts): Block => ({ kind: 'facts', facts: pairs });
const whole = (value: number): string => value.toLocaleString('en');
const figure = (value: number): string =>
  Number.isInteger(value) ? whole(value) : String(Number(value.toPrecision(5)));

/** `12.3 kB`, `4.5 MB`. */
export function bytesText(bytes: number): string {
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** A condition's name for people: that of a model's classes is `label` in commands. */
export function fieldTitle({ kind, name }: ConditionField): string {
  return kind === 'choice' && name === 'label' ? 'class' : name;
}

/** The model in one sentence. */
export function summaryOf({ model, training, origin }: Card): string {
  const kinds: Readonly<Record<Channels, string>> = {
    1: 'grey images',
    3: 'colour images',
    4: 'colour images with transparency',
  };
  const source =
    training !== null
      ? `trained on ${training.dataset.name}`
      : `imported from ${origin?.files.map(({ file }) => file).join(' and ') ?? 'elsewhere'}`;
  return `A generator of ${sizeText(model)} ${kinds[model.channels]}${conditionsOf(model.conditioning)}, ${source}.`;
}

/** ` of 10 classes`, ` by 3 attributes`; nothing for a model without conditions. */
function conditionsOf(conditioning: Card['model']['conditioning']): string {
  if (conditioning === null) return '';
  const { kind, fields } = conditioning;
  const [first] = fields;
  if (kind === 'classes') return first?.kind === 'choice' ? ` of ${first.choices.length} classes` : '';
  return ` by ${fields.length} ${fields.length === 1 ? kind.slice(0, -1) : kind}`;
}

/** The card's sections. */
export function sectionsOf(card: Card): readonly Section[] {
  const { stated, samples, limits } = card;
  return [
    {
      title: 'Samples',
      blocks: [
        { kind: 'picture', file: samples.file, alt: `A grid of generated images. ${samples.caption}` },
        text(samples.caption),
      ],
    },
    { title: 'Model', blocks: modelBlocks(card) },
    { title: 'Intended use', blocks: [text(stated.intended ?? notStated)] },
    { title: 'Training data', blocks: dataBlocks(card) },
    { title: 'Training', blocks: trainingBlocks(card) },
    { title: 'Evaluation', blocks: evaluationBlocks(card) },
    { title: 'Audit', blocks: auditBlocks(card) },
    { title: 'Known failures', blocks: failureBlocks(card) },
    { title: 'Limits', blocks: [list(limits)] },
    { title: 'In a page', blocks: pageBlocks() },
    { title: 'On the command line', blocks: commandBlocks(card) },
  ];
}

function modelBlocks({ model, stated, training }: Card): Block[] {
  const total = model.files.reduce((sum, { bytes }) => sum + bytes, 0);
  const { dim, distribution } = model.latent;
  return [
    facts([
      ['Name', model.name],
      [
        'Images',
        `${sizeText(model)} pixels, ${model.channels === 1 ? '1 channel' : `${model.channels} channels`}`,
      ],
      ['Conditions', model.conditioning?.fields.map(fieldText).join('; ') ?? 'none'],
      ['Latent', `${dim} ${distribution} numbers`],
      ['Network', model.network ?? training?.method ?? 'as in the ONNX file'],
      ['Weights of the generator', whole(model.weights)],
      [statedTexts.author, stated.author ?? notStated],
      [statedTexts.contact, stated.contact ?? notStated],
      [statedTexts.modelLicence, stated.modelLicence ?? notStated],
    ]),
    {
      kind: 'table',
      caption: `Files, ${bytesText(total)} in all`,
      columns: ['file', 'size', 'content'],
      rows: model.files.map(({ role, file, bytes }) => [file, bytesText(bytes), packageFiles[role].about]),
    },
  ];
}

/** Max number of classes that are listed; of more, the first ones. */
const maxNames = 20;

function fieldText(field: ConditionField): string {
  if (field.kind === 'binary') return field.name;
  if (field.kind === 'number') return `${field.name} from ${field.least} to ${field.most}`;
  const { choices } = field;
  const more = choices.length > maxNames ? ` and ${choices.length - maxNames} more` : '';
  return `${fieldTitle(field)} (${choices.slice(0, maxNames).join(', ')}${more})`;
}

function dataBlocks({ stated, training }: Card): Block[] {
  const { dataset } = training ?? {};
  return [
    facts([
      [statedTexts.dataset, stated.dataset ?? notStated],
      [statedTexts.licence, stated.licence ?? notStated],
      ...(dataset === undefined
        ? []
        : ([
            ['Name in the training record', dataset.name],
            ['Images', dataset.images === null ? 'drawn without end' : whole(dataset.images)],
            ...(dataset.classes === null ? [] : ([['Classes', String(dataset.classes.length)]] as const)),
          ] as const)),
    ]),
  ];
}

function trainingBlocks(card: Card): Block[] {
  const { training, session, settings, origin } = card;
  const imported: Facts =
    origin === null
      ? []
      : [
          [
            training === null ? 'Imported from' : 'Began with',
            origin.files.map(({ file }) => file).join(', '),
          ],
          ['Kind of file', origin.format],
          ['Written by', origin.producer ?? 'not said in the file'],
          ...Object.entries(origin.settings).map(([key, value]) => [key, String(value)] as const),
        ];
  if (training === null) return [text('The model was not trained by this program.'), facts(imported)];
  const entries = Object.entries(settings);
  return [
    facts([
      ['Method', training.method],
      ['Images shown', whole(training.images)],
      ['Steps', whole(training.steps)],
      ['Time', formatDuration(training.seconds)],
      ['Engine', training.engine],
      ['Processor', session?.processor ?? 'not recorded'],
      ['Seed', String(training.seed)],
      ['Program', session === null ? 'version not recorded' : `dcgan ${session.version}`],
      ['Date', session === null ? 'not recorded' : datesText(session)],
      ...imported,
    ]),
    ...(session?.command == null
      ? []
      : [
          text('The command that repeats it, where the images are in the current folder:'),
          { kind: 'code', language: 'sh', lines: [session.command] } as const,
        ]),
    ...(entries.length === 0
      ? []
      : [
          {
            kind: 'table',
            caption: 'Settings that differ from the default',
            columns: ['setting', 'value'],
            rows: entries,
          } as const,
        ]),
  ];
}

function datesText({ startedAt, endedAt, resumed }: NonNullable<Card['session']>): string {
  const day = (date: string): string => date.slice(0, 10);
  const span =
    endedAt === null || day(endedAt) === day(startedAt)
      ? day(startedAt)
      : `${day(startedAt)} to ${day(endedAt)}`;
  return resumed === 0 ? span : `${span}, resumed ${resumed === 1 ? 'once' : `${resumed} times`}`;
}

function evaluationBlocks({ metrics, findings, training }: Card): Block[] {
  const figures = metrics.filter((metric) => !isOfAudit(metric));
  if (figures.length + findings.length === 0) return [text('Nothing was measured.')];
  return [...protocolsOf(figures), ...findings.flatMap((finding) => findingBlocks(finding, training?.steps))];
}

/** The stored figures: a table for each protocol. */
function protocolsOf(metrics: readonly Metric[]): Block[] {
  const protocols = [...new Set(metrics.map(({ protocol }) => JSON.stringify(protocol)))];
  const groups = protocols.map((one) => metrics.filter(({ protocol }) => JSON.stringify(protocol) === one));
  return groups.flatMap((group): Block[] => [
    {
      kind: 'table',
      caption: 'Figures',
      columns: ['figure', 'value'],
      rows: group.map(({ name, value }) => [name, figure(value)]),
    },
    {
      kind: 'table',
      caption: 'Protocol of these figures',
      columns: ['setting', 'value'],
      rows: Object.entries(group[0]!.protocol).map(([key, value]) => [key, String(value)]),
    },
  ]);
}

function findingBlocks({ title, summary, step, tables }: CardFinding, steps: number | undefined): Block[] {
  const when = step === null || step === steps ? '' : ` (measured at step ${step})`;
  return [
    { kind: 'heading', text: title + when },
    text(summary),
    ...tables.map(({ caption, columns, rows }): Block => ({
      kind: 'table',
      caption,
      columns: columns.map(String),
      rows: rows.map((row) => row.map((cell) => (typeof cell === 'number' ? figure(cell) : String(cell)))),
    })),
  ];
}

function auditBlocks({ audit, training, metrics }: Card): Block[] {
  if (audit === null) return [text('Not audited: whether images repeat training images was not tested.')];
  const { verdict, tables } = audit;
  return [
    facts([['Verdict', verdict]]),
    ...findingBlocks(audit, training?.steps),
    ...(tables.length === 0 ? protocolsOf(metrics.filter(isOfAudit)) : []),
  ];
}

function failureBlocks({ stated, verdict }: Card): Block[] {
  const stateOfRun = verdict === null ? [] : [`${verdict.title} ${verdict.figures.join(' ')}`.trim()];
  return [
    stated.failures.length === 0 ? text(notStated) : list(stated.failures),
    ...(stateOfRun.length === 0
      ? []
      : [text(`State of the training run at its last step, ${whole(verdict!.step)}:`), list(stateOfRun)]),
  ];
}

/** The two lines that show the model in a page, with the folders `viewer` and `model` beside it. */
export const embedLines: readonly string[] = [
  '<script type="module" src="viewer/element.js"></script>',
  '<dcgan-viewer src="model/model.json" alt="A generated image" mode="walk" playing controls></dcgan-viewer>',
];

function pageBlocks(): Block[] {
  return [
    text(
      'With the files of the viewer in the folder viewer and the model in the folder model, beside the page:',
    ),
    { kind: 'code', language: 'html', lines: embedLines },
  ];
}

function commandBlocks({ model }: Card): Block[] {
  const call = 'npx dcgan sample model --seeds 0-63 --out samples.png';
  const field = model.conditioning?.fields[0];
  const wanted =
    field === undefined
      ? []
      : [`npx dcgan sample model --where ${quoted(exampleOf(field))} --seeds 0-15 --out wanted.png`];
  return [{ kind: 'code', language: 'sh', lines: [call, ...wanted] }];
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/** An example of a condition as `--where` takes it. */
function exampleOf(field: ConditionField): string {
  const value = field.kind === 'choice' ? field.choices[0]! : field.kind === 'binary' ? 'yes' : field.least;
  return conditionText({ [field.name]: value });
}
