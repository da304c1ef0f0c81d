// Files that are bundled: pages as text, by `import page from './page.html' with { type: 'text' }`, networks as bytes.
declare module '*.html' {
  const page: string;
  export default page;
}
declare module '*.onnx' {
  const bytes: Uint8Array;
  export default bytes;
}
