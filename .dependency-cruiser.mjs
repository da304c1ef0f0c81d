// Import rules, checked by `npm run lint`; docs/architecture.md draws them. Type imports count as imports.

/**
 * A rule of severity error: files that match `from` must not import files that match `to`.
 * @param {string} name
 * @param {string} comment
 * @param {object} from
 * @param {object} to
 */
const forbid = (name, comment, from, to, more = {}) => ({
  name,
  comment,
  severity: 'error',
  from,
  to,
  ...more,
});

/** @param {string[]} names */
const rooms = (...names) => `^trainer/(${names.join('|')})/`;
const ground = [
  'files',
  'pictures',
  'findings',
  'graph',
  'engine',
  'objectives',
  'networks',
  'frozen',
  'config',
  'data',
];
const top = ['commands', 'command-line'];

export default {
  forbidden: [
    forbid('no-circle-of-files', 'Files do not import each other in a circle.', {}, { circular: true }),
    forbid(
      'no-circle-of-rooms',
      'Folders do not import each other in a circle.',
      { pathNot: '^test/' },
      { circular: true },
      { scope: 'folder' },
    ),
    forbid(
      'trainer-sees-the-format-only',
      'The trainer imports nothing of the browser but runtime-web/format.',
      { path: '^trainer/' },
      { path: '^(runtime-web/(?!format/)|demo/)' },
    ),
    forbid(
      'browser-sees-no-trainer',
      'Pages load trained models as ONNX files.',
      { path: '^(runtime-web|demo)/' },
      { path: '^trainer/' },
    ),
    forbid(
      'format-stands-alone',
      'The format runs everywhere: it imports nothing but itself.',
      { path: '^runtime-web/format/' },
      { pathNot: '^runtime-web/format/' },
    ),
    forbid(
      'runtime-sees-no-demo',
      'The demo uses the runtime, not the other way round.',
      { path: '^runtime-web/' },
      { path: '^demo/' },
    ),
    forbid(
      'browser-has-no-node',
      "Browsers do not have Node's modules.",
      { path: '^(runtime-web|demo)/' },
      { dependencyTypes: ['core'] },
    ),
    forbid(
      'commands-are-the-top',
      'Only the command line and scripts call commands.',
      { path: '^trainer/', pathNot: [rooms(...top), '^trainer/cli\\.ts$'] },
      { path: rooms(...top) },
    ),
    forbid(
      'ground-floor',
      'Rooms that training uses import only each other.',
      { path: rooms(...ground) },
      { path: '^trainer/', pathNot: [rooms(...ground), '^trainer/(errors|held|job)\\.ts$'] },
    ),
    forbid(
      'source-sees-no-tests',
      'Shipped code imports neither tests nor scripts.',
      { path: '^(trainer|runtime-web|demo)/' },
      { path: '^(test|scripts)/' },
    ),
    forbid(
      'trainer-ships-its-dependencies',
      'The trainer is installed without development dependencies.',
      { path: '^trainer/' },
      { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only', 'npm'] },
    ),
    forbid('imports-resolve', 'Every import names a file or package.', {}, { couldNotResolve: true }),
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/|^test/embed/' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.mjs', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types'],
    },
  },
};
