// The part of a card that comes from the run around the model: how it was trained, its state, and the findings of `evaluate` and `audit`. Files that
// another version or another program has written are read leniently: what is not understood is left out.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Metric } from '../../runtime-web/format/model.ts';
import { configKeys, defaultConfig, type TrainConfig } from '../config/fields.ts';
import { shownValue } from '../config/shown-value.ts';
import { findingFile, type FindingTable } from '../findings/findings.ts';
import { openRunFolder, type RunFolder } from '../run/run-folder.ts';
import { readSessions } from '../run/sessions.ts';
import { readStats } from '../run/stats.ts';
import { verdictOf } from '../run/verdict.ts';
import { networkFamilies } from '../training/architectures/table.ts';
import type { CardAudit, CardFinding, CardSession, CardVerdict } from './card.ts';
import { repeatCommand } from './repeat-command.ts';

/** The facts of a run. */
export interface RunFacts {
  /** Places on this machine that the run names. */
  readonly paths: readonly (string | null)[];
  readonly network: string;
  readonly session: CardSession | null;
  readonly settings: Readonly<Record<string, string>>;
  readonly verdict: CardVerdict | null;
  readonly findings: readonly CardFinding[];
  readonly audit: CardAudit | null;
}

/**
 * Reads the run at `path`; null if there is none. Findings whose protocol is that of one of `metrics`, the figures in model.json, are left
 * out.
 */
export async function readRunFacts(path: string, metrics: readonly Metric[]): Promise<RunFacts | null> {
  const run = await openRunFolder(path).catch(() => null);
  if (run === null) return null;
  const { folder, config } = run;
  const { data, labels, from, evaluateNetwork, network } = config;
  const isStored = (protocol: unknown): boolean =>
    metrics.some((metric) => isDeepStrictEqual(metric.protocol, protocol));
  const saved = await savedFindings(folder);
  return {
    paths: [folder.path, data, labels, from, evaluateNetwork],
    network: networkFamilies[network].title,
    session: await sessionOf(folder),
    settings: settingsOf(config),
    verdict: await verdictAt(folder, config),
    findings: saved
      .filter(({ name, data: figures }) => /^evaluate(-\d+)?$/.test(name) && !isStored(figures['protocol']))
      .map(({ finding }) => finding),
    audit: auditIn(saved),
  };
}

async function sessionOf(folder: RunFolder): Promise<CardSession | null> {
  const sessions = await readSessions(folder);
  const [first, newest] = [sessions[0], sessions.at(-1)];
  if (first === undefined || newest === undefined) return null;
  const processor = newest.engine?.['processor'];
  const { repeat } = newest.commands;
  return {
    startedAt: first.startedAt,
    endedAt: newest.ended?.at ?? null,
    resumed: sessions.length - 1,
    version: String(newest.version),
    processor: processor === undefined ? null : String(processor),
    command: typeof repeat === 'string' ? repeatCommand(repeat) : null,
  };
}

function settingsOf(config: TrainConfig): Readonly<Record<string, string>> {
  const changed = configKeys.filter((key) => config[key] !== defaultConfig[key]);
  return Object.fromEntries(changed.map((key) => [key, shownValue(key, config[key])]));
}

async function verdictAt(folder: RunFolder, config: TrainConfig): Promise<CardVerdict | null> {
  const lines = await readStats(folder.stats);
  const last = lines.at(-1);
  if (last === undefined) return null;
  const { kind, title, figures } = verdictOf(lines, config);
  return { kind, title, figures, step: last.step };
}

/** A finding of the run. */
interface Saved {
  /** The name of its folder. */
  readonly name: string;
  readonly finding: CardFinding;
  readonly data: Readonly<Record<string, unknown>>;
}

async function savedFindings({ analysis }: RunFolder): Promise<readonly Saved[]> {
  const names = await readdir(analysis).catch((): string[] => []);
  names.sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const found: Saved[] = [];
  for (const name of names) {
    const text = await readFile(join(analysis, name, findingFile), 'utf8').catch(() => 'null');
    const saved = recordIn(text);
    if (saved === null || typeof saved['summary'] !== 'string') continue;
    const { title, summary, step, tables, data } = saved;
    const finding: CardFinding = {
      title: typeof title === 'string' ? title : name,
      summary,
      step: typeof step === 'number' ? step : null,
      tables: Array.isArray(tables) ? tables.filter(isTable) : [],
    };
    found.push({ name, finding, data: isRecord(data) ? data : {} });
  }
  return found;
}

/** The audit's finding; its verdict is a text, or an object with a title. */
function auditIn(saved: readonly Saved[]): CardAudit | null {
  const audit = saved.find(({ name }) => name === 'audit');
  if (audit === undefined) return null;
  const { verdict } = audit.data;
  const inside = isRecord(verdict) ? (verdict['title'] ?? verdict['kind'] ?? verdict['text']) : verdict;
  return { ...audit.finding, verdict: typeof inside === 'string' ? inside : audit.finding.title };
}

function isTable(value: unknown): value is FindingTable {
  if (!isRecord(value)) return false;
  const { caption, columns, rows } = value;
  return (
    typeof caption === 'string' && Array.isArray(columns) && Array.isArray(rows) && rows.every(Array.isArray)
  );
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function recordIn(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}
