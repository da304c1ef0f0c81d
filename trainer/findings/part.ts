// A part of a finding: several questions are answered by one command, each with pictures and tables of its own.
import type { Finding } from './findings.ts';

/** What a part adds to a finding; its sentence goes into the summary. */
export interface FindingPart extends Required<Pick<Finding, 'tables' | 'pictures' | 'data'>> {
  readonly sentence: string;
}

/** A finding of parts, in their order. */
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
