// Pages that are bundled as text, by `import page from './page.html' with { type: 'text' }`.
declare module '*.html' {
  const page: string;
  export default page;
}
