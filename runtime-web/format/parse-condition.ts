// The text form of a wanted condition: `smiling=1 "wavy hair"=no, age=30`, for attributes in HTML, addresses and command lines.
import type { ConditionField } from './condition-fields.ts';
import { nameIndex } from './names.ts';

type Entry = readonly [name: string, value: unknown];

/**
 * Reads `name=value` entries, separated by commas or spaces, or a JSON object. Names and choices that contain such signs stand in double
 * quotes, or are recognised, the longest first. The name of an attribute alone means yes, and a choice alone that of the field that has
 * it. Throws RangeError for a missing value and invalid JSON.
 */
export function parseCondition(fields: readonly ConditionField[], text: string): readonly Entry[] {
  if (text.trimStart().startsWith('{')) return parseObject(text);
  const names = fields.map(({ name }) => name);
  const heads = [...names, ...fields.flatMap(choicesOf)];
  const entries: Entry[] = [];
  let rest = text.normalize('NFC');
  while ((rest = rest.replace(/^[\s,]+/, '')) !== '') {
    const head = readWord(rest, heads, /^[^\s,=]*/);
    rest = head.rest.trimStart();
    const field = fields[nameIndex(names, head.word)];
    if (rest.startsWith('=')) {
      const value = readWord(rest.slice(1).trimStart(), choicesOf(field), /^[^\s,]*/);
      if (value.word === '') throw new RangeError(`condition: got no value for ${head.word}`);
      entries.push([head.word, value.word]);
      rest = value.rest;
    } else if (field?.kind === 'binary') {
      entries.push([head.word, true]);
    } else if (field === undefined) {
      const having = fields.find((each) => nameIndex(choicesOf(each), head.word) >= 0);
      entries.push([having?.name ?? head.word, head.word]);
    } else {
      throw new RangeError(`condition: got no value for ${head.word}, expected ${head.word}=VALUE`);
    }
  }
  return entries;
}

function parseObject(text: string): readonly Entry[] {
  try {
    return Object.entries(JSON.parse(text) as object);
  } catch {
    throw new RangeError(`condition: got ${text}, expected JSON such as {"name": 1}`);
  }
}

function choicesOf(field: ConditionField | undefined): readonly string[] {
  return field?.kind === 'choice' ? field.choices : [];
}

/** Reads a text in quotes, the longest of the known names, or what the pattern matches, from the start of `text`. */
function readWord(text: string, known: readonly string[], pattern: RegExp): { word: string; rest: string } {
  const quoted = /^"([^"]*)"/.exec(text);
  if (quoted !== null) return { word: quoted[1]!, rest: text.slice(quoted[0].length) };
  const lower = text.toLowerCase();
  const [longest] = known
    .map((name) => name.normalize('NFC').toLowerCase())
    .filter((name) => lower.startsWith(name) && /^($|[\s,=])/.test(text.slice(name.length)))
    .sort((a, b) => b.length - a.length);
  const word = longest === undefined ? pattern.exec(text)![0] : text.slice(0, longest.length);
  return { word, rest: text.slice(word.length) };
}
