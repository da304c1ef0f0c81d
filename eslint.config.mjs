// One rule set for every TypeScript and build file; formatting is Prettier's business.
import js from '@eslint/js';
import globals from 'globals';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', 'runs/**', '.cache/**', 'test/fixtures/**'] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  {
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-console': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    // The browser never imports the trainer, the shared format imports nothing of ours,
    // and of the browser's rooms the trainer sees the format alone.
    files: ['runtime-web/format/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: ['../*', 'node:*'] }] },
  },
  {
    files: ['runtime-web/**/*.ts', 'demo/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: ['**/trainer/**', 'node:*'] }] },
  },
  {
    files: ['**/*.mjs', 'scripts/**', 'test/**', 'trainer/cli.ts'],
    languageOptions: { globals: globals.node },
    rules: { 'no-console': 'off' },
  },
);
