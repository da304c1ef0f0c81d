// Parses sums of attributes such as `glasses - none + hat` into the exemplars of each term and the expected attributes of the sum.
// Exemplars of a term have the attributes it names and lack all others that the sum names, so that each term stands for one thing:
// here, the exemplars with a hat have no glasses.
import type { AttributeInfo } from '../../data/source.ts';
import { UserError, didYouMean } from '../../errors.ts';

/** One term of the sum. */
export interface AttributeTerm {
  readonly sign: 1 | -1;
  /** For each of the expression's attributes, true if the term's exemplars have it. */
  readonly has: readonly boolean[];
  /** The term's text: `glasses`, `none`, `hat & beard`. */
  readonly text: string;
}

/** A sum of attributes. */
export interface AttributeExpression {
  /** The named attributes in the order of their first mention, as indices into the given ones. */
  readonly attributes: readonly number[];
  readonly terms: readonly AttributeTerm[];
  /** For each attribute, true if the sum should have it. */
  readonly expected: readonly boolean[];
}

/**
 * Parses `glasses - none + hat`: terms joined by + and -, each a binary attribute, several joined by &, or `none`. Throws
 * UserError for anything else, for a sum that is not an image (the number of added terms must be one more than that of
 * subtracted ones), and for one in which an attribute would occur twice or less than 0 times.
 */
export function parseAttributes(
  text: string,
  known: readonly Pick<AttributeInfo, 'name' | 'kind'>[],
): AttributeExpression {
  const refuse = (why: string): UserError => new UserError(`--attributes "${text}": ${why}`);
  const names = known.filter(({ kind }) => kind === 'binary').map(({ name }) => name);
  const tokens = text.match(/[+&-]|[^\s+&-]+/g) ?? [];
  const written: { readonly sign: 1 | -1; readonly names: string[]; text: string }[] = [];
  for (const [i, token] of tokens.entries()) {
    const isName = !/^[+&-]$/.test(token);
    if (isName !== (i % 2 === 0)) {
      const before = i === 0 ? 'at the start' : `after '${tokens[i - 1]}'`;
      throw refuse(
        `got '${token}' ${before}, expected ${i % 2 === 0 ? 'an attribute or none' : '+, - or &'}`,
      );
    }
    if (!isName) {
      if (token !== '&') written.push({ sign: token === '+' ? 1 : -1, names: [], text: '' });
      continue;
    }
    if (i === 0) written.push({ sign: 1, names: [], text: '' });
    const term = written.at(-1)!;
    if (token !== 'none' && !names.includes(token)) {
      const isOther = known.some(({ name }) => name === token);
      throw refuse(
        isOther
          ? `'${token}' is not binary, expected one of: ${names.join(', ')}`
          : `there is no attribute '${token}'${didYouMean(token, names) || `; there are: ${names.join(', ')}`}`,
      );
    }
    if (token === 'none' && (tokens[i - 1] === '&' || tokens[i + 1] === '&')) {
      throw refuse("'none' stands alone: it has none of the attributes that the sum names");
    }
    if (term.names.includes(token)) throw refuse(`'${token}' is named twice in one term`);
    term.text += term.names.length === 0 ? token : ` & ${token}`;
    term.names.push(token);
  }
  if (tokens.length === 0 || tokens.length % 2 === 0) {
    throw refuse(`it ends where an attribute or none is expected, as in "glasses - none + hat"`);
  }
  const named = [...new Set(written.flatMap((term) => term.names))].filter((name) => name !== 'none');
  if (named.length === 0) throw refuse('names no attribute');
  const terms = written.map(({ sign, names: own, text: as }) => ({
    sign,
    has: named.map((name) => own.includes(name)),
    text: as,
  }));
  const balance = terms.reduce((sum, { sign }) => sum + sign, 0);
  if (balance !== 1) {
    const added = terms.filter(({ sign }) => sign > 0).length;
    const subtracted = terms.length - added;
    throw refuse(
      `adds ${added} terms and takes ${subtracted} away, expected one more added than taken: that makes a picture`,
    );
  }
  const expected = named.map((name, a) => {
    const sum = terms.reduce((total, { sign, has }) => total + (has[a] === true ? sign : 0), 0);
    if (sum === 0 || sum === 1) return sum === 1;
    throw refuse(`'${name}' comes out ${sum} times, expected once or not at all`);
  });
  return {
    attributes: named.map((name) => known.findIndex((each) => each.name === name)),
    terms,
    expected,
  };
}
