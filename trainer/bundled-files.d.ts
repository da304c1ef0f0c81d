// Files that are bundled: pages as text, by `import page from './page.html' with { type: 'text' }`, style sheets too, networks as bytes.
declare module '*.html' {
  const page: string;
  export default page;
}
declare module '*.css' {
  const style: string;
  export default style;
}
declare module '*.onnx' {
  const bytes: Uint8Array;
  export default bytes;
}
