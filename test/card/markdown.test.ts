// A card in Markdown: the front matter of the hub, and texts of others that must not become markup.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Card } from '../../trainer/card/card.ts';
import { cardMarkdown } from '../../trainer/card/markdown.ts';
import { exampleCard } from './example-card.ts';

const test = suite('a card in Markdown');

/** The lines between the first two lines of three dashes. */
const frontMatter = (card: Card): readonly string[] =>
  /^---\n([^]*?)\n---\n/.exec(cardMarkdown(card))![1]!.split('\n');

const stated = (more: Partial<Card['stated']>): Card => ({
  ...exampleCard,
  stated: { ...exampleCard.stated, ...more },
});

test('the front matter has the licence of the model, as the hub names it, and none that was not stated', () => {
  assert.equal(
    frontMatter(exampleCard).filter((line) => line.startsWith('license')),
    [],
  );
  assert.equal(frontMatter(stated({ modelLicence: 'CC BY 4.0' }))[0], 'license: cc-by-4.0');
  assert.equal(frontMatter(stated({ modelLicence: 'for "us": only' })).slice(0, 2), [
    'license: other',
    'license_name: "for \\"us\\": only"',
  ]);
  // The licence of the training images is not the model's.
  assert.is(
    frontMatter(stated({ licence: 'MIT' }))
      .join()
      .includes('license'),
    false,
  );
});

test("the hub's task is for models without conditions", () => {
  const task = 'pipeline_tag: unconditional-image-generation';
  assert.ok(frontMatter(exampleCard).includes(task));
  const fields = [{ kind: 'choice', name: 'label', choices: ['cat', 'dog'] }] as const;
  const model = { ...exampleCard.model, conditioning: { kind: 'classes', fields } } as const;
  const card: Card = { ...exampleCard, model };
  assert.not.ok(frontMatter(card).includes(task));
  assert.match(cardMarkdown(card), 'class (cat, dog)');
  assert.match(cardMarkdown(card), "--where 'label=cat'");
});

test('texts of others are neither markup nor rows of a table', () => {
  const text = cardMarkdown(
    stated({
      author: 'a | b\n<script>x</script> [link](javascript:1) `code`',
      failures: ['# blurred', '1. *faces*'],
    }),
  );
  assert.match(
    text,
    '| Author | a \\| b &lt;script&gt;x&lt;/script&gt; \\[link\\](javascript:1) \\`code\\` |',
  );
  assert.match(text, '- \\# blurred\n- \\1. \\*faces\\*');
});

test('what is not stated is said so, and figures stand with their protocol', () => {
  const text = cardMarkdown(exampleCard);
  for (const term of ['Author', 'Contact', 'Licence of the model', 'Data set', 'Licence of the data set']) {
    assert.match(text, `| ${term} | not stated |`);
  }
  assert.match(text, '## Intended use\n\nnot stated\n');
  assert.match(text, '| frechet | 12.5 |');
  assert.match(text, '| network | dcgan-features 1, no FID |');
});

test('figures that an audit has stored stand under the audit alone', () => {
  const protocol = { verdict: 'no sign found' };
  const audit = {
    title: 'Audit',
    summary: 'Stored.',
    step: null,
    tables: [],
    verdict: 'no sign found',
  };
  const text = cardMarkdown({
    ...exampleCard,
    audit,
    metrics: [{ name: 'audit/auc', value: 0.5, protocol }],
  });
  assert.match(
    text,
    /## Evaluation\n\nNothing was measured\.\n\n## Audit\n[^#]*\| Verdict \| no sign found \|[^]*\| audit\/auc \| 0\.5 \|/,
  );
});

test.run();
