// Parts of a finding, for commands that answer several questions, each with its own pictures and tables.
import type { Finding } from './findings.ts';

/** One part: its sentence goes into the summary, the rest is appended. */
export interface FindingPart extends Required<Pick<Finding, 'tables' | 'pictures' | 'data'>> {
  readonly sentence: string;
}

/** Joins parts, in their order, to one finding. */
export function findingOf(name: string, title: string, parts: readonly FindingPart[]): Finding {
  return {
    name,
    title,
    summary: parts.map(({ sentence }) => sentence).join(' '),
    tables: parts.flatMap(({ tables }) => tables),
    pictures: parts.flatMap(({ pictures }) => pictures),
    data: Object.assign({}, ...parts.map(({ data }) => data)) as Record<string, unknown>,
  };
}
