// A model card as data (Mitchell et al. 2019, "Model Cards for Model Reporting"): the content of card.json, from which the Markdown and
// the page are written.
import type { ConditionField } from '../../runtime-web/format/condition-fields.ts';
import type { ImageShape } from '../../runtime-web/format/image-shape.ts';
import type {
  Conditioning,
  Metric,
  Model,
  ModelFile,
  Origin,
  TrainingRecord,
} from '../../runtime-web/format/model.ts';
import type { FileRole } from '../../runtime-web/format/package-files.ts';
import type { FindingTable } from '../findings/findings.ts';
import type { Statements } from './statements.ts';

/** Version of card.json. */
export const cardVersion = '1.0';

/** The result of an analysis of the run. */
export interface CardFinding {
  readonly title: string;
  readonly summary: string;
  /** The training step that it was made at; null if it says none. */
  readonly step: number | null;
  readonly tables: readonly FindingTable[];
}

/** The result of `dcgan audit`. */
export interface CardAudit extends CardFinding {
  readonly verdict: string;
}

/** True for a figure in model.json that an audit has put there. */
export function isOfAudit({ name }: Metric): boolean {
  return name.startsWith('audit/');
}

/** The state of the run that the model comes from, as its report says it. */
export interface CardVerdict {
  readonly kind: string;
  readonly title: string;
  readonly figures: readonly string[];
  /** The run's last step. */
  readonly step: number;
}

/** The training of the model: time, place and settings, beyond `model.json`. */
export interface CardSession {
  /** ISO 8601. */
  readonly startedAt: string;
  /** ISO 8601; null if the end was not recorded. */
  readonly endedAt: string | null;
  /** Times that training was resumed. */
  readonly resumed: number;
  /** The version of this program. */
  readonly version: string;
  readonly processor: string | null;
  /** The command that repeats the run, with the names of files alone; null for a run that was imported. */
  readonly command: string | null;
}

/** The grid of samples. */
export interface CardSamples {
  /** Its file, beside the card. */
  readonly file: string;
  readonly caption: string;
}

/** The content of card.json. */
export interface Card {
  readonly card: typeof cardVersion;
  /** `dcgan 0.1.0` */
  readonly program: string;
  /** ISO 8601. */
  readonly writtenAt: string;
  readonly stated: Statements;
  readonly model: ImageShape & {
    readonly name: string;
    readonly formatVersion: string;
    readonly latent: Model['latent'];
    /** The inputs beside the latent; null without any. */
    readonly conditioning: {
      readonly kind: Exclude<Conditioning, null>['kind'];
      readonly fields: readonly ConditionField[];
    } | null;
    /** The network family; null if only the file is known. */
    readonly network: string | null;
    /** Number of the generator's weights. */
    readonly weights: number;
    readonly files: readonly (ModelFile & { readonly role: FileRole })[];
  };
  readonly training: TrainingRecord | null;
  readonly session: CardSession | null;
  /** The settings that differ from the default, as texts by key; none without the run. */
  readonly settings: Readonly<Record<string, string>>;
  readonly origin: Origin | null;
  readonly metrics: readonly Metric[];
  readonly findings: readonly CardFinding[];
  readonly audit: CardAudit | null;
  readonly verdict: CardVerdict | null;
  readonly limits: readonly string[];
  readonly samples: CardSamples;
}
